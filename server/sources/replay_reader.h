/*
 * The records of a recording in their order, whatever form they have: finds out
 * which it is from the first line. Times are the recording's own. One thread.
 */
#pragma once

#include "sources/observation_fill.h"

struct strbuf;
struct replay_reader;

enum {
    REPLAY_DOCUMENT_MAX = 64 << 20, /* one document */
    REPLAY_FILES_MAX = 2000         /* documents of a folder */
};

enum replay_next {
    REPLAY_NEXT_RECORD,  /* *ret_obs, and what was refused of it */
    REPLAY_NEXT_REFUSED, /* *ret_reason */
    REPLAY_NEXT_END,
    REPLAY_NEXT_FAILED /* a line in ret_error; the end, too */
};

struct replay_record {
    struct observation obs;
    struct flight_refusals refusals;
    enum observation_reason reason;
};

/* path: a file, or a folder of JSON documents. NULL with a line in ret_error. */
struct replay_reader *replay_reader_open(const char *path, struct strbuf *ret_error);
void replay_reader_close(struct replay_reader *r); /* accepts NULL */

enum replay_next replay_reader_next(struct replay_reader *r,
                                    struct replay_record *ret_record,
                                    struct strbuf *ret_error);
