/*
 * What a dashboard is made of, for the files that make it up (dashboard.c and
 * dashboard_*.c); all others see only dashboard.h. Main thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "app/app.h"
#include "base/strbuf.h"
#include "dashboard_verbs.h"
#include "rewind.h"
#include "theme_picker.h"
#include "ui/canvas.h"
#include "ui/keymap.h"
#include "ui/theme.h"
#include "widgets/line_input.h"

/* Who gets the keys. */
enum dashboard_mode {
    MODE_VIEW,
    MODE_LINE,      /* `/`: the view's line */
    MODE_COMMAND,   /* `:` */
    MODE_FILE,      /* `w`: a file's name */
    MODE_OVERWRITE, /* yes or no */
    MODE_THEME,     /* `t`: the list of themes */
    MODE_PAGE       /* a text lies over the view until the next key */
};

enum {
    DASHBOARD_PAGE_MAX = 8192,
    DASHBOARD_COMMAND_MAX = 4096,
    DASHBOARD_COMMANDS_MAX = 32
};

struct dashboard {
    struct app *app; /* what is shown: the live one, or a past of it */
    struct rewind rewind;
    const struct keymap *keymap;
    struct theme *theme;
    struct dashboard_verbs verbs;
    size_t current;
    struct {
        bool active;   /* Esc returns there */
        bool filtered; /* with a filter that was set for it */
        bool detail;   /* what was jumped to is a detail: it is closed on the way */
        size_t view;
        char filter[FLIGHT_LIST_FILTER_MAX];
    } back;
    void **states; /* per view */
    enum dashboard_mode mode;
    struct line_input line;            /* of `/` */
    struct line_input command;         /* of `:` */
    struct line_input file;            /* of `w` */
    char before[LINE_INPUT_MAX + 1];   /* the view's text before `/` */
    char error[256];                   /* of what is being typed */
    char fixed[DASHBOARD_COMMAND_MAX]; /* options of `:link` that never change */
    struct strbuf page;
    struct theme_picker picker;
    bool help;
    int help_top, help_page;
    bool paused;
    struct canvas *frozen; /* what was shown when the pause began */
    struct rect area;      /* of the view, as last drawn */
    int width, height;     /* of the whole, as last drawn */
    bool ascii;
};
