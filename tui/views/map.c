/*
 * The sky on the world: coasts under everything, then rings, the trail, airports,
 * aircraft as arrows in the colour of their altitude, labels where there is room.
 * The selected aircraft is drawn last and always named.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "views/sky.h"
#include "views/view.h"
#include "widgets/map_canvas.h"

#define ZOOM_STEP     1.5
#define HOME_DEGREES  8.0 /* of longitude across the screen around home */
#define WORLD_DEGREES 3.0

struct map_state {
    bool placed; /* centre and scale were chosen */
    bool follow, no_labels, fit_asked;
    struct geo_point centre;
    double degrees;
    struct rect area; /* as last drawn */
};

/* ---- where the map is ------------------------------------------------------------ */

static void fit(struct map_state *st, const struct app *app, struct rect area)
{
    if (app->has_home && !st->placed) {
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

static void draw(void *state, const struct app *app, struct canvas *canvas,
                 struct rect area)
{
    struct map_state *st = state;
    struct geo_point p;
    if (!st->placed || st->fit_asked)
        fit(st, app, area);
    st->fit_asked = false;
    st->area = area;
    if (st->follow && sky_place(flight_table_find(app->flights, app->selected), &p))
        st->centre = p;
    const struct map_canvas m = {canvas, area, st->centre, st->degrees};
    const struct sky_options options = {!st->no_labels, true};
    sky_draw(&m, app, &options);
}

static void update(void *state, struct app *app)
{
    (void)state;
    app_update_list(app);
}

/* ---- keys -------------------------------------------------------------------------
 */

static void pan(struct map_state *st, int right, int down)
{
    const struct map_canvas m = {NULL, st->area, st->centre, st->degrees};
    int x = st->area.w / 2 + right * MAX_OF(st->area.w / 8, 1);
    int y = st->area.h / 2 + down * MAX_OF(st->area.h / 6, 1);
    struct geo_point p = map_place(&m, x, y);
    p.lat_deg = fmin(fmax(p.lat_deg, -MAP_LAT_MAX), MAP_LAT_MAX);
    st->centre = right == 0 ? (struct geo_point){p.lat_deg, st->centre.lon_deg}
                            : (struct geo_point){st->centre.lat_deg, p.lon_deg};
    st->follow = false;
}

/* The next aircraft of the list that is on the map. */
static void select_step(struct map_state *st, struct app *app, int step)
{
    const struct map_canvas m = {NULL, st->area, st->centre, st->degrees};
    size_t n = app->list.count;
    size_t at = app->selected != 0 ? flight_list_find(&app->list, app->selected) : n;
    for (size_t i = 0; i < n; i++) {
        struct geo_point p;
        int x, y;
        at = at >= n ? (step > 0 ? 0 : n - 1) : (at + n + (size_t)step) % n;
        uint32_t icao = app->list.entries[at].icao;
        if (sky_place(flight_table_find(app->flights, icao), &p) &&
            map_cell(&m, p, &x, &y)) {
            app->selected = icao;
            app_want_trail(app, icao);
            return;
        }
    }
}

static void centre(struct map_state *st, struct app *app)
{
    struct geo_point p;
    if (sky_place(flight_table_find(app->flights, app->selected), &p))
        st->centre = p;
    else if (app->has_home)
        st->centre = app->home;
}

static void follow(struct map_state *st, struct app *app)
{
    if (app->selected == 0)
        select_step(st, app, 1);
    st->follow = !st->follow && app->selected != 0;
    app_notice(app, st->follow ? "following the selected aircraft" : "not following");
}

static bool act(void *state, struct app *app, enum action action)
{
    struct map_state *st = state;
    switch (action) {
    case ACTION_UP: pan(st, 0, -1); break;
    case ACTION_DOWN: pan(st, 0, 1); break;
    case ACTION_LEFT: pan(st, -1, 0); break;
    case ACTION_RIGHT: pan(st, 1, 0); break;
    case ACTION_ZOOM_IN:
        st->degrees = sky_bounded_degrees(st->degrees / ZOOM_STEP, st->area);
        break;
    case ACTION_ZOOM_OUT:
        st->degrees = sky_bounded_degrees(st->degrees * ZOOM_STEP, st->area);
        break;
    case ACTION_FOLLOW: follow(st, app); break;
    case ACTION_HOME:
    case ACTION_FIT: st->fit_asked = true; break;
    case ACTION_CENTRE: centre(st, app); break;
    case ACTION_NEXT: select_step(st, app, 1); break;
    case ACTION_PREVIOUS: select_step(st, app, -1); break;
    case ACTION_LABELS: st->no_labels = !st->no_labels; break;
    case ACTION_BACK:
        if (app->selected == 0)
            return false;
        app->selected = 0;
        st->follow = false;
        break;
    default: return false;
    }
    return true;
}

/* Selects the aircraft nearest to the click, within a few cells. */
static void click(void *state, struct app *app, int x, int y)
{
    struct map_state *st = state;
    const struct map_canvas m = {NULL, st->area, st->centre, st->degrees};
    double best = 9;
    for (size_t i = 0; i < app->list.count; i++) {
        struct geo_point p;
        int fx, fy;
        uint32_t icao = app->list.entries[i].icao;
        if (!sky_place(flight_table_find(app->flights, icao), &p) ||
            !map_cell(&m, p, &fx, &fy))
            continue;
        double far = (fx - x) * (fx - x) / 4.0 + (fy - y) * (fy - y);
        if (far < best) {
            best = far;
            app->selected = icao;
        }
    }
    if (best < 9)
        app_want_trail(app, app->selected);
}

static const char *line_prompt(const void *state)
{
    (void)state;
    return "filter ";
}

static const char *line_text(const void *state, const struct app *app)
{
    (void)state;
    return app->list.filter_text;
}

static bool line_take(void *state, struct app *app, const char *text, bool done,
                      struct strbuf *error)
{
    (void)state;
    (void)done;
    return flight_list_set_filter(&app->list, text, error);
}

static void describe(const void *state, const struct app *app, struct strbuf *out)
{
    const struct map_state *st = state;
    strbuf_addf(out, "%.1f%c %.1f%c", fabs(st->centre.lat_deg),
                st->centre.lat_deg < 0 ? 'S' : 'N', fabs(st->centre.lon_deg),
                st->centre.lon_deg < 0 ? 'W' : 'E');
    if (st->follow)
        strbuf_add_text(out, "   following");
    if (app->list.filter != NULL)
        strbuf_addf(out, "   filter  %s", app->list.filter_text);
}

/* ---- what is kept ---------------------------------------------------------------- */

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
                                    ACTION_NEXT,    ACTION_FILTER, ACTION_NONE};

extern const struct view_class view_map;
const struct view_class view_map = {
    .name = "map",
    .title = "Map",
    .key = '3',
    .context = CONTEXT_MAP,
    .state_size = sizeof(struct map_state),
    .update = update,
    .draw = draw,
    .act = act,
    .click = click,
    .line_prompt = line_prompt,
    .line_text = line_text,
    .line_take = line_take,
    .describe = describe,
    .keep = keep,
    .take = take,
    .hints = hints,
};
