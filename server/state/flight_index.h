/*
 * An io thread's replica of the flight table: slot -> the immutable row that the
 * state thread published, brought forward by one frame set a tick. Nothing is
 * copied but the pointer (and the position, for fast box scans). Belongs to one
 * thread; what it returns is borrowed until the next flight_index_apply, unless
 * the caller takes a flight_ref. The rows that an apply replaced are freed apart,
 * by flight_index_sweep, so that nobody waits for that.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flight/flight.h"

struct flight_index;
struct frame_set;

/* 1e-5 degrees; lat is FRAME_NO_POSITION when the aircraft has none. */
struct index_position {
    int32_t lat;
    int32_t lon;
};

struct index_removed {
    uint32_t icao;
    uint32_t slot;                  /* that it had */
    struct index_position position; /* the last one */
    uint32_t tick;
    int64_t at_ms;
};

struct flight_index *flight_index_new(void);
void flight_index_free(struct flight_index *index); /* accepts NULL */

/* Brings the index to the frame's tick (frames in order, each once). */
void flight_index_apply(struct flight_index *index, const struct frame_set *frame);

/* Frees what the last apply replaced, unless the next one has done so. */
void flight_index_sweep(struct flight_index *index);

/* The row of an address, NULL when unknown. */
const struct flight *flight_index_find(const struct flight_index *index, uint32_t icao);

/* The row in a slot (0 .. flight_index_slots - 1), NULL when the slot is empty. */
const struct flight *flight_index_at(const struct flight_index *index, size_t slot);

/* Slots ever used; aircraft present. */
size_t flight_index_slots(const struct flight_index *index);
size_t flight_index_count(const struct flight_index *index);

/* Positions by slot, flight_index_slots of them. */
const struct index_position *flight_index_positions(const struct flight_index *index);

/* The last tick at which the age of the slot's position had to be told. */
uint32_t flight_index_seen_pos_tick(const struct flight_index *index, size_t slot);

/* Last tick applied (0 = none yet), its wall clock and period. */
uint32_t flight_index_tick(const struct flight_index *index);
int64_t flight_index_time_ms(const struct flight_index *index);
uint32_t flight_index_tick_ms(const struct flight_index *index);

/* Age of the newest record read from Kafka at that tick, ms; -1 unknown. */
int64_t flight_index_lag_ms(const struct flight_index *index);

/* Since when the feed is silent, 0 when it lives; ret_source (may be NULL): who. */
int64_t flight_index_stale_since_ms(const struct flight_index *index,
                                    const char **ret_source);

/* The body of /api/v1/stats, "{}" before the first. */
const char *flight_index_stats(const struct flight_index *index, size_t *ret_len);

/* Grows with every new stats body. */
uint64_t flight_index_stats_version(const struct flight_index *index);

/* Removals of the last 10 minutes in order of tick; index 0 is the oldest. */
size_t flight_index_removed_count(const struct flight_index *index);
const struct index_removed *flight_index_removed(const struct flight_index *index,
                                                 size_t i);

/* The oldest tick from which a delta is still complete. */
uint32_t flight_index_oldest_cursor(const struct flight_index *index);
