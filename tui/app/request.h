/*
 * The messages a client sends, as JSON text (flightdash-protocol(7)). Each call
 * appends one message to an empty buffer. Pure; any thread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/strbuf.h"

enum { REQUEST_MAX = 16384 };

/* token may be NULL; epoch "" or tick 0: no resume. */
void request_hello(struct strbuf *out, const char *token, const char *epoch,
                   uint32_t tick);

struct request_subscription {
    int id;
    const char *channel;
    double max_hz;     /* 0 = as the server likes */
    bool all_fields;   /* flights: every field by name, the volatile ones too */
    const char *query; /* metrics, logs; NULL = none */
    const char *panel; /* metrics; NULL = none */
    const char *level; /* logs; NULL = none */
    int64_t range_s;   /* metrics; 0 = none */
    int64_t step_s;
};
void request_subscribe(struct strbuf *out, const struct request_subscription *s);
void request_unsubscribe(struct strbuf *out, int id);
void request_resync(struct strbuf *out, int id);
void request_flight(struct strbuf *out, int id, const char *hex, int64_t trail_s);
void request_ack(struct strbuf *out, const char *alert);
