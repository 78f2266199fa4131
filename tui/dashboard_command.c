#include "dashboard_command.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/place.h"
#include "command.h"
#include "dashboard_keep.h"
#include "dashboard_state.h"
#include "export.h"
#include "views/age_text.h"
#include "views/views.h"

enum { EXPORT_MAX = 256 << 20 };

/* ---- time -------------------------------------------------------------------------
 */

/* Flights, alerts and services have a past; graphs and log lines are those of now. */
static bool has_past(const struct dashboard *d)
{
    enum context context = view_at(d->current)->context;
    return context == CONTEXT_OVERVIEW || context == CONTEXT_FLIGHTS ||
           context == CONTEXT_MAP || context == CONTEXT_ALERTS ||
           context == CONTEXT_SERVICES;
}

void dashboard_choose_app(struct dashboard *d)
{
    struct app *app =
        d->rewind.active && has_past(d) ? &d->rewind.past : d->rewind.live;
    if (app != d->app && d->rewind.active)
        rewind_share(d->app, app);
    d->app = app;
    d->app->changes++;
}

void dashboard_go(struct dashboard *d, int64_t ms)
{
    if (d->rewind.live->replaying) {
        d->verbs.replay(d->verbs.data, REPLAY_SKIP, ms);
        return;
    }
    if (d->app == d->rewind.live && d->rewind.active)
        rewind_share(d->app, &d->rewind.past);
    d->app = d->rewind.live; /* the past may end here */
    if (!rewind_skip(&d->rewind, ms))
        app_notice(d->app, "nothing is kept yet: the past begins with the first data");
    dashboard_choose_app(d);
}

/* "90", "1:30", "-10": seconds, with a sign relative. */
static bool parse_seconds(const char *text, bool *ret_relative, int64_t *ret_ms)
{
    char *end;
    bool minus = text[0] == '-';
    *ret_relative = minus || text[0] == '+';
    text += *ret_relative ? 1 : 0;
    double s = strtod(text, &end);
    if (end == text || !(s >= 0 && s < 1e6))
        return false;
    if (*end == ':') {
        const char *rest = end + 1;
        double more = strtod(rest, &end);
        if (end == rest || !(more >= 0 && more < 60))
            return false;
        s = s * 60 + more;
    }
    *ret_ms = (int64_t)(s * 1000) * (minus ? -1 : 1);
    return *end == '\0';
}

static bool run_seek(struct dashboard *d, const char *text)
{
    bool relative;
    int64_t ms;
    if (!parse_seconds(text, &relative, &ms))
        return false;
    if (relative) {
        dashboard_go(d, ms);
    } else if (d->rewind.live->replaying) {
        d->verbs.replay(d->verbs.data, REPLAY_SEEK, ms);
    } else {
        d->app = d->rewind.live;
        rewind_leave(&d->rewind);
        dashboard_go(d, -ms);
    }
    return true;
}

static bool run_speed(struct dashboard *d, const char *text, struct strbuf *error)
{
    double speed;
    if (!d->rewind.live->replaying) {
        strbuf_add_text(error, "only a recording has a speed");
        return false;
    }
    if (!replay_speed_parse(text, &speed))
        return false;
    d->verbs.replay(d->verbs.data, REPLAY_SPEED, llround(speed * 100));
    app_notice(d->app, "%g times as fast", speed);
    return true;
}

/* ---- commands ---------------------------------------------------------------------
 */

static bool run_filter(struct dashboard *d, const char *text, struct strbuf *error)
{
    return flight_list_set_filter(&d->app->list, strcmp(text, "-") == 0 ? "" : text,
                                  error);
}

static bool run_watch(struct dashboard *d, const char *text, struct strbuf *error)
{
    return flight_watch_set(&d->app->watch, strcmp(text, "-") == 0 ? "" : text, error);
}

static bool run_columns(struct dashboard *d, const char *text, struct strbuf *error)
{
    if (dashboard_set_columns(d->app, strcmp(text, "-") == 0 ? "" : text))
        return true;
    strbuf_add_text(error, "no such column; Tab completes");
    return false;
}

static bool run_sort(struct dashboard *d, const char *text, struct strbuf *error)
{
    if (dashboard_take(d, "sort", text))
        return true;
    strbuf_addf(error, "no column is called \"%s\"; Tab completes", text);
    return false;
}

