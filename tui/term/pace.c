#include "term/pace.h"

#include <string.h>

#include "base/macros.h"

enum { WINDOW_MS = 5000, SECOND_MS = 1000, REST_MAX_MS = 10000, UNSURE_MAX = 2 };

void pace_init(struct pace *p, int64_t frame_ms, int64_t budget_b_s, bool asks)
{
    memset(p, 0, sizeof *p);
    p->frame_ms = frame_ms;
    p->budget_b_s = budget_b_s;
    p->asks = asks;
    p->unsent = -1;
}

/* An answer that is missing for long: of the first, that none ever comes. */
static int64_t patience_ms(const struct pace *p)
{
    return p->answers ? PACE_LOST_MS : PACE_UNSURE_MS;
}

static bool is_lost(const struct pace *p, int64_t now_ms)
{
    return p->due > 0 && now_ms - p->asked_at_ms >= patience_ms(p);
}

bool pace_wants_answer(const struct pace *p)
{
    return p->asks;
}

static void count(struct pace *p, uint64_t bytes, int64_t now_ms)
{
    if (p->window_at_ms == 0)
        p->window_at_ms = now_ms;
    p->bytes_per_s = pace_bytes_per_s(p, now_ms);
    if (now_ms - p->window_at_ms >= WINDOW_MS) {
        p->window_at_ms = now_ms;
        p->window_bytes = 0;
    }
    p->window_bytes += bytes;
}

/* The first frame is a whole screen and slower than all others: half of it counts. */
static void measured(struct pace *p, int64_t took_ms)
{
    p->delay_ms = (p->delay_ms + took_ms) / 2;
}

void pace_sent(struct pace *p, uint64_t bytes, bool asked, int64_t now_ms)
{
    count(p, bytes, now_ms);
    if (is_lost(p, now_ms)) {
        p->asks = p->asks && p->answers; /* never one: this terminal is mute */
        p->due = 0;
    }
    p->sent_at_ms = now_ms;
    if (p->budget_b_s > 0) {
        int64_t takes_ms = (int64_t)bytes * SECOND_MS / p->budget_b_s;
        p->free_at_ms = MAX_OF(p->free_at_ms, now_ms) + takes_ms;
        measured(p, takes_ms);
    }
    if (!asked)
        return;
    if (p->due++ == 0)
        p->asked_at_ms = now_ms;
}

void pace_forget(struct pace *p)
{
    p->due = 0;
    p->sent_at_ms = 0;
}

void pace_answered(struct pace *p, int64_t now_ms)
{
    if (p->due == 0)
        return; /* nobody asked */
    int64_t took_ms = now_ms - p->asked_at_ms;
    measured(p, took_ms);
    p->answers = true;
    if (--p->due > 0)
        p->asked_at_ms = p->sent_at_ms; /* the one after it */
}

void pace_unsent(struct pace *p, int64_t bytes, int64_t now_ms)
{
    if (bytes >= 0 && bytes <= PACE_UNSENT_MAX && p->unsent > PACE_UNSENT_MAX)
        measured(p, now_ms - p->sent_at_ms);
    p->unsent = bytes;
}

/* Waiting for what the viewer has not seen yet; 0 = nothing is under way. */
static int64_t in_flight_ms(const struct pace *p, bool for_key, int64_t now_ms)
{
    if (p->unsent > PACE_UNSENT_MAX)
        return PACE_LOOK_MS;
    if (p->due == 0 || is_lost(p, now_ms))
        return 0;
    if (!p->answers) /* perhaps it never will: that must not be felt */
        return for_key || p->due < UNSURE_MAX ? 0 : p->sent_at_ms + SECOND_MS - now_ms;
    if (for_key && p->due == 1)
        return 0;
    return p->asked_at_ms + patience_ms(p) - now_ms;
}

/* How long a frame of data leaves the line to the keys. */
static int64_t rest_ms(const struct pace *p, int64_t now_ms)
{
    enum pace_level level = pace_level(p, now_ms);
    int64_t rest = level == PACE_FAST   ? 0
                   : level == PACE_BUSY ? 2 * p->delay_ms
                                        : 3 * p->delay_ms;
    return MAX_OF(p->frame_ms, MIN_OF(rest, (int64_t)REST_MAX_MS));
}

int64_t pace_wait_ms(const struct pace *p, bool for_key, int64_t now_ms)
{
    int64_t wait = in_flight_ms(p, for_key, now_ms);
    if (p->budget_b_s > 0)
        wait = MAX_OF(wait, p->free_at_ms - now_ms);
    if (!for_key && p->sent_at_ms > 0)
        wait = MAX_OF(wait, p->sent_at_ms + rest_ms(p, now_ms) - now_ms);
    return MAX_OF(wait, 0);
}

int64_t pace_delay_ms(const struct pace *p, int64_t now_ms)
{
    int64_t budgeted = p->budget_b_s > 0 ? p->free_at_ms - now_ms : 0;
    int64_t waiting = p->due > 0 && p->answers ? now_ms - p->asked_at_ms : 0;
    return MAX_OF(p->delay_ms, MAX_OF(waiting, budgeted));
}

enum pace_level pace_level(const struct pace *p, int64_t now_ms)
{
    int64_t delay_ms = pace_delay_ms(p, now_ms);
    return delay_ms >= PACE_SLOW_MS   ? PACE_SLOW
           : delay_ms >= PACE_BUSY_MS ? PACE_BUSY
                                      : PACE_FAST;
}

int64_t pace_bytes_per_s(const struct pace *p, int64_t now_ms)
{
    int64_t span_ms = now_ms - p->window_at_ms;
    if (p->window_at_ms == 0 || span_ms < SECOND_MS)
        return p->bytes_per_s;
    return (int64_t)p->window_bytes * SECOND_MS / span_ms;
}
