/*
 * What the dashboard asks of the program around it: a terminal answers by doing
 * it, a script by remembering it. Every verb is set. Main thread.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "app/replay_link.h"

struct dashboard_verbs {
    void *data;
    void (*quit)(void *data);
    void (*suspend)(void *data);
    void (*redraw)(void *data);
    void (*reconnect)(void *data);
    void (*theme_changed)(void *data);

    /* Puts a text into the clipboard of the person's terminal (OSC 52). */
    void (*copy)(void *data, const char *text, size_t len);

    /* Only asked for while the app is replaying. */
    void (*replay)(void *data, enum replay_verb verb, int64_t amount);
};
