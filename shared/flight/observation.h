/*
 * What one message of one source says of one aircraft: the decoders' product
 * and flight_table_apply's input. A field is present (it has a value), cleared
 * (the source says it became unknown: JSON null) or neither (not in this
 * message). A plain value; copy it freely.
 */
#pragma once

#include <stdint.h>

#include "flight/flight.h"

struct observation {
    uint32_t icao;       /* with FLIGHT_NON_ICAO; 0 is never an aircraft */
    int64_t now_ms;      /* time of the observation: the order key, epoch ms */
    int64_t heard_at_ms; /* now - seen; <= now_ms */
    int64_t pos_at_ms;   /* now - seen_pos; 0 when there is no position */
    uint64_t present;    /* sets of enum flight_field */
    uint64_t cleared;
    struct flight_values v;
};

/*
 * Why a record or field was refused; the `reason` label of the counters and of
 * dead letters. One row each: OBSERVATION_REASONS(X) X(ID, "text").
 */
#define OBSERVATION_REASONS(X)                                                         \
    X(NONE, "none")                                                                    \
    X(NOT_JSON, "not_json")                                                            \
    X(NOT_OBJECT, "not_object")                                                        \
    X(TOO_LARGE, "too_large")                                                          \
    X(DUPLICATE_KEY, "duplicate_key")                                                  \
    X(BAD_HEX, "bad_hex")                                                              \
    X(NO_HEX, "no_hex")                                                                \
    X(WRONG_KEY, "wrong_key")                                                          \
    X(NO_TIME, "no_time")                                                              \
    X(BAD_TIME, "bad_time")                                                            \
    X(FUTURE, "future")                                                                \
    X(BAD_TYPE, "bad_type")                                                            \
    X(OUT_OF_RANGE, "out_of_range")                                                    \
    X(BAD_POSITION, "bad_position")                                                    \
    X(BAD_LINE, "bad_line")                                                            \
    X(EMPTY, "empty")                                                                  \
    X(TABLE_FULL, "table_full")

enum observation_reason {
#define X(id, text) OBSERVATION_##id,
    OBSERVATION_REASONS(X)
#undef X
        OBSERVATION_REASON_COUNT
};

/* The reason's text, for labels and headers. */
const char *observation_reason_text(enum observation_reason reason);
