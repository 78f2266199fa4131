#include "upstream/breaker.h"

void breaker_init(struct breaker *b, uint64_t seed)
{
    *b = (struct breaker){.failures = 0};
    backoff_init(&b->pause, BREAKER_PAUSE_MS, BREAKER_PAUSE_MAX_MS, seed);
}

bool breaker_is_open(const struct breaker *b)
{
    return b->failures >= BREAKER_FAILURES;
}

bool breaker_allow(struct breaker *b, int64_t now_ms)
{
    if (!breaker_is_open(b))
        return true;
    if (b->trying || now_ms < b->opens_ms)
        return false;
    b->trying = true;
    return true;
}

void breaker_report(struct breaker *b, bool answered, int64_t now_ms)
{
    b->trying = false;
    if (answered) {
        b->failures = 0;
        backoff_reset(&b->pause);
        return;
    }
    if (b->failures < BREAKER_FAILURES)
        b->failures++;
    if (breaker_is_open(b))
        b->opens_ms = now_ms + backoff_next_ms(&b->pause);
}

void breaker_withdraw(struct breaker *b)
{
    b->trying = false;
}

int64_t breaker_wait_ms(const struct breaker *b, int64_t now_ms)
{
    if (!breaker_is_open(b) || b->trying || now_ms >= b->opens_ms)
        return 0;
    return b->opens_ms - now_ms;
}