static bool run_theme(struct dashboard *d, const char *text, struct strbuf *error)
{
    if (theme_picker_use(&d->picker, text, error) != 0)
        return false;
    d->verbs.theme_changed(d->verbs.data);
    return true;
}

/* An address, else the flight whose callsign or registration it is. */
static uint32_t find_flight(const struct app *app, const char *text)
{
    const struct flight_view_context context = app_view_context(app);
    static const enum flight_column names[] = {COLUMN_CALLSIGN, COLUMN_REG};
    uint32_t icao;
    if (flight_parse_hex(text, strlen(text), &icao))
        return icao;
    for (size_t slot = 0; slot < flight_table_slots(app->flights); slot++) {
        const struct flight *f = flight_table_at(app->flights, slot);
        for (size_t i = 0; f != NULL && i < ARRAY_LEN(names); i++) {
            char name[COLUMN_TEXT_SIZE];
            flight_column_text(names[i], f, &context, name);
            if (strcasecmp(name, text) == 0)
                return f->icao;
        }
    }
    return 0;
}

static bool run_select(struct dashboard *d, const char *text, struct strbuf *error)
{
    uint32_t icao = find_flight(d->app, text);
    if (icao == 0) {
        strbuf_addf(error, "no flight is called \"%s\"", text);
        return false;
    }
    d->app->selected = icao;
    app_want_trail(d->app, icao);
    return true;
}

static bool run_place(struct dashboard *d, const char *name, const char *text)
{
    char full[32];
    snprintf(full, sizeof full, "map.%s", name);
    return dashboard_take(d, full, text);
}

/* "47.5,8.5", or a place that has a name: that one is shown at once. */
static bool run_centre(struct dashboard *d, const char *text, struct strbuf *error)
{
    struct place place;
    char number[64];
    if (run_place(d, "centre", text))
        return true;
    if (!place_find(text, &place)) {
        strbuf_addf(error, "\"%s\" is neither LAT,LON nor an airport or country", text);
        return false;
    }
    snprintf(number, sizeof number, "%.5f,%.5f", place.centre.lat_deg,
             place.centre.lon_deg);
    run_place(d, "centre", number);
    snprintf(number, sizeof number, "%.1f", place_zoom(&place));
    if (place.radius_nm > 0)
        run_place(d, "zoom", number);
    app_jump_to(d->app, "map", "", false);
    return true;
}

static bool run_link(struct dashboard *d)
{
    strbuf_clear(&d->page);
    dashboard_link(d, &d->page);
    d->mode = MODE_PAGE;
    return true;
}

static void copy(struct dashboard *d, const char *text, const char *what)
{
    d->verbs.copy(d->verbs.data, text, strlen(text));
    if (d->app->notice[0] == '\0')
        app_notice(d->app, "copied %s", what);
}

static bool run_copy(struct dashboard *d, const char *text, struct strbuf *error)
{
    const struct flight_view_context context = app_view_context(d->app);
    enum flight_column column = flight_column_by_name(text, strlen(text));
    const struct flight *f = flight_table_find(d->app->flights, d->app->selected);
    char value[COLUMN_TEXT_SIZE];
    if (column == COLUMN_COUNT)
        return false;
    if (f == NULL) {
        strbuf_add_text(error, "no flight is selected");
        return false;
    }
    flight_column_text(column, f, &context, value);
    d->app->notice[0] = '\0';
    copy(d, value, value[0] != '\0' ? value : "nothing: it is not known");
    return true;
}

static bool run_write(struct dashboard *d, const char *path)
{
    line_input_set(&d->file, path);
    line_input_remember(&d->file);
    d->mode = MODE_FILE; /* the dashboard draws the screen and goes on */
    return true;
}

