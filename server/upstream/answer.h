/*
 * An answer that several askers on several threads share: immutable once made,
 * counted atomically. Any thread may ref and unref.
 */
#pragma once

#include "upstream/ask.h"

struct strbuf;

struct answer {
    _Atomic uint32_t refs;
    struct upstream_answer view; /* what the askers see; its texts are owned */
    char *text;
};

/* Takes the text out of the buffer. The caller holds the first reference. */
struct answer *answer_result(struct strbuf *text);

/* backend_unavailable (503) or bad_request (400), with "name: message". */
struct answer *answer_unavailable(const char *name, const char *message,
                                  int64_t retry_ms);
struct answer *answer_bad_request(const char *message);

/* Lines that were skipped. */
struct answer *answer_gap(uint64_t lost);

struct answer *answer_ref(struct answer *answer);
void answer_unref(struct answer *answer); /* accepts NULL */
