/*
 * The log lines that were received, in order of time, the oldest making room.
 * Owned by the app; one thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_t;

enum log_mark { LOG_MARK_ERROR, LOG_MARK_WARN, LOG_MARK_INFO, LOG_MARK_DEBUG };
enum { LOG_RING_MAX = 1000, LOG_MESSAGE_MAX = 1024, LOG_FIELDS_MAX = 16384 };

struct log_line {
    int64_t time_ms; /* epoch; 0 = not said */
    enum log_mark mark;
    char service[32];
    char *message; /* one line */
    char *fields;  /* all fields, "name: value\n" each */
};

struct log_ring {
    struct log_line *lines; /* circular; NULL while empty */
    size_t first, count;
    uint64_t received; /* grows with every line: tells whether something is new */
    uint64_t lost;     /* told by `gap` */
    bool accepted;     /* the server took the query */
    bool told;         /* and has answered it */
    char problem[256]; /* why there are none; "" = no problem */
};

/* Takes a `log` message; returns the lines added. */
size_t log_ring_take(struct log_ring *ring, const struct json_t *body);

/* Line i, 0 the oldest; i < count. */
const struct log_line *log_ring_at(const struct log_ring *ring, size_t i);

/* Forgets the lines (a new query). */
void log_ring_clear(struct log_ring *ring);
void log_ring_release(struct log_ring *ring);
