#include "sources/source_clock.h"

#include "base/macros.h"

enum { FROZEN_POLLS = 5, CREEP_MS_PER_S = 1, JUMP_MS = 30000 };

void source_clock_init(struct source_clock *clock, int64_t poll_ms)
{
    *clock = (struct source_clock){
        .frozen_ms = MAX_OF(FROZEN_POLLS * poll_ms, (int64_t)SOURCE_CLOCK_FROZEN_MS)};
}

int64_t source_clock_still_ms(const struct source_clock *clock, int64_t our_ms)
{
    return clock->started ? our_ms - clock->progress_ms : 0;
}

/* A clock that is a little behind is ours plus the way here: no shift at all. */
static int64_t settle(int64_t offset_ms)
{
    return offset_ms >= 0 && offset_ms <= SOURCE_CLOCK_SYNC_MS ? 0 : offset_ms;
}

static void start_over(struct source_clock *clock, int64_t now_ms, int64_t our_ms)
{
    clock->started = true;
    clock->now_ms = now_ms;
    clock->progress_ms = our_ms;
    clock->shift_ms = settle(our_ms - now_ms);
    clock->trusted = our_ms - now_ms <= SOURCE_CLOCK_NEAR_MS &&
                     now_ms - our_ms <= SOURCE_CLOCK_NEAR_MS;
}

/* The least distance seen, creeping up slowly so that drift is followed. */
static void follow(struct source_clock *clock, int64_t offset_ms, int64_t passed_ms)
{
    if (clock->shift_ms == 0 && settle(offset_ms) == 0)
        return;
    int64_t crept = clock->shift_ms + passed_ms / 1000 * CREEP_MS_PER_S;
    if (offset_ms > clock->shift_ms + JUMP_MS) /* it was set back */
        clock->shift_ms = settle(offset_ms);
    else
        clock->shift_ms = settle(MIN_OF(crept, offset_ms));
}

enum source_clock_verdict source_clock_sample(struct source_clock *clock,
                                              int64_t now_ms, int64_t our_ms)
{
    if (!clock->started || now_ms < clock->now_ms) {
        start_over(clock, now_ms, our_ms);
        return clock->trusted ? SOURCE_CLOCK_GOOD : SOURCE_CLOCK_HOLD;
    }
    if (now_ms == clock->now_ms) {
        if (source_clock_still_ms(clock, our_ms) >= clock->frozen_ms)
            return SOURCE_CLOCK_FROZEN;
        return clock->trusted ? SOURCE_CLOCK_SAME : SOURCE_CLOCK_HOLD;
    }
    int64_t passed_ms = our_ms - clock->progress_ms;
    clock->now_ms = now_ms;
    clock->progress_ms = our_ms;
    if (clock->trusted)
        follow(clock, our_ms - now_ms, passed_ms);
    else
        clock->shift_ms = settle(our_ms - now_ms);
    clock->trusted = true;
    return SOURCE_CLOCK_GOOD;
}
