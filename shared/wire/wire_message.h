/*
 * A message of the server as a value: what the decoders (wire_scan, wire_decode)
 * make of a frame. It owns its arrays and its body; wire_message_release frees
 * them. One thread at a time.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flight/observation.h"

struct json_t; /* jansson */

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

/* Frees what the message owns; it may be released again. */
void wire_message_release(struct wire_message *message);

/* Ages that a row tells, ms; -1 = not told. */
struct wire_ages {
    int64_t seen_ms, seen_pos_ms;
};

/* The times of a row of a message of time_ms: the protocol's rules of ages. */
void wire_settle_ages(struct observation *obs, struct wire_ages ages, int64_t time_ms,
                      bool snapshot);
