/*
 * In the place of the server: says what a recording has, at its times or faster.
 * The app's clock is the recording's. One thread.
 */
#pragma once

#include "app/app.h"

struct loop;
struct replay_link;

struct replay_config {
    const char *path;
    double speed; /* 1 = as it was, 2 = twice as fast */
    void (*on_frame)(void *data);
    void *data;
};

/* NULL with errno set. */
struct replay_link *replay_link_new(struct loop *loop, struct app *app,
                                    const struct replay_config *config);
void replay_link_free(struct replay_link *link); /* accepts NULL */

/* The recording's time now, ms on the monotonic clock. */
int64_t replay_link_now_ms(const struct replay_link *link);

/* It has said everything. */
bool replay_link_ended(const struct replay_link *link);
