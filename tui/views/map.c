/*
 * The sky on the world: coasts under everything, then rings, trails, airports,
 * aircraft as arrows in the colour of their altitude, labels where there is room.
 * The selected aircraft is drawn last and always named; Enter tells all about it.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "views/filter_line.h"
#include "views/flight_detail.h"
#include "views/sky.h"
#include "views/view.h"
#include "widgets/map_canvas.h"
#include "widgets/sun.h"

#define ZOOM_STEP     1.5
#define WHEEL_STEP    1.25
#define HOME_DEGREES  8.0 /* of longitude across the screen around home */
#define WORLD_DEGREES 3.0
#define WEB_TILE_DOTS 256 /* at zoom 0 of web maps the world is so wide */

enum { LIST_MS = 5000 };

struct map_state {
    bool placed; /* centre and scale were chosen */
    bool follow, fit_asked, detail;
    bool no_labels, no_night, no_tails, no_clusters;
    int dots; /* enum canvas_dots + 1; 0 = the canvas's own */
    bool dragging, dragged;
    int drag_x, drag_y;
    struct geo_point drag_centre;
    struct geo_point centre;
    double degrees;
    struct rect area; /* as last drawn */
    int64_t listed_at_ms;
    struct flight_detail detail_state;
    struct sky sky;
};

/* ---- where the map is ---------------------------------------------------------- */

static void fit(struct map_state *st, const struct app *app, struct rect area)
{
    if (app->has_home && !st->placed && !st->fit_asked) {
        st->centre = app->home;
        st->degrees = sky_bounded_degrees(HOME_DEGREES / (area.w * DOTS_ACROSS), area);
    } else if (!sky_fit(app, area, &st->centre, &st->degrees)) {
        if (st->placed)
            return;
        st->centre = (struct geo_point){25, 10};
        st->degrees = sky_bounded_degrees(WORLD_DEGREES, area);
        return; /* not a choice: fit again when something is known */
    }
    st->placed = true;
}

static struct map_canvas map_of(const struct map_state *st)
{
    return (struct map_canvas){NULL, st->area, st->centre, st->degrees};
}

static void follow_selected(struct map_state *st, const struct app *app)
{
    struct geo_point p;
    bool ghost;
    if (st->follow &&
        sky_place(app, flight_table_find(app->flights, app->selected), &p, &ghost))
        st->centre = p;
}

static void draw(void *state, const struct app *app, struct canvas *canvas,
                 struct rect area)
{
    struct map_state *st = state;
    enum canvas_dots own = canvas_dots(canvas);
    if (st->detail && app->selected != 0) {
        flight_detail_draw(&st->detail_state, app, app->selected, canvas, area);
        return;
    }
    if (!st->placed || st->fit_asked)
        fit(st, app, area);
    st->fit_asked = false;
    st->area = area;
    follow_selected(st, app);
    const struct map_canvas m = {canvas, area, st->centre, st->degrees};
    const struct sky_options options = {.labels = !st->no_labels,
                                        .details = true,
                                        .night = !st->no_night,
                                        .tails = !st->no_tails,
                                        .clusters = !st->no_clusters};
    if (st->dots > 0)
        canvas_set_dots(canvas, (enum canvas_dots)(st->dots - 1));
    sky_draw(&st->sky, &m, app, &options);
    canvas_set_dots(canvas, own);
}

/* The list is not shown here: what it counts (emergencies) may be a little late. */
static void update(void *state, struct app *app)
{
    struct map_state *st = state;
    sky_update(&st->sky, app);
    if (app->mono_ms - st->listed_at_ms < LIST_MS && !app->list.disorder)
        return;
    st->listed_at_ms = app->mono_ms;
    app_update_list(app);
}

static void release(void *state)
{
    struct map_state *st = state;
    sky_release(&st->sky);
}

/* ---- moving -------------------------------------------------------------------- */

static void set_centre(struct map_state *st, struct geo_point p)
{
    st->centre =
        (struct geo_point){fmin(fmax(p.lat_deg, -MAP_LAT_MAX), MAP_LAT_MAX), p.lon_deg};
    st->follow = false;
}

static void pan(struct map_state *st, int right, int down)
{
    const struct map_canvas m = map_of(st);
    struct geo_point p = map_place(&m, st->area.w / 2 + right, st->area.h / 2 + down);
    set_centre(st, (struct geo_point){down == 0 ? st->centre.lat_deg : p.lat_deg,
                                      right == 0 ? st->centre.lon_deg : p.lon_deg});
}

/* By an eighth of the width, a sixth of the height. */
static void pan_by_key(struct map_state *st, int right, int down)
{
    pan(st, right * MAX_OF(st->area.w / 8, 1), down * MAX_OF(st->area.h / 6, 1));
}

static void zoom(struct map_state *st, double factor)
{
    st->degrees = sky_bounded_degrees(st->degrees * factor, st->area);
}

