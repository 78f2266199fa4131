#include "base/series.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"

void series_init(struct series *s, size_t capacity)
{
    assert(capacity > 0);
    *s = (struct series){.capacity = capacity};
    s->samples = xcalloc(capacity, sizeof *s->samples);
}

void series_release(struct series *s)
{
    free(s->samples);
    *s = (struct series){0};
}

void series_clear(struct series *s)
{
    s->first = 0;
    s->count = 0;
}

static struct series_sample *sample(const struct series *s, size_t i)
{
    return &s->samples[(s->first + i) % s->capacity];
}

static void drop_first(struct series *s)
{
    assert(s->count > 0);
    s->first = (s->first + 1) % s->capacity;
    s->count--;
}

void series_add(struct series *s, int64_t at_ms, double value)
{
    assert(s->capacity > 0);
    if (s->count > 0 && at_ms <= sample(s, s->count - 1)->at_ms) {
        sample(s, s->count - 1)->value = value;
        return;
    }
    if (s->count == s->capacity)
        drop_first(s);
    s->count++;
    *sample(s, s->count - 1) = (struct series_sample){.at_ms = at_ms, .value = value};
}

void series_drop_before(struct series *s, int64_t at_ms)
{
    while (s->count > 0 && sample(s, 0)->at_ms < at_ms)
        drop_first(s);
}

struct series_sample series_at(const struct series *s, size_t i)
{
    assert(i < s->count);
    return *sample(s, i);
}

bool series_last(const struct series *s, struct series_sample *ret_sample)
{
    if (s->count == 0)
        return false;
    *ret_sample = *sample(s, s->count - 1);
    return true;
}

bool series_range(const struct series *s, double *ret_min, double *ret_max)
{
    double low = NAN;
    double high = NAN;
    for (size_t i = 0; i < s->count; i++) {
        low = fmin(low, sample(s, i)->value); /* fmin and fmax pass over NAN */
        high = fmax(high, sample(s, i)->value);
    }
    if (isnan(low))
        return false;
    *ret_min = low;
    *ret_max = high;
    return true;
}

bool series_rate(const struct series *s, int64_t window_ms, double *ret_per_s)
{
    double growth = 0;
    struct series_sample last = {0};
    struct series_sample newer = {0};
    bool any = false;
    for (size_t i = s->count; i-- > 0;) {
        struct series_sample this = *sample(s, i);
        if (any && last.at_ms - this.at_ms > window_ms)
            break;
        if (isnan(this.value))
            continue;
        if (!any)
            last = this;
        else
            growth +=
                newer.value >= this.value ? newer.value - this.value : newer.value;
        newer = this;
        any = true;
    }
    if (!any || newer.at_ms == last.at_ms)
        return false;
    *ret_per_s = growth * 1000 / (double)(last.at_ms - newer.at_ms);
    return true;
}

/* The column of a time in from_ms..to_ms. */
static size_t column_of(int64_t at_ms, int64_t from_ms, int64_t to_ms, size_t n)
{
    size_t column =
        (size_t)((double)(at_ms - from_ms) / (double)(to_ms - from_ms) * (double)n);
    return column < n ? column : n - 1;
}

void series_columns(const struct series *s, int64_t from_ms, int64_t to_ms, size_t n,
                    double *ret_values)
{
    size_t in_column = 0;
    size_t previous = SIZE_MAX;
    for (size_t i = 0; i < n; i++)
        ret_values[i] = NAN;
    if (n == 0 || to_ms <= from_ms)
        return;
    for (size_t i = 0; i < s->count; i++) {
        struct series_sample this = *sample(s, i);
        if (this.at_ms < from_ms || this.at_ms > to_ms || isnan(this.value))
            continue;
        size_t column = column_of(this.at_ms, from_ms, to_ms, n);
        in_column = column == previous ? in_column + 1 : 1;
        double mean = in_column > 1 ? ret_values[column] : 0;
        ret_values[column] = mean + (this.value - mean) / (double)in_column;
        previous = column;
    }
}
