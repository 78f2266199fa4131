/*
 * The line that always tells where we are and how fresh the data is, and the
 * banner that says what is wrong with the link. Pure; one thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ui/canvas.h"

struct status_tab {
    char key;
    const char *title;
    bool current;
};

struct status_facts {
    const struct status_tab *tabs;
    size_t tab_count;
    bool up, stale;
    const char *label; /* "PAUSED", "REPLAY"; NULL = live */
    int64_t age_ms;    /* of the data; -1 = there is none */
    uint32_t tick;
    long flights;
    long alerts;    /* open ones */
    int64_t now_ms; /* epoch */
    bool coarse;    /* the clock shows minutes */
};

void status_bar_top(const struct status_facts *facts, struct canvas *canvas);

struct status_trouble {
    bool down;           /* the link; else the server's own data is stale */
    const char *source;  /* what stopped at the server */
    const char *why;     /* "" = not known */
    int64_t since_ms;    /* epoch */
    int64_t age_ms;      /* the same as an age */
    int64_t next_try_ms; /* from now; < 0 = none */
    int64_t data_age_ms; /* < 0 = no data at all */
};

void status_bar_banner(const struct status_trouble *trouble, struct canvas *canvas,
                       int y);
