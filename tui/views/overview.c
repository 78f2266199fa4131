/*
 * What an operator leaves open: the sky, what needs attention, services, and
 * counts with bars. Panes come and go with the room; nothing here is selected,
 * Enter goes to where the details are.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/flight_counts.h"
#include "views/age_text.h"
#include "views/sky.h"
#include "views/view.h"
#include "widgets/sparkline.h"

enum { HISTORY = 120, HISTORY_STEP_MS = 5000, SIDE_WIDTH = 44, SIDE_FROM = 100 };

struct overview_state {
    struct sky sky;
    struct flight_counts counts;
    uint64_t counted_version;
    double history[HISTORY]; /* number of flights, one every HISTORY_STEP_MS */
    size_t history_count;
    int64_t history_at_ms;
};

static void update(void *state, struct app *app)
{
    struct overview_state *st = state;
    const struct flight_view_context context = app_view_context(app);
    app_update_list(app);
    if (st->counted_version != app->flights_version) {
        flight_counts_take(&st->counts, app->flights, &context);
        st->counted_version = app->flights_version;
    }
    if (app->has_snapshot && app->mono_ms - st->history_at_ms >= HISTORY_STEP_MS) {
        if (st->history_count == HISTORY)
            memmove(st->history, st->history + 1,
                    (HISTORY - 1) * sizeof st->history[0]);
        else
            st->history_count++;
        st->history[st->history_count - 1] = (double)flight_table_count(app->flights);
        st->history_at_ms = app->mono_ms;
    }
}

/* ---- panes ---------------------------------------------------------------- */

/* A rule with a title over a pane; returns what is left below. */
static struct rect pane(struct canvas *canvas, struct rect area, const char *title)
{
    struct pen pen = pen_on(canvas, area);
    pen_textf(&pen, ROLE_HEADING, "%s ", title);
    pen_repeat(&pen, ROLE_RULE, "─", area.w - pen.x);
    return (struct rect){area.x, area.y + 1, area.w, area.h - 1};
}

static void draw_sky(struct overview_state *st, const struct app *app,
                     struct canvas *canvas, struct rect area)
{
    struct map_canvas m = {canvas, area, {25, 10}, sky_bounded_degrees(3, area)};
    const struct sky_options options = {.night = true, .clusters = true};
    if (area.h < 4)
        return;
    sky_fit(app, area, &m.centre, &m.degrees);
    sky_draw(&st->sky, &m, app, &options);
}

static void draw_attention(const struct app *app, struct canvas *canvas,
                           struct rect area)
{
    struct pen pen = pen_on(canvas, area);
    int64_t now_ms = app_server_now_ms(app);
    int y = 0;
    for (size_t i = 0; i < alert_list_open(&app->alerts) && y < area.h; i++) {
        const struct alert_row *a = &app->alerts.rows[i];
        char since[AGE_TEXT_SIZE];
        age_text(now_ms - a->since_ms, since);
        pen_to(&pen, 0, y++);
        pen_text(&pen, ROLE_FAIL, "! ");
        pen_left(&pen, ROLE_TEXT, area.w - 11, a->text);
        pen_right(&pen, ROLE_DIM, 9, since);
    }
    if (y == 0)
        pen_text(&pen, ROLE_DIM, "Nothing.");
}

static void draw_services(const struct app *app, struct canvas *canvas,
                          struct rect area)
{
    static const enum role roles[] = {ROLE_FAIL, ROLE_WARN, ROLE_OK};
    static const char *const marks[] = {"✖", "▲", "●"};
    struct pen pen = pen_on(canvas, area);
    if (app->services.count == 0)
        pen_text(&pen, ROLE_DIM, "No service's health is told.");
    for (size_t i = 0; i < app->services.count && (int)i < area.h; i++) {
        const struct service *s = &app->services.rows[i];
        bool more = (int)i == area.h - 1 && app->services.count > i + 1;
        pen_to(&pen, 0, (int)i);
        if (more) {
            pen_textf(&pen, ROLE_DIM, "and %zu more", app->services.count - i);
            break;
        }
        pen_text(&pen, roles[s->status], marks[s->status]);
        pen_text(&pen, ROLE_TEXT, " ");
        pen_left(&pen, ROLE_TEXT, 16, s->name);
        pen_left(&pen, ROLE_DIM, area.w - pen.x, s->says);
    }
}

static void draw_traffic(const struct overview_state *st, const struct app *app,
                         struct canvas *canvas, struct rect area)
{
    const struct flight_counts *c = &st->counts;
    const struct {
        const char *name;
        unsigned count;
    } lines[] = {{"flights", c->total},         {"with position", c->positioned},
                 {"climbing", c->climbing},     {"level", c->level},
                 {"descending", c->descending}, {"on the ground", c->ground},
                 {"military", c->military},     {"not heard 15 s", c->stale}};
    struct pen pen = pen_on(canvas, area);
    for (size_t i = 0; i < ARRAY_LEN(lines) && (int)i < area.h; i++) {
        char number[16];
        snprintf(number, sizeof number, "%u", lines[i].count);
        pen_to(&pen, 0, (int)i);
        pen_right(&pen, i == 0 ? ROLE_STRONG : ROLE_TEXT, 6, number);
        pen_textf(&pen, ROLE_DIM, " %s", lines[i].name);
        if (i == 0 && area.w > 24)
            sparkline_draw(&pen, ROLE_GRAPH_1, st->history, st->history_count,
                           MIN_OF(area.w - pen.x - 1, (int)HISTORY), 0);
    }
    (void)app;
}

