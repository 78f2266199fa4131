/*
 * Where an app's data comes from: a server, kept in a file when that is wanted, or
 * a recording. What the terminal, --plain and --once have in common. Main thread.
 */
#pragma once

#include <stdbool.h>

#include "settings.h"

struct app;
struct loop;
struct record;
struct replay_link;
struct server_link;
struct strbuf;

struct feed {
    struct app *app;
    struct server_link *link;   /* NULL during a replay */
    struct replay_link *replay; /* NULL with a server */
    struct record *record;      /* NULL = not kept */
};

/* Who is told after each frame. */
struct feed_listener {
    void (*on_frame)(void *data);
    void *data;
};

/*
 * Opens what the settings ask for. False with a sentence in ret_error; close
 * either way.
 */
bool feed_open(struct feed *feed, struct loop *loop, struct app *app,
               const struct settings *settings, struct feed_listener listener,
               struct strbuf *ret_error);
void feed_close(struct feed *feed);

/* The app's clocks: ours, or the recording's. */
void feed_set_time(const struct feed *feed);

/* Once a second: a server that is silent is left. */
void feed_check(const struct feed *feed);
