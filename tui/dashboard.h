/*
 * The dashboard without a terminal: which view is shown, what keys do, what the
 * screen looks like. main puts it on a terminal, script on a plain canvas. One
 * thread.
 */
#pragma once

#include <stdbool.h>

#include "app/app.h"
#include "ui/canvas.h"
#include "ui/key.h"
#include "ui/keymap.h"
#include "ui/theme.h"

struct dashboard;

/* What main has to do that the dashboard cannot. */
struct dashboard_verbs {
    void *data;
    void (*quit)(void *data);
    void (*suspend)(void *data);
    void (*redraw)(void *data);
    void (*reconnect)(void *data);
    void (*theme_changed)(void *data);
};

/* app, keymap and theme are borrowed; the theme is changed in place. */
struct dashboard *dashboard_new(struct app *app, const struct keymap *keymap,
                                struct theme *theme,
                                const struct dashboard_verbs *verbs);
void dashboard_free(struct dashboard *d); /* accepts NULL */

/* Shows the i-th view of views.def. */
void dashboard_show(struct dashboard *d, size_t view);

/* Takes one key. */
void dashboard_key(struct dashboard *d, struct key key);

/* Draws everything. */
void dashboard_draw(struct dashboard *d, struct canvas *canvas);

/* What the screen shows does not follow the data at the moment. */
bool dashboard_is_paused(const struct dashboard *d);
