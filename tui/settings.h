/*
 * flightdash's configuration as one checked value: a mistake ends the program
 * with one line before the terminal is touched. Main thread.
 */
#pragma once

#include <stdbool.h>

#include "app/flight_column.h"
#include "base/options.h"
#include "ui/canvas.h"
#include "ui/keymap.h"
#include "ui/theme.h"

struct strbuf;

enum setting {
#define OPTION(id, ...) SETTING_##id,
#include "config_options.def"
#undef OPTION
    SETTING_COUNT
};

struct settings {
    struct options *options; /* owned */
    struct options_class class;
    char *user_file; /* owned; NULL without a home */
    const char *files[3];
    const char *url;
    size_t view;
    char *token; /* owned; NULL = none */
    struct theme theme;
    struct keymap keymap;
    enum unit_system units;
    bool has_home;
    struct geo_point home;
    enum flight_column sort;
    bool reverse;
    double speed;       /* of --replay */
    uint32_t select;    /* 0 = none */
    char *theme_folder; /* owned; NULL without a home */
};

/*
 * Reads and checks everything. 0, or -EINVAL with one line in ret_error.
 * Release either way.
 */
int settings_load(struct settings *s, int argc, char **argv, char **env,
                  struct strbuf *ret_error);
void settings_release(struct settings *s);

/* Tells the app what it must know of them. */
struct app;
void settings_apply(const struct settings *s, struct app *app);

/* The options that `:link` repeats as they are: all that were set but the screen's. */
void settings_fixed_text(const struct settings *s, struct strbuf *out);

/* Somebody said it: a file, the environment or the command line. */
bool settings_is_set(const struct settings *s, enum setting option);

/* Short forms; text is NULL when empty. */
const char *settings_text(const struct settings *s, enum setting option);
int64_t settings_int(const struct settings *s, enum setting option);
bool settings_flag(const struct settings *s, enum setting option);

/* What pictures are made of on a terminal of this name (terminfo). */
enum canvas_dots settings_dots(const struct settings *s, const char *term);

/* How many colours were asked for: as caps_find takes them. */
int settings_colours(const struct settings *s);
