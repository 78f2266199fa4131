#include "settings.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/app.h"
#include "app/replay_link.h"
#include "base/alloc.h"
#include "base/strbuf.h"
#include "flight/filter.h"
#include "term/caps.h"
#include "ui/ini_file.h"
#include "views/views.h"

enum { TOKEN_MAX = 1024 };

/* What completion offers for --view and --theme. */
#define VIEW(symbol)        #symbol "|"
#define THEME(symbol, name) name "|"
#define VIEW_WORDS          view_words
#define THEME_WORDS         theme_words
static const char view_words[] =
#include "views/views.def"
    ;
static const char theme_words[] =
#include "ui/themes.def"
    ;
#undef VIEW
#undef THEME

static const struct option_row option_rows[] = {
#define OPTION(id, name, kind, argument, initial, min, max, choices, flags, help)      \
    [SETTING_##id] = {name, OPTION_##kind, argument, initial, min,                     \
                      max,  choices,       flags,    help},
#include "config_options.def"
#undef OPTION
};

const char *settings_text(const struct settings *s, enum setting option)
{
    const char *text = options_text(s->options, (int)option);
    return text != NULL && text[0] != '\0' ? text : NULL;
}

int64_t settings_int(const struct settings *s, enum setting option)
{
    return options_int(s->options, (int)option);
}

bool settings_flag(const struct settings *s, enum setting option)
{
    return options_flag(s->options, (int)option);
}

bool settings_is_set(const struct settings *s, enum setting option)
{
    return options_origin(s->options, (int)option) != OPTION_FROM_DEFAULT &&
           options_text(s->options, (int)option) != NULL;
}

/* Inside single quotes of a shell. */
static void add_quoted(struct strbuf *out, const char *text)
{
    strbuf_add_char(out, '\'');
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '\'')
            strbuf_add_text(out, "'\\''");
        else
            strbuf_add_char(out, *c);
    }
    strbuf_add_char(out, '\'');
}

void settings_fixed_text(const struct settings *s, struct strbuf *out)
{
    static const enum setting variable[] = {
        SETTING_URL,   SETTING_VIEW,   SETTING_FILTER,  SETTING_SORT, SETTING_THEME,
        SETTING_UNITS, SETTING_CENTRE, SETTING_COLUMNS, SETTING_ZOOM, SETTING_SELECT};
    for (int i = 0; i < SETTING_COUNT; i++) {
        enum setting option = (enum setting)i;
        bool changes = (option_rows[i].flags & OPTION_ACTION) != 0 &&
                       option != SETTING_REPLAY && option != SETTING_SPEED;
        for (size_t k = 0; k < ARRAY_LEN(variable); k++)
            changes |= variable[k] == option;
        if (changes || !settings_is_set(s, option) ||
            (option_rows[i].kind == OPTION_FLAG && !settings_flag(s, option)))
            continue;
        strbuf_addf(out, " \\\n  --%s", option_rows[i].name);
        if (option_rows[i].kind == OPTION_FLAG)
            continue;
        strbuf_add_char(out, ' ');
        add_quoted(out, options_text(s->options, i));
    }
}

/* "--sort (flightdash.conf:3): what" */
static int complain(const struct settings *s, enum setting option, struct strbuf *error,
                    const char *what)
{
    strbuf_addf(error, "%s (from %s): %s", option_rows[option].name,
                options_origin_text(s->options, (int)option), what);
    return -EINVAL;
}

/* ---- files ------------------------------------------------------------------- */

static char *user_path(const char *name)
{
    const char *base = getenv("XDG_CONFIG_HOME");
    const char *home = getenv("HOME");
    struct strbuf path;
    strbuf_init(&path, PATH_MAX);
    if (base != NULL && base[0] == '/')
        strbuf_addf(&path, "%s/flightdash/%s", base, name);
    else if (home != NULL && home[0] == '/')
        strbuf_addf(&path, "%s/.config/flightdash/%s", home, name);
    return path.data != NULL && !path.overflowed ? strbuf_detach(&path) : NULL;
}

