/*
 * How answers find a session that may have left: whoever waits for one holds a
 * reference to the session's mailbox, which outlives it. Io thread only.
 */
#pragma once

#include <stdint.h>

struct session;

struct mailbox {
    uint32_t refs;
    struct session *session; /* NULL when it is gone */
};

struct mailbox *mailbox_new(struct session *session);
struct mailbox *mailbox_ref(struct mailbox *mailbox);
void mailbox_unref(struct mailbox *mailbox); /* accepts NULL */