static bool run_one(struct dashboard *d, const struct command *c, struct strbuf *error)
{
    const char *text = c->argument;
    switch (c->kind) {
    case COMMAND_FILTER: return run_filter(d, text, error);
    case COMMAND_SORT: return run_sort(d, text, error);
    case COMMAND_WATCH: return run_watch(d, text, error);
    case COMMAND_COLUMNS: return run_columns(d, text, error);
    case COMMAND_THEME: return run_theme(d, text, error);
    case COMMAND_UNITS: return dashboard_take(d, "units", text);
    case COMMAND_SELECT: return run_select(d, text, error);
    case COMMAND_CENTRE: return run_centre(d, text, error);
    case COMMAND_ZOOM: return run_place(d, c->name, text);
    case COMMAND_LINK: return run_link(d);
    case COMMAND_WRITE: return run_write(d, text);
    case COMMAND_COPY: return run_copy(d, text, error);
    case COMMAND_SEEK: return run_seek(d, text);
    case COMMAND_SPEED: return run_speed(d, text, error);
    case COMMAND_VIEW:
    case COMMAND_ACTION:
    case COMMAND_NONE: break;
    }
    return false;
}

void dashboard_run(struct dashboard *d, const struct command *command)
{
    struct strbuf error;
    strbuf_init(&error, 512);
    if (!run_one(d, command, &error))
        app_notice(d->app, "%s: %s", command->name,
                   error.len > 0 ? strbuf_text(&error) : "this argument means nothing");
    strbuf_release(&error);
}

/* ---- y ----------------------------------------------------------------------------
 */

void dashboard_copy_row(struct dashboard *d, const struct canvas *drawn)
{
    struct strbuf text;
    int x, y;
    bool visible;
    canvas_cursor(drawn, &x, &y, &visible);
    d->app->notice[0] = '\0';
    if (y < 0) {
        app_notice(d->app, "nothing is selected; w writes the whole screen");
        return;
    }
    strbuf_init(&text, (size_t)CANVAS_MAX_WIDTH * 4 + 1);
    for (int at = x; at < canvas_width(drawn); at++)
        strbuf_add_text(&text, canvas_cell(drawn, at, y)->text);
    while (text.len > 0 && text.data[text.len - 1] == ' ')
        strbuf_truncate(&text, text.len - 1);
    copy(d, strbuf_text(&text) + strspn(strbuf_text(&text), "> !"), "this row");
    strbuf_release(&text);
}

/* ---- w ----------------------------------------------------------------------------
 */

void dashboard_ask_file(struct dashboard *d)
{
    char name[64];
    char clock[AGE_TEXT_SIZE];
    clock_text(app_server_now_ms(d->app), clock);
    for (char *c = clock; *c != '\0'; c++)
        *c = *c == ':' ? '-' : *c;
    snprintf(name, sizeof name, "%s-%s.txt", view_at(d->current)->name, clock);
    line_input_set(&d->file, name);
    d->error[0] = '\0';
    d->mode = MODE_FILE;
}

/* "~/x" as a shell has it. */
static void expand(const char *path, char ret_path[PATH_MAX])
{
    const char *home = getenv("HOME");
    bool tilde = path[0] == '~' && path[1] == '/' && home != NULL;
    snprintf(ret_path, PATH_MAX, "%s%s", tilde ? home : "", path + (tilde ? 1 : 0));
}

static bool fill(const struct dashboard *d, const struct canvas *drawn,
                 enum export_kind kind, struct strbuf *out)
{
    if (kind >= EXPORT_CSV)
        return export_data(d->app, view_at(d->current)->name, kind, out);
    export_screen(drawn, d->theme, kind, out);
    return true;
}

void dashboard_write(struct dashboard *d, const struct canvas *drawn, bool overwrite)
{
    enum export_kind kind;
    struct strbuf out;
    char path[PATH_MAX];
    expand(d->file.text, path);
    d->mode = MODE_FILE;
    if (!export_kind_of(path, &kind)) {
        snprintf(d->error, sizeof d->error,
                 "its ending says what is written: .txt .ansi .svg .csv .json .ndjson");
        return;
    }
    strbuf_init(&out, EXPORT_MAX);
    int rc = fill(d, drawn, kind, &out) ? export_save(path, &out, overwrite) : -ENODATA;
    if (rc == -EEXIST) {
        d->mode = MODE_OVERWRITE;
    } else if (rc != 0) {
        snprintf(d->error, sizeof d->error, "%.150s: %s", path,
                 rc == -ENODATA
                     ? "this view has no data to write; .txt writes the screen"
                     : strerror(-rc));
    } else {
        d->mode = MODE_VIEW;
        app_notice(d->app, "wrote %zu bytes to %.200s", out.len, path);
    }
    strbuf_release(&out);
}