static void describe_class(struct settings *s)
{
    size_t n = 0;
    s->user_file = user_path("flightdash.conf");
    if (s->user_file != NULL)
        s->files[n++] = s->user_file;
    s->files[n++] = "/etc/flightdash/flightdash.conf";
    s->class = (struct options_class){
        .program = "flightdash",
        .summary = "Shows live flights and the health of their platform in a terminal.",
        .positional = "[URL]",
        .files = s->files,
        .config_row = SETTING_CONFIG,
        .prefix_row = -1,
        .folder_row = SETTING_THEME,
        .folder = "flightdash/themes",
        .suffix = ".theme",
        .rows = option_rows,
        .row_count = SETTING_COUNT,
    };
}

static int load_text(const struct settings *s, enum setting option, char **ret_text,
                     struct strbuf *error)
{
    const char *path = settings_text(s, option);
    int rc = ini_file_load(path, ret_text);
    if (rc != 0) {
        struct strbuf what;
        strbuf_init(&what, PATH_MAX + 256);
        strbuf_addf(&what, "cannot read %s: %s", path, strerror(-rc));
        complain(s, option, error, strbuf_text(&what));
        strbuf_release(&what);
    }
    return rc;
}

/* ---- checks ------------------------------------------------------------------ */

static int check_url(struct settings *s, struct strbuf *error)
{
    if (settings_flag(s, SETTING_CHECK_THEMES))
        return 0; /* the arguments are files */
    size_t count;
    const char *const *arguments = options_positional(s->options, &count);
    if (count > 1) {
        strbuf_addf(error, "one URL is enough; what is \"%s\"?", arguments[1]);
        return -EINVAL;
    }
    if (count == 1 && options_set(s->options, SETTING_URL, arguments[0], error) != 0)
        return -EINVAL;
    s->url = settings_text(s, SETTING_URL);
    if (s->url == NULL || strstr(s->url, "://") == NULL)
        return complain(s, SETTING_URL, error,
                        "no address of a server; ws://127.0.0.1:8080/ws is one");
    return 0;
}

static int check_view(struct settings *s, struct strbuf *error)
{
    s->view = view_by_name(settings_text(s, SETTING_VIEW) != NULL
                               ? settings_text(s, SETTING_VIEW)
                               : "flights");
    if (s->view < view_count())
        return 0;
    struct strbuf what;
    strbuf_init(&what, 512);
    strbuf_add_text(&what, "no view has this name; there are");
    for (size_t i = 0; i < view_count(); i++)
        strbuf_addf(&what, "%s %s", i > 0 ? "," : "", view_at(i)->name);
    complain(s, SETTING_VIEW, error, strbuf_text(&what));
    strbuf_release(&what);
    return -EINVAL;
}

/* --filter and --watch */
static int check_filter(const struct settings *s, enum setting option,
                        struct strbuf *error)
{
    struct strbuf what;
    strbuf_init(&what, 512);
    const char *text = settings_text(s, option);
    struct filter *filter = text != NULL ? filter_parse(text, &what) : NULL;
    int rc = 0;
    if (text != NULL && filter == NULL)
        rc = complain(s, option, error, strbuf_text(&what));
    filter_free(filter);
    strbuf_release(&what);
    return rc;
}

static int check_columns(struct settings *s, struct strbuf *error)
{
    const char *sort = settings_text(s, SETTING_SORT);
    const char *columns = settings_text(s, SETTING_COLUMNS);
    sort = sort != NULL ? sort : "callsign";
    s->reverse = sort[0] == '-';
    sort += s->reverse ? 1 : 0;
    s->sort = flight_column_by_name(sort, strlen(sort));
    if (s->sort == COLUMN_COUNT)
        return complain(s, SETTING_SORT, error,
                        "no column has this name; see --columns");
    while (columns != NULL && *columns != '\0') {
        size_t n = strcspn(columns, ", ");
        if (n > 0 && flight_column_by_name(columns, n) == COLUMN_COUNT)
            return complain(s, SETTING_COLUMNS, error,
                            "no such column; flightdash(1) lists them");
        columns += n + (columns[n] != '\0' ? 1 : 0);
    }
    return 0;
}

