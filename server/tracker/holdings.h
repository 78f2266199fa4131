/*
 * The aircraft that a tracker keeps: their table, which flight-updates partition
 * each was heard on, and when each was last published. Only aircraft of owned
 * partitions are published and told as gone; rows of others may be there after
 * a recovery and go silently. One thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flight/flight_table.h"

struct holdings;

enum { HOLDINGS_REFRESH_TICKS = 30 }; /* heard but unchanged: published this often */

/* What a step tells. NULL members are not called. */
struct holdings_events {
    void (*on_heard)(void *data, const struct flight *f);   /* before on_publish */
    void (*on_publish)(void *data, const struct flight *f); /* its latest state */
    void (*on_gone)(void *data, uint32_t icao, int64_t heard_at_ms);
};

struct holdings *holdings_new(const struct holdings_events *events, void *data);
void holdings_free(struct holdings *h); /* accepts NULL */

/* Folds in an observation heard on a partition. */
enum flight_apply holdings_apply(struct holdings *h, const struct observation *obs,
                                 int32_t partition);

/* Ours from now on, or no longer: then its aircraft are forgotten. */
void holdings_own(struct holdings *h, int32_t partition);
void holdings_disown(struct holdings *h, int32_t partition);
bool holdings_owns(const struct holdings *h, int32_t partition);

/* The owned partitions, in order; returns how many. */
size_t holdings_partitions(const struct holdings *h, int32_t *ret_partitions,
                           size_t max);

/*
 * Tells what was heard, publishes what changed (all = everything), expires. Ends
 * the tick.
 */
void holdings_step(struct holdings *h, int64_t now_ms, int64_t expire_ms,
                   int64_t adsc_expire_ms, bool all);

/* Calls fn for every aircraft of owned partitions; returns how many. */
size_t holdings_visit(struct holdings *h,
                      void (*fn)(void *data, const struct flight *f), void *data);

/* The aircraft is known and ours. */
bool holdings_has(const struct holdings *h, uint32_t icao);

/* Forgets everything (the partitions stay). */
void holdings_clear(struct holdings *h);
