/*
 * Relates a source's clock to ours. Ages come from the source's own `now`; what
 * is left to know is how far its clock is from ours, and whether it runs at all:
 * a web server happily serves yesterday's file. The distance is taken from the
 * quickest answer (transport and the wait for the next poll only ever make a
 * document older). Pure; one thread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum {
    SOURCE_CLOCK_NEAR_MS = 60000,  /* farther away: wait until it is seen to run */
    SOURCE_CLOCK_SYNC_MS = 2000,   /* this late or less counts as the same clock */
    SOURCE_CLOCK_FROZEN_MS = 10000 /* least time without progress that is reported */
};

enum source_clock_verdict {
    SOURCE_CLOCK_GOOD,  /* use it, moved by shift_ms */
    SOURCE_CLOCK_SAME,  /* the document of the last poll again: nothing new */
    SOURCE_CLOCK_HOLD,  /* far from our time and not yet seen to run: do not use */
    SOURCE_CLOCK_FROZEN /* has not moved for too long: a stale file */
};

struct source_clock {
    bool started;
    bool trusted;        /* seen near our time, or seen to run */
    int64_t now_ms;      /* the source's, at the last progress */
    int64_t progress_ms; /* ours, then */
    int64_t shift_ms;    /* add to the source's times to get ours */
    int64_t frozen_ms;   /* how long without progress is too long */
};

/* poll_ms: the usual time between two samples. */
void source_clock_init(struct source_clock *clock, int64_t poll_ms);

/* A document of source time now_ms arrived at our_ms. */
enum source_clock_verdict source_clock_sample(struct source_clock *clock,
                                              int64_t now_ms, int64_t our_ms);

/* How long the source's time has stood still, by our clock. */
int64_t source_clock_still_ms(const struct source_clock *clock, int64_t our_ms);