/* "LAT,LON" in degrees. */
static bool parse_place(const char *text, struct geo_point *ret)
{
    char *end;
    struct geo_point p = {.lat_deg = strtod(text, &end)};
    if (end == text || *end != ',')
        return false;
    const char *second = end + 1;
    p.lon_deg = strtod(second, &end);
    if (end == second || *end != '\0' || !geo_point_is_valid(p))
        return false;
    *ret = p;
    return true;
}

static int check_home(struct settings *s, struct strbuf *error)
{
    const char *text = settings_text(s, SETTING_HOME);
    s->has_home = text != NULL && parse_place(text, &s->home);
    return text == NULL || s->has_home
               ? 0
               : complain(s, SETTING_HOME, error,
                          "not LAT,LON in degrees; 47.46,8.55 is");
}

static int check_map(struct settings *s, struct strbuf *error)
{
    const char *centre = settings_text(s, SETTING_CENTRE);
    const char *zoom = settings_text(s, SETTING_ZOOM);
    const char *select = settings_text(s, SETTING_SELECT);
    struct geo_point p;
    char *end = NULL;
    double z = zoom != NULL ? strtod(zoom, &end) : 0;
    if (centre != NULL && !parse_place(centre, &p))
        return complain(s, SETTING_CENTRE, error,
                        "not LAT,LON in degrees; 47.46,8.55 is");
    if (zoom != NULL && (end == zoom || *end != '\0' || !(z >= 0 && z <= 24)))
        return complain(s, SETTING_ZOOM, error, "not a number from 0 to 24");
    if (select != NULL && !flight_parse_hex(select, strlen(select), &s->select))
        return complain(s, SETTING_SELECT, error,
                        "not an address of six hex digits; 4b1814 is");
    return 0;
}

static int check_speed(struct settings *s, struct strbuf *error)
{
    const char *text = settings_text(s, SETTING_SPEED);
    return text != NULL && replay_speed_parse(text, &s->speed)
               ? 0
               : complain(s, SETTING_SPEED, error,
                          "not a number from 0.1 to 1000; 2.5 is");
}

static int check_token(struct settings *s, struct strbuf *error)
{
    char *text;
    if (settings_text(s, SETTING_TOKEN_FILE) == NULL)
        return 0;
    if (load_text(s, SETTING_TOKEN_FILE, &text, error) != 0)
        return -EINVAL;
    size_t n = strcspn(text, "\r\n \t");
    if (n > 0 && n <= TOKEN_MAX)
        s->token = xstrndup(text, n);
    free(text);
    return s->token != NULL ? 0
                            : complain(s, SETTING_TOKEN_FILE, error,
                                       "the first line holds no token");
}

static int check_ca_file(const struct settings *s, struct strbuf *error)
{
    const char *path = settings_text(s, SETTING_CA_FILE);
    return path == NULL || access(path, R_OK) == 0
               ? 0
               : complain(s, SETTING_CA_FILE, error, "cannot read this file");
}

static int check_looks(struct settings *s, struct strbuf *error)
{
    struct strbuf what;
    s->theme_folder = user_path("themes");
    const char *name = settings_text(s, SETTING_THEME);
    strbuf_init(&what, 1024);
    int rc =
        theme_load(&s->theme, name != NULL ? name : "default", s->theme_folder, &what);
    if (rc != 0)
        complain(s, SETTING_THEME, error, strbuf_text(&what));
    keymap_init(&s->keymap);
    if (rc == 0 && settings_text(s, SETTING_KEYMAP) != NULL) {
        char *text;
        rc = load_text(s, SETTING_KEYMAP, &text, error);
        if (rc == 0) {
            rc = keymap_read(&s->keymap, settings_text(s, SETTING_KEYMAP), text, &what);
            if (rc != 0)
                complain(s, SETTING_KEYMAP, error, strbuf_text(&what));
            free(text);
        }
    }
    strbuf_release(&what);
    return rc;
}

