/*
 * How many aircraft there are by country, operator, phase and altitude band: one
 * flight-stats record per dimension and minute. With several trackers each
 * counts its own partitions and names them, so that a reader can add up. Pure.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct flight;
struct minute_counts;

/* One record: key is the dimension ("country", ...). */
typedef void (*minute_counts_fn)(void *data, const char *dimension, const char *json,
                                 size_t len);

struct minute_counts *minute_counts_new(void);
void minute_counts_free(struct minute_counts *c); /* accepts NULL */

void minute_counts_add(struct minute_counts *c, const struct flight *f);

/*
 * Tells all dimensions and starts anew. minute_ms: epoch ms of the minute's end;
 * partitions: those that were counted.
 */
void minute_counts_tell(struct minute_counts *c, int64_t minute_ms,
                        const int32_t *partitions, size_t partition_count,
                        minute_counts_fn fn, void *data);
