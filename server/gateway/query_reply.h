/*
 * The way back of a question that another thread answers (provider.h): carries
 * the answer to the io thread and there to the session, if it is still there.
 */
#pragma once

#include <stdint.h>

struct loop;
struct mailbox;
struct query_reply;

/* Io thread. loop: the session's; id: of the client's message. */
struct query_reply *query_reply_new(struct mailbox *mailbox, struct loop *loop,
                                    int64_t id);
