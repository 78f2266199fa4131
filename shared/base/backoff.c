#include "base/backoff.h"

#include <assert.h>

/* splitmix64, Steele, Lea and Flood 2014: enough for jitter. */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

void backoff_init(struct backoff *b, int64_t base_ms, int64_t max_ms, uint64_t seed)
{
    assert(base_ms >= 1 && max_ms >= base_ms);
    *b = (struct backoff){.base_ms = base_ms, .max_ms = max_ms, .random = seed};
}

int64_t backoff_next_ms(struct backoff *b)
{
    int64_t delay = b->base_ms;
    for (unsigned i = 0; i < b->failures && delay < b->max_ms; i++)
        delay *= 2;
    if (delay > b->max_ms)
        delay = b->max_ms;
    b->failures++;
    int64_t half = delay / 2;
    return delay - half + (int64_t)(next_random(&b->random) % (uint64_t)(half + 1));
}

void backoff_reset(struct backoff *b)
{
    b->failures = 0;
}
