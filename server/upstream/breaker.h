/*
 * Keeps us from asking a server that does not answer: after BREAKER_FAILURES
 * failures in a row it opens, lets one question through after a growing pause
 * (half open), and closes when that one is answered. Pure; one thread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/backoff.h"

enum { BREAKER_FAILURES = 3, BREAKER_PAUSE_MS = 1000, BREAKER_PAUSE_MAX_MS = 10000 };

struct breaker {
    struct backoff pause;
    unsigned failures; /* in a row */
    int64_t opens_ms;  /* monotonic ms at which the next try may go */
    bool trying;       /* half open: one question is on its way */
};

void breaker_init(struct breaker *b, uint64_t seed);

/* True when a question may be sent now; it must then be reported. */
bool breaker_allow(struct breaker *b, int64_t now_ms);

/* Reports how a question that was allowed ended. */
void breaker_report(struct breaker *b, bool answered, int64_t now_ms);

/* A question that was allowed was withdrawn: nothing was learned. */
void breaker_withdraw(struct breaker *b);

/* Ms until the next try may go; 0 when closed or when one is on its way. */
int64_t breaker_wait_ms(const struct breaker *b, int64_t now_ms);

bool breaker_is_open(const struct breaker *b);