/* What is under the pointer stays there. */
static void zoom_at(struct map_state *st, double factor, int x, int y)
{
    struct map_canvas m = map_of(st);
    struct geo_point before = map_place(&m, x, y);
    bool follow = st->follow;
    zoom(st, factor);
    m = map_of(st);
    struct geo_point after = map_place(&m, x, y);
    double height = map_height_deg(st->centre.lat_deg) +
                    map_height_deg(before.lat_deg) - map_height_deg(after.lat_deg);
    double lon = st->centre.lon_deg + before.lon_deg - after.lon_deg;
    if (!follow)
        set_centre(st, (struct geo_point){map_latitude_deg(height), geo_wrap_lon(lon)});
}

/* ---- selecting ----------------------------------------------------------------- */

static void select_flight(struct app *app, uint32_t icao)
{
    if (icao == 0)
        return;
    app->selected = icao;
    app_want_trail(app, icao);
}

/* The selected aircraft, else home, into the middle. */
static void centre(struct map_state *st, struct app *app)
{
    struct geo_point p;
    bool ghost;
    if (sky_place(app, flight_table_find(app->flights, app->selected), &p, &ghost))
        st->centre = p;
    else if (app->has_home)
        st->centre = app->home;
}

static void follow(struct map_state *st, struct app *app)
{
    if (app->selected == 0)
        select_flight(app, sky_step(&st->sky, 0, 1));
    st->follow = !st->follow && app->selected != 0;
    app_notice(app, st->follow ? "following the selected aircraft" : "not following");
}

static void open_detail(struct map_state *st, struct app *app)
{
    if (app->selected == 0)
        select_flight(app, sky_step(&st->sky, 0, 1));
    if (app->selected == 0)
        return;
    st->detail = true;
    flight_detail_open(&st->detail_state);
    app_want_trail(app, app->selected);
}

/* ---- what is drawn ------------------------------------------------------------- */

static void toggle(struct app *app, bool *off, const char *what)
{
    *off = !*off;
    app_notice(app, "%s %s", what, *off ? "off" : "on");
}

static void next_dots(struct map_state *st, struct app *app)
{
    static const char *const names[] = {"braille", "half blocks", "ASCII"};
    st->dots = st->dots % 3 + 1;
    app_notice(app, "drawing with %s", names[st->dots - 1]);
}

static bool act_on_picture(struct map_state *st, struct app *app, enum action action)
{
    switch (action) {
    case ACTION_LABELS: toggle(app, &st->no_labels, "labels"); break;
    case ACTION_NIGHT: toggle(app, &st->no_night, "day and night"); break;
    case ACTION_TAILS: toggle(app, &st->no_tails, "tails"); break;
    case ACTION_CLUSTERS: toggle(app, &st->no_clusters, "clusters"); break;
    case ACTION_DOTS: next_dots(st, app); break;
    default: return false;
    }
    return true;
}

/* ---- keys ---------------------------------------------------------------------- */

static bool go_back(struct map_state *st, struct app *app)
{
    if (!st->detail && app->selected == 0)
        return false;
    if (!st->detail)
        app->selected = 0;
    st->detail = false;
    st->follow = st->follow && app->selected != 0;
    return true;
}

static bool act(void *state, struct app *app, enum action action)
{
    struct map_state *st = state;
    if (action == ACTION_BACK)
        return go_back(st, app);
    if (st->detail)
        return flight_detail_act(&st->detail_state, action) || action == ACTION_DETAIL;
    switch (action) {
    case ACTION_UP: pan_by_key(st, 0, -1); break;
    case ACTION_DOWN: pan_by_key(st, 0, 1); break;
    case ACTION_LEFT: pan_by_key(st, -1, 0); break;
    case ACTION_RIGHT: pan_by_key(st, 1, 0); break;
    case ACTION_PAGE_UP: pan(st, 0, -st->area.h * 2 / 3); break;
    case ACTION_PAGE_DOWN: pan(st, 0, st->area.h * 2 / 3); break;
    case ACTION_ZOOM_IN: zoom(st, 1 / ZOOM_STEP); break;
    case ACTION_ZOOM_OUT: zoom(st, ZOOM_STEP); break;
    case ACTION_FOLLOW: follow(st, app); break;
    case ACTION_HOME:
    case ACTION_FIT:
        st->fit_asked = true;
        st->follow = false;
        break;
    case ACTION_CENTRE: centre(st, app); break;
    case ACTION_NEXT: select_flight(app, sky_step(&st->sky, app->selected, 1)); break;
    case ACTION_PREVIOUS:
        select_flight(app, sky_step(&st->sky, app->selected, -1));
        break;
    case ACTION_DETAIL: open_detail(st, app); break;
    default: return act_on_picture(st, app, action);
    }
    return true;
}

/* ---- the mouse ------------------------------------------------------------ */

