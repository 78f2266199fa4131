/*
 * In the place of the server: says what a recording has, at its times or faster,
 * forwards and back. Its clock goes in steps of REPLAY_STEP_MS times the speed,
 * and no step begins before the last one was drawn: so two replays draw the same
 * frames, on a slow line later. One thread.
 */
#pragma once

#include "app/app.h"

struct loop;
struct replay_link;

enum { REPLAY_STEP_MS = 250 };

struct replay_config {
    const char *path;
    double speed; /* 1 = as it was, 2 = twice as fast */
    void (*on_frame)(void *data);
    void *data;
};

/* loop NULL: time goes on only by replay_link_skip. NULL with errno set. */
struct replay_link *replay_link_new(struct loop *loop, struct app *app,
                                    const struct replay_config *config);
void replay_link_free(struct replay_link *link); /* accepts NULL */

/* The recording's time now on the app's monotonic clock, ms. */
int64_t replay_link_now_ms(const struct replay_link *link);

/* How far it is into the recording, ms. */
int64_t replay_link_at_ms(const struct replay_link *link);

/* What it has said was drawn: the next step may come. */
void replay_link_drawn(struct replay_link *link);

/* It has said everything. */
bool replay_link_ended(const struct replay_link *link);

bool replay_link_paused(const struct replay_link *link);
void replay_link_pause(struct replay_link *link, bool paused);

/* Pauses, and goes on to the next frame that the recording has. */
void replay_link_step(struct replay_link *link);

/* Goes to a time, or by a time; back means from the beginning again. */
void replay_link_seek(struct replay_link *link, int64_t at_ms);
void replay_link_skip(struct replay_link *link, int64_t ms);

/* "2", "0.5": 0.1 to 1000 times as fast. False when it is none of these. */
bool replay_speed_parse(const char *text, double *ret_speed);

void replay_link_set_speed(struct replay_link *link, double speed);
double replay_link_speed(const struct replay_link *link);

/* The same as one verb with an amount: what keys and commands say. */
enum replay_verb {
    REPLAY_PAUSE, /* or go on */
    REPLAY_STEP,
    REPLAY_SKIP, /* by ms */
    REPLAY_SEEK, /* to ms since its begin */
    REPLAY_SPEED /* percent */
};
void replay_link_do(struct replay_link *link, enum replay_verb verb, int64_t amount);
