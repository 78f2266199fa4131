/*
 * When the next frame may leave, so that no more than one is on its way to the
 * viewer: a slow line then shows fewer frames, never old ones. What is known of
 * the viewer decides how: its answers to DSR (ECMA-48 8.3.35), a count of bytes
 * that the line has not taken yet, a budget, or nothing.
 *
 * What a slow line degrades, in this order: first the rate, as a frame of data
 * leaves the line free for as long as it took it (longer, the slower); then, from
 * PACE_SLOW on, the clock shows minutes and the second's tick alone draws
 * nothing. Keys are answered before data: their frame goes out although another
 * is under way, but only one.
 *
 * Pure: the time comes as an argument. Main thread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum pace_level {
    PACE_FAST,
    PACE_BUSY, /* frames take PACE_BUSY_MS or more: the status line says so */
    PACE_SLOW  /* PACE_SLOW_MS or more: details are left out */
};

enum {
    PACE_BUSY_MS = 300,
    PACE_SLOW_MS = 1500,
    PACE_UNSURE_MS = 5000, /* no first answer for so long: there will be none */
    PACE_LOST_MS = 10000,  /* an answer missing for so long is lost */
    PACE_LOOK_MS = 50,     /* between looks at the unsent bytes */
    PACE_UNSENT_MAX = 512  /* bytes that may be unsent when a frame leaves */
};

struct pace {
    int64_t frame_ms;    /* the shortest time between frames of data */
    int64_t budget_b_s;  /* bytes per second; 0 = none */
    bool asks;           /* frames end with a question */
    bool answers;        /* and the terminal has answered one */
    unsigned due;        /* questions without an answer */
    int64_t asked_at_ms; /* the oldest of them */
    int64_t sent_at_ms;  /* the newest frame; 0 = none yet */
    int64_t free_at_ms;  /* by the budget, the line is free again */
    int64_t unsent;      /* bytes that the line holds; -1 = not known */
    int64_t delay_ms;    /* how long a frame takes to the viewer, smoothed */
    int64_t window_at_ms;
    uint64_t window_bytes;
    int64_t bytes_per_s; /* of the last whole seconds */
};

/* asks: the terminal is of a family that answers. budget_b_s 0 = none. */
void pace_init(struct pace *p, int64_t frame_ms, int64_t budget_b_s, bool asks);

/* The next frame is to end with a question. */
bool pace_wants_answer(const struct pace *p);

/* A frame of so many bytes left (0: nothing had changed). asked: with a question. */
void pace_sent(struct pace *p, uint64_t bytes, bool asked, int64_t now_ms);

/* Somebody else had the terminal: nothing is under way any more. */
void pace_forget(struct pace *p);

/* An answer came. */
void pace_answered(struct pace *p, int64_t now_ms);

/* Bytes that the line has not taken yet; -1 = nobody can tell. */
void pace_unsent(struct pace *p, int64_t bytes, int64_t now_ms);

/*
 * 0: a frame may leave now. Else the ms after which to ask again (an answer may
 * change it earlier). for_key: somebody waits for it.
 */
int64_t pace_wait_ms(const struct pace *p, bool for_key, int64_t now_ms);

enum pace_level pace_level(const struct pace *p, int64_t now_ms);

/* How long the viewer is behind, ms: as measured, or as long as it takes now. */
int64_t pace_delay_ms(const struct pace *p, int64_t now_ms);

/* Bytes a second, over the last seconds. */
int64_t pace_bytes_per_s(const struct pace *p, int64_t now_ms);
