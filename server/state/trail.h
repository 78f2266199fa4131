/*
 * Where each aircraft has been: a bounded trail of compact points (12 bytes),
 * in chunks out of one pool with a ceiling. When the pool is used up the oldest
 * chunk of all is taken, so that trails get shorter, never the memory larger.
 * A straight flight at constant height is a point every TRAIL_STRAIGHT_MS, turns
 * and height changes one every TRAIL_TURN_MS. State thread.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "state/trail_point.h"

struct flight;
struct trail_store;

enum {
    TRAIL_CHUNK_POINTS = 8,   /* few: most aircraft of a crowd have one chunk */
    TRAIL_CHUNKS_MAX = 32000, /* 3.3 MiB */
    TRAIL_STRAIGHT_MS = 15000,
    TRAIL_CROWDED_MS = 30000, /* the same with more than TRAIL_CROWD aircraft */
    TRAIL_CROWD = 5000,
    TRAIL_TURN_MS = 4000,
    TRAIL_MAX_AGE_MS = 4 * 3600 * 1000
};

struct trail_store *trail_store_new(size_t chunks_max);
void trail_store_free(struct trail_store *store); /* accepts NULL */

/* Takes the row's position if it adds something; total: aircraft in the table. */
void trail_store_note(struct trail_store *store, const struct flight *f, size_t total);

/*
 * Copies the points at or after since_ms, oldest first, the row's own position
 * last, at most max; returns how many.
 */
size_t trail_store_read(const struct trail_store *store, const struct flight *f,
                        int64_t since_ms, struct trail_point *ret_points, size_t max);

/* Points that are kept of all aircraft. */
size_t trail_store_points(const struct trail_store *store);