static void draw_bars(const struct count_row *rows, size_t n, int name_width,
                      struct canvas *canvas, struct rect area)
{
    unsigned most = 1;
    struct pen pen = pen_on(canvas, area);
    for (size_t i = 0; i < n; i++)
        most = MAX_OF(most, rows[i].count);
    for (size_t i = 0; i < n && (int)i < area.h && rows[i].name[0] != '\0'; i++) {
        char number[16];
        snprintf(number, sizeof number, "%u", rows[i].count);
        pen_to(&pen, 0, (int)i);
        pen_left(&pen, ROLE_TEXT, name_width, rows[i].name);
        pen_right(&pen, ROLE_TEXT, 6, number);
        pen_text(&pen, ROLE_TEXT, " ");
        bar_draw(&pen, ROLE_GRAPH_1, (double)rows[i].count / most,
                 MAX_OF(area.w - pen.x - 1, 0));
    }
}

static void draw_altitudes(const struct overview_state *st, struct canvas *canvas,
                           struct rect area)
{
    static const char *const names[] = {"< 10k", "10k", "20k", "30k", "> 40k"};
    struct count_row rows[COUNTS_BANDS] = {0};
    for (int i = 0; i < COUNTS_BANDS; i++) {
        int band = COUNTS_BANDS - 1 - i;
        snprintf(rows[i].name, sizeof rows[i].name, "%s", names[band]);
        rows[i].count = st->counts.bands[band];
    }
    draw_bars(rows, COUNTS_BANDS, 6, canvas, area);
}

/* ---- layout ---------------------------------------------------------------------- */

/* Attention, services and, where there is room, operators: beside the sky. */
static void draw_side(const struct overview_state *st, const struct app *app,
                      struct canvas *canvas, struct rect area)
{
    int alerts = (int)alert_list_open(&app->alerts);
    int services = (int)app->services.count;
    int h1 = MIN_OF(MAX_OF(alerts, 1), area.h / 3) + 1;
    int h2 = MIN_OF(MAX_OF(services, 1) + 1, (area.h - h1 + 1) / 2 + 1);
    struct rect r = {area.x, area.y, area.w, h1};
    draw_attention(app, canvas, pane(canvas, r, "Attention"));
    r = (struct rect){area.x, area.y + h1, area.w, h2};
    draw_services(app, canvas, pane(canvas, r, "Services"));
    r = (struct rect){area.x, area.y + h1 + h2, area.w, area.h - h1 - h2};
    if (r.h >= 3)
        draw_bars(st->counts.operators, COUNTS_TOP, 22, canvas,
                  pane(canvas, r, "Operators"));
}

/* Traffic, altitudes, countries, types: as many as fit beside each other. */
static void draw_bottom(const struct overview_state *st, const struct app *app,
                        struct canvas *canvas, struct rect area)
{
    static const char *const titles[] = {"Traffic", "Altitude, ft", "Countries",
                                         "Types"};
    int n = MIN_OF(MAX_OF(area.w / 26, 1), 4);
    int w = area.w / n;
    for (int i = 0; i < n; i++) {
        struct rect r = {area.x + i * w, area.y, w - (i < n - 1 ? 2 : 0), area.h};
        struct rect inside = pane(canvas, r, titles[i]);
        if (i == 0)
            draw_traffic(st, app, canvas, inside);
        else if (i == 1)
            draw_altitudes(st, canvas, inside);
        else
            draw_bars(i == 2 ? st->counts.countries : st->counts.types, COUNTS_TOP, 5,
                      canvas, inside);
    }
}

static void draw(void *state, const struct app *app, struct canvas *canvas,
                 struct rect area)
{
    struct overview_state *st = state;
    struct rect in = {area.x + 1, area.y, area.w - 2, area.h};
    bool side = area.w >= SIDE_FROM;
    int bottom = area.h >= 30 ? 10 : area.h >= 16 ? 7 : area.h >= 10 ? 4 : 0;
    int attention =
        side ? 0 : MIN_OF(MAX_OF((int)alert_list_open(&app->alerts), 1) + 1, 4);
    if (!side && area.h < 10) { /* no room for a picture: the facts */
        draw_attention(app, canvas,
                       (struct rect){in.x, in.y, in.w, MIN_OF(attention, in.h)});
        in.y += attention;
        in.h -= attention;
        draw_traffic(st, app, canvas, in);
        return;
    }
    struct rect sky = {in.x, in.y, side ? in.w - SIDE_WIDTH - 2 : in.w,
                       in.h - bottom - (side ? 0 : attention)};
    draw_sky(st, app, canvas, sky);
    if (side) {
        struct rect r = {in.x + sky.w + 2, in.y, SIDE_WIDTH, sky.h};
        draw_side(st, app, canvas, r);
    } else {
        struct rect r = {in.x, sky.y + sky.h, in.w, attention};
        draw_attention(app, canvas, pane(canvas, r, "Attention"));
    }
    draw_bottom(st, app, canvas,
                (struct rect){in.x, in.y + in.h - bottom, in.w, bottom});
}

static bool act(void *state, struct app *app, enum action action)
{
    (void)state;
    (void)app;
    (void)action;
    return false;
}

static const enum action hints[] = {ACTION_NEXT_VIEW, ACTION_COMMAND, ACTION_NONE};

extern const struct view_class view_overview;
const struct view_class view_overview = {
    .name = "overview",
    .title = "Overview",
    .key = '1',
    .context = CONTEXT_OVERVIEW,
    .state_size = sizeof(struct overview_state),
    .update = update,
    .draw = draw,
    .act = act,
    .hints = hints,
};
