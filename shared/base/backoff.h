/*
 * The delay before the next try after a failure: doubles from base to ceiling,
 * with equal jitter (half fixed, half random), so that many clients of a
 * service that came back do not return in step. Pure; one thread.
 */
#pragma once

#include <stdint.h>

struct backoff {
    int64_t base_ms;
    int64_t max_ms;
    unsigned failures; /* in a row */
    uint64_t random;
};

/* base_ms >= 1, max_ms >= base_ms; seed chooses the jitter. */
void backoff_init(struct backoff *b, int64_t base_ms, int64_t max_ms, uint64_t seed);

/* Counts one more failure and returns the delay before the next try, in ms. */
int64_t backoff_next_ms(struct backoff *b);

/* It worked: the next delay starts from base again. */
void backoff_reset(struct backoff *b);
