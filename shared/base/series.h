/*
 * The last samples of something measured over time: a ring of (time, value) of
 * fixed capacity, for graphs, sparklines and rates. Times do not go back: a
 * sample that is not newer than the last one replaces the last one's value. A
 * value may be NAN, which is a gap. Owned by one thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct series_sample {
    int64_t at_ms;
    double value;
};

struct series {
    struct series_sample *samples;
    size_t capacity;
    size_t first;
    size_t count;
};

/* An empty ring for `capacity` (at least 1) samples. */
void series_init(struct series *s, size_t capacity);
void series_release(struct series *s);

/* Forgets all samples. */
void series_clear(struct series *s);

/* Adds a sample; the oldest goes when the ring is full. */
void series_add(struct series *s, int64_t at_ms, double value);

/* Drops samples older than at_ms. */
void series_drop_before(struct series *s, int64_t at_ms);

/* Sample i, 0 the oldest; i < s->count. */
struct series_sample series_at(const struct series *s, size_t i);

/* The newest sample; false when there is none. */
bool series_last(const struct series *s, struct series_sample *ret_sample);

/* Smallest and largest value; false when there is none but gaps. */
bool series_range(const struct series *s, double *ret_min, double *ret_max);

/*
 * Of a counter's readings: its growth per second over the last window_ms, a fall
 * taken as a restart from 0 (as Prometheus' rate does). False with less than two
 * samples in the window.
 */
bool series_rate(const struct series *s, int64_t window_ms, double *ret_per_s);

/*
 * The n values (NAN = gap) that a graph of n columns shows of from_ms..to_ms: the
 * mean of the samples that fall into each column.
 */
void series_columns(const struct series *s, int64_t from_ms, int64_t to_ms, size_t n,
                    double *ret_values);
