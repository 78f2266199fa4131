/*
 * The single writer of the flight table. Lives on one loop; all functions are
 * called on that loop's thread (or before it runs), except those marked "any
 * thread". Records come in through state_apply_records, whoever reads them; a
 * tick publishes what changed as an immutable frame set.
 *
 * Every record counts once: consumed = applied + stale + invalid + unchanged.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flight/observation.h"
#include "state/trail_point.h"

struct frame_set;
struct loop;
struct metrics;
struct state;

/* One record as Kafka gave it; borrowed during the call. */
struct state_record {
    const char *key;
    size_t key_len;
    const char *value;
    size_t value_len;
    const void *origin; /* handed to on_invalid as it is (the bus record) */
};

/* The frame has one reference, which the callee takes. */
typedef void (*state_frame_fn)(void *data, struct frame_set *take_frame);
typedef void (*state_invalid_fn)(void *data, const struct state_record *record,
                                 enum observation_reason reason);

struct state_config {
    struct loop *loop;
    struct metrics *metrics;
    uint32_t tick_ms;       /* 250 */
    int64_t expire_ms;      /* 300,000: out of the list when not heard for so long */
    int64_t adsc_expire_ms; /* 2,100,000: the same for ADS-C */
    state_frame_fn on_frame;
    void *frame_data;
    state_invalid_fn on_invalid; /* NULL: counted only */
    void *invalid_data;
};

struct state *state_new(const struct state_config *config);
void state_free(struct state *state); /* accepts NULL */

/* This process's epoch: 16 hex digits, new with every state_new. */
const char *state_epoch(const struct state *state);

/*
 * Decodes and applies flight-updates records in their order; now_ms is the wall
 * clock. Counts each; an invalid one goes to on_invalid. Many at once cost less.
 */
void state_apply_records(struct state *state, const struct state_record *records,
                         size_t count, int64_t now_ms);

/* Warm start: an observation that is not a consumed record (Redis, flight-state). */
void state_apply_observation(struct state *state, const struct observation *obs);

/* Starts the tick timer. */
void state_start(struct state *state);

/* Publishes one tick now (the timer's work; tests call it with their own time). */
void state_tick(struct state *state, int64_t now_ms);

/* Age of the newest record, ms (-1 unknown); told with every tick. */
void state_set_lag(struct state *state, int64_t lag_ms);

/* The feed is silent since since_ms (0 = it lives again); source e.g. "kafka". */
void state_set_stale(struct state *state, const char *source, int64_t since_ms);

/*
 * Any thread: asks for the trail of an aircraft since since_ms; fn runs on
 * `loop` with the points, oldest first (borrowed during the call; none when the
 * aircraft is unknown).
 */
typedef void (*state_trail_fn)(void *data, const struct trail_point *points,
                               size_t count);
void state_request_trail(struct state *state, uint32_t icao, int64_t since_ms,
                         struct loop *loop, state_trail_fn fn, void *data);
