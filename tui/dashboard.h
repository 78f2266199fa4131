/*
 * The dashboard without a terminal: which view is shown, what keys do, what the
 * screen looks like. main puts it on a terminal, script on a plain canvas. One
 * thread.
 */
#pragma once

#include <stdbool.h>

#include "app/app.h"
#include "dashboard_verbs.h"
#include "ui/canvas.h"
#include "ui/key.h"
#include "ui/keymap.h"
#include "ui/theme.h"

struct dashboard;

/* app, keymap and theme are borrowed; the theme is changed in place. */
struct dashboard *dashboard_new(struct app *app, const struct keymap *keymap,
                                struct theme *theme,
                                const struct dashboard_verbs *verbs);
void dashboard_free(struct dashboard *d); /* accepts NULL */

/*
 * What a program with settings adds: the theme's name as it was asked for, the
 * folder of the user's themes (NULL = none), and the options that `:link` prints
 * as they are (" \\\n  --name value" each).
 */
void dashboard_set_looks(struct dashboard *d, const char *theme, const char *folder,
                         const char *fixed_options);

/* Shows a line to the person for a few seconds. */
void dashboard_notice(struct dashboard *d, const char *text);

/* Once a second: the theme's file, when it was saved; the present, for later. */
void dashboard_second(struct dashboard *d);

/* Shows the i-th view of views.def. */
void dashboard_show(struct dashboard *d, size_t view);

/* Takes one key. */
void dashboard_key(struct dashboard *d, struct key key);

/* Draws everything. */
void dashboard_draw(struct dashboard *d, struct canvas *canvas);

/* What the screen shows does not follow the data at the moment. */
bool dashboard_is_paused(const struct dashboard *d);