static void click(struct map_state *st, struct app *app, int x, int y)
{
    uint32_t icao = sky_flight_at(&st->sky, x, y);
    if (icao != 0)
        select_flight(app, icao);
    else if (sky_is_cluster(&st->sky, x, y))
        zoom_at(st, 1 / (ZOOM_STEP * ZOOM_STEP), x, y);
}

static void drag_to(struct map_state *st, int x, int y)
{
    if (!st->dragging || (!st->dragged && x == st->drag_x && y == st->drag_y))
        return;
    st->dragged = true;
    st->centre = st->drag_centre;
    pan(st, st->drag_x - x, st->drag_y - y);
}

/* The wheel zooms where the pointer is, dragging moves the map, a click selects. */
static void mouse(void *state, struct app *app, struct key key)
{
    struct map_state *st = state;
    if (st->detail)
        return;
    if (key.code == K_WHEEL_UP || key.code == K_WHEEL_DOWN) {
        zoom_at(st, key.code == K_WHEEL_UP ? 1 / WHEEL_STEP : WHEEL_STEP, key.x, key.y);
    } else if (key.code == K_MOUSE_DOWN && key.button == 0) {
        st->dragging = true;
        st->dragged = false;
        st->drag_x = key.x;
        st->drag_y = key.y;
        st->drag_centre = st->centre;
    } else if (key.code == K_MOUSE_DRAG) {
        drag_to(st, key.x, key.y);
    } else if (key.code == K_MOUSE_UP && st->dragging) {
        drag_to(st, key.x, key.y);
        if (!st->dragged)
            click(st, app, key.x, key.y);
        st->dragging = false;
    }
}

/* ---- in words ------------------------------------------------------------- */

/* As web maps count it. */
static double zoom_level(double degrees)
{
    return degrees > 0 ? log2(360.0 / WEB_TILE_DOTS / degrees) : 0;
}

static void describe(const void *state, const struct app *app, struct strbuf *out)
{
    const struct map_state *st = state;
    strbuf_addf(out, "%.1f%c %.1f%c  z%.1f", fabs(st->centre.lat_deg),
                st->centre.lat_deg < 0 ? 'S' : 'N', fabs(st->centre.lon_deg),
                st->centre.lon_deg < 0 ? 'W' : 'E', zoom_level(st->degrees));
    if (!st->no_night && sun_is_night(sun_overhead(app_server_now_ms(app)), st->centre))
        strbuf_add_text(out, "  night");
    strbuf_addf(out, "   %zu in sight", st->sky.count);
    if (st->follow)
        strbuf_add_text(out, "   following");
    if (app->list.filter != NULL)
        strbuf_addf(out, "   filter  %s", app->list.filter_text);
}

/* ---- what is kept -------------------------------------------------------------- */

/* Zoom as web maps count it: at 0 the world is 256 dots wide, each step doubles. */
static double zoom_of(double degrees)
{
    return log2(360.0 / 256 / degrees);
}

static void keep(const void *state, const struct app *app, view_note_fn note,
                 void *data)
{
    const struct map_state *st = state;
    char text[64];
    (void)app;
    if (!st->placed)
        return;
    snprintf(text, sizeof text, "%.5f,%.5f", st->centre.lat_deg, st->centre.lon_deg);
    note(data, "centre", text);
    snprintf(text, sizeof text, "%.4f", zoom_of(st->degrees));
    note(data, "zoom", text);
}

static bool take(void *state, struct app *app, const char *name, const char *text)
{
    struct map_state *st = state;
    char *end;
    double first = strtod(text, &end);
    (void)app;
    if (strcmp(name, "zoom") == 0 && end != text && *end == '\0' && first >= 0 &&
        first <= 24) {
        st->degrees = 360.0 / 256 / exp2(first);
        return true;
    }
    if (strcmp(name, "centre") != 0 || end == text || *end != ',')
        return false;
    const struct geo_point centre = {first, strtod(end + 1, NULL)};
    if (!geo_point_is_valid(centre))
        return false;
    st->centre = centre;
    if (st->degrees <= 0)
        st->degrees = HOME_DEGREES / 160;
    st->placed = true;
    return true;
}

static const enum action hints[] = {ACTION_ZOOM_IN, ACTION_FOLLOW, ACTION_FIT,
                                    ACTION_NEXT,    ACTION_DETAIL, ACTION_FILTER,
                                    ACTION_NONE};

extern const struct view_class view_map;
const struct view_class view_map = {
    .name = "map",
    .title = "Map",
    .key = '3',
    .context = CONTEXT_MAP,
    .state_size = sizeof(struct map_state),
    .update = update,
    .release = release,
    .draw = draw,
    .act = act,
    .mouse = mouse,
    .line_prompt = filter_line_prompt,
    .line_text = filter_line_text,
    .line_take = filter_line_take,
    .line_note = filter_line_note,
    .line_complete = filter_line_complete,
    .describe = describe,
    .keep = keep,
    .take = take,
    .hints = hints,
};
