/*
 * The aircraft that are known now, by address, with the tick at which each
 * field last changed: the one implementation for server and terminal. A single
 * thread owns a table. Rows may be shared with other threads by flight_ref;
 * the table copies a shared row before it writes (copy on write).
 *
 * Ticks are given by the caller and only grow. A removed aircraft leaves a
 * tombstone for FLIGHT_TOMBSTONE_MS, so that an older cursor can be told; what
 * is older than the oldest tombstone needs a snapshot
 * (flight_table_oldest_cursor). A slot is not used again in the tick in which
 * it became free.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flight/observation.h"

enum {
    FLIGHT_TABLE_MAX = 131072,    /* aircraft; over it new ones are refused */
    FLIGHT_TOMBSTONE_MS = 600000, /* 10 minutes */
    FLIGHT_TOMBSTONE_MAX = 262144,
    FLIGHT_FUTURE_MS = 60000 /* accepted lead of `now` over our clock */
};

enum flight_apply {
    FLIGHT_APPLIED,   /* something changed */
    FLIGHT_UNCHANGED, /* heard again, nothing new */
    FLIGHT_STALE,     /* older than what is known */
    FLIGHT_REFUSED    /* the table is full */
};

struct flight_tombstone {
    uint32_t icao;
    uint32_t tick;
    int64_t at_ms;
};

struct flight_table;

struct flight_table *flight_table_new(void);
void flight_table_free(struct flight_table *t);

/*
 * Folds one observation into the table at `tick`. Equal now_ms counts as newer
 * (records of a partition arrive in order of offset). A changed or newly heard
 * row is remembered for flight_table_take_touched.
 */
enum flight_apply flight_table_apply(struct flight_table *t,
                                     const struct observation *obs, uint32_t tick);

/*
 * Starts to fetch the rows of observations that are about to be applied into the
 * cache: waiting for memory is most of what applying one costs, and the waits
 * of a few overlap. Changes nothing.
 */
void flight_table_prefetch(const struct flight_table *t,
                           const struct observation *observations, size_t count);

/*
 * Sets a row as the wire says, without the order check: `replace` first forgets
 * all fields. A delta names only what changed, so latitude may come alone, and
 * pos_at_ms (0 = not said) without either. NULL when the table is full. For the
 * terminal's copy of the server's table.
 */
struct flight *flight_table_put(struct flight_table *t, const struct observation *obs,
                                bool replace, uint32_t tick);

/* Removes an aircraft, leaving a tombstone; false when it is not there. */
bool flight_table_remove(struct flight_table *t, uint32_t icao, uint32_t tick,
                         int64_t now_ms);

/*
 * Removes what was not heard for expire_ms (ADS-C: adsc_expire_ms) and purges
 * old tombstones. Costs O(aircraft). Returns the number removed.
 */
size_t flight_table_expire(struct flight_table *t, int64_t now_ms, int64_t expire_ms,
                           int64_t adsc_expire_ms, uint32_t tick);

/* The row of an address, NULL when unknown. Borrowed until the next change. */
const struct flight *flight_table_find(const struct flight_table *t, uint32_t icao);

/* The row in a slot (0 .. flight_table_slots - 1), NULL when the slot is empty. */
struct flight *flight_table_at(const struct flight_table *t, size_t slot);

/* Slots ever used, aircraft present. */
size_t flight_table_slots(const struct flight_table *t);
size_t flight_table_count(const struct flight_table *t);

/*
 * The slots heard or changed since the last call, each once, in order of first
 * touch, without those that have since become empty; the list is emptied.
 * Borrowed until the next change.
 */
const uint32_t *flight_table_take_touched(struct flight_table *t, size_t *ret_count);

/*
 * Tombstones in order of tick; index 0 is the oldest. An aircraft that came back
 * keeps its tombstone: its row was born after, or in the same tick.
 */
size_t flight_table_tombstones(const struct flight_table *t);
const struct flight_tombstone *flight_table_tombstone(const struct flight_table *t,
                                                      size_t i);

/* The oldest tick from which a delta is still complete (0 = from the beginning). */
uint32_t flight_table_oldest_cursor(const struct flight_table *t);

/* Forgets everything, tombstones too; as new: ticks may start again. */
void flight_table_clear(struct flight_table *t);
