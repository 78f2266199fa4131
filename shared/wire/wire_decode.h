/*
 * One text frame of flightdash.v1.json from the server -> one value. Total: any
 * bytes give a message or an error, never a crash; what a message says wrongly
 * of one field is left out and counted, unknown members are ignored, so that an
 * older client reads a newer server. Pure; any thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flight/observation.h"

struct json_t; /* jansson */
struct strbuf;

#define WIRE_TYPES(X)                                                                  \
    X(WELCOME, "welcome")                                                              \
    X(SUBSCRIBED, "subscribed")                                                        \
    X(SNAPSHOT, "snapshot")                                                            \
    X(DELTA, "delta")                                                                  \
    X(TICK, "tick")                                                                    \
    X(HEALTH, "health")                                                                \
    X(ALERT, "alert")                                                                  \
    X(METRICS, "metrics")                                                              \
    X(LOG, "log")                                                                      \
    X(STATS, "stats")                                                                  \
    X(PIPELINE, "pipeline")                                                            \
    X(FLIGHT, "flight")                                                                \
    X(RESULT, "result")                                                                \
    X(PONG, "pong")                                                                    \
    X(GAP, "gap")                                                                      \
    X(RATE, "rate")                                                                    \
    X(STALE, "stale")                                                                  \
    X(GOAWAY, "goaway")                                                                \
    X(ERROR, "error")

enum wire_type {
    WIRE_UNKNOWN, /* a type this client does not know: to be ignored */
#define X(id, name) WIRE_##id,
    WIRE_TYPES(X)
#undef X
};

enum {
    WIRE_FRAME_MAX = 4 * 1024 * 1024, /* larger frames are refused */
    WIRE_TEXT_SIZE = 256
};

struct wire_removed {
    uint32_t icao;
    bool expired; /* else it left the subscription */
};

struct wire_message {
    enum wire_type type;
    int64_t id; /* of the subscription or request; 0 = none */
    uint32_t tick;
    uint32_t base_tick; /* delta: what the client must be at */
    int64_t time_ms;    /* of the server, epoch; 0 = not said */

    struct observation *flights; /* snapshot: flights; delta: changed */
    bool *entered;               /* per flight: comes whole ("new") */
    size_t flight_count;
    struct wire_removed *removed;
    size_t removed_count;
    size_t refused; /* rows and fields that could not be used */
    bool last;      /* snapshot: this is the last part */
    bool first;     /* snapshot: this is the first part */

    char epoch[24]; /* welcome */
    int64_t tick_ms;
    bool resumed;
    int64_t total, matching, lag_ms; /* tick; -1 = not said */
    int64_t retry_ms;                /* error, goaway; -1 = not said */
    int64_t since_ms;                /* stale */
    int64_t lost;                    /* gap */
    double max_hz;                   /* rate */
    char code[WIRE_TEXT_SIZE];       /* error; stale: source; welcome: server */
    char text[WIRE_TEXT_SIZE];       /* error: message; goaway, rate: reason */

    /* The whole object, for what is not decoded here; NULL: snapshot and delta. */
    struct json_t *body;
};

/*
 * 0; -EMSGSIZE, -EBADMSG (not an object with a `type`) with a sentence in
 * ret_error. Release the message after use in any case.
 */
int wire_decode(const char *frame, size_t len, struct wire_message *ret_message,
                struct strbuf *ret_error);
void wire_message_release(struct wire_message *message);

/* The same, always through the JSON library: what the scanner is compared with. */
int wire_decode_carefully(const char *frame, size_t len,
                          struct wire_message *ret_message, struct strbuf *ret_error);

/* The flight of an object such as {"hex":..,"lat":..}; false when it has no hex. */
bool wire_decode_flight(const struct json_t *object, int64_t time_ms, bool snapshot,
                        struct observation *ret_flight, size_t *ret_refused);

/* Ages that a row tells, ms; -1 = not told. */
struct wire_ages {
    int64_t seen_ms, seen_pos_ms;
};

/* The times of a row of a message of time_ms: the protocol's rules of ages. */
void wire_settle_ages(struct observation *obs, struct wire_ages ages, int64_t time_ms,
                      bool snapshot);