int settings_load(struct settings *s, int argc, char **argv, char **env,
                  struct strbuf *ret_error)
{
    memset(s, 0, sizeof *s);
    describe_class(s);
    s->options = options_new(&s->class);
    int rc = options_load(s->options, argc, argv, env, ret_error);
    rc = rc != 0 ? rc : check_url(s, ret_error);
    rc = rc != 0 ? rc : check_view(s, ret_error);
    rc = rc != 0 ? rc : check_filter(s, SETTING_FILTER, ret_error);
    rc = rc != 0 ? rc : check_filter(s, SETTING_WATCH, ret_error);
    rc = rc != 0 ? rc : check_columns(s, ret_error);
    rc = rc != 0 ? rc : check_home(s, ret_error);
    rc = rc != 0 ? rc : check_map(s, ret_error);
    rc = rc != 0 ? rc : check_speed(s, ret_error);
    rc = rc != 0 ? rc : check_token(s, ret_error);
    rc = rc != 0 ? rc : check_ca_file(s, ret_error);
    rc = rc != 0 ? rc : check_looks(s, ret_error);
    if (rc == 0)
        unit_system_parse(settings_text(s, SETTING_UNITS), &s->units);
    return rc != 0 ? -EINVAL : 0;
}

void settings_apply(const struct settings *s, struct app *app)
{
    const char *columns = settings_text(s, SETTING_COLUMNS);
    const char *filter = settings_text(s, SETTING_FILTER);
    struct strbuf error;
    app->units = s->units;
    app->has_home = s->has_home;
    app->home = s->home;
    app->selected = s->select;
    app->token = s->token != NULL ? xstrdup(s->token) : NULL;
    snprintf(app->columns, sizeof app->columns, "%s", columns != NULL ? columns : "");
    for (char *c = app->columns; *c != '\0'; c++)
        *c = *c == ',' ? ' ' : *c;
    flight_list_sort_by(&app->list, s->sort, s->reverse);
    strbuf_init(&error, 256);
    flight_list_set_filter(&app->list, filter != NULL ? filter : "", &error);
    if (settings_text(s, SETTING_WATCH) != NULL)
        flight_watch_set(&app->watch, settings_text(s, SETTING_WATCH), &error);
    app->watch.near_nm = (double)settings_int(s, SETTING_NEAR);
    strbuf_release(&error);
}

void settings_release(struct settings *s)
{
    options_free(s->options);
    free(s->user_file);
    free(s->token);
    free(s->theme_folder);
    memset(s, 0, sizeof *s);
}

enum canvas_dots settings_dots(const struct settings *s, const char *term)
{
    const char *kind = settings_text(s, SETTING_DOTS);
    if (strcmp(kind, "blocks") == 0)
        return CANVAS_BLOCKS;
    if (strcmp(kind, "ascii") == 0)
        return CANVAS_ASCII;
    /* The console's fonts have half blocks, but no braille. */
    return strcmp(kind, "auto") == 0 && strcmp(term, "linux") == 0 ? CANVAS_BLOCKS
                                                                   : CANVAS_BRAILLE;
}

int settings_colours(const struct settings *s)
{
    static const struct {
        const char *word;
        int colours;
    } rows[] = {
        {"auto", CAPS_COLOURS_AUTO},
        {"true", DEPTH_TRUE},
        {"256", DEPTH_256},
        {"16", DEPTH_16},
        {"8", DEPTH_8},
        {"none", DEPTH_MONO},
    };
    size_t i = 0;
    while (strcmp(rows[i].word, settings_text(s, SETTING_COLORS)) != 0)
        i++; /* options_load knows no other word */
    return settings_flag(s, SETTING_NO_COLOR) ? DEPTH_MONO : rows[i].colours;
}
