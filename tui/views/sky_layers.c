#include "views/sky_layers.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "flight/airport.h"
#include "ui/text.h"

/* Degrees a dot from which on airports are marked and named. */
#define LARGE_MARK_DEGREES  0.12
#define LARGE_NAME_DEGREES  0.06
#define MEDIUM_MARK_DEGREES 0.04
#define MEDIUM_NAME_DEGREES 0.02
#define LONG_NAME_DEGREES   0.006
#define TAILS_DEGREES       0.15 /* wider, a tail is less than a dot */

enum { RINGS = 3, TAILS_MAX = 400, AIRPORT_TEXT_SIZE = 64, LEGEND_FROM_WIDTH = 40 };

/* ---- round distances ------------------------------------------------------ */

struct distance_unit {
    const char *name;
    double nm; /* in one unit */
};

static struct distance_unit distance_unit(const struct app *app)
{
    return (struct distance_unit){units_label(app->units, QUANTITY_DISTANCE),
                                  units_kept(app->units, QUANTITY_DISTANCE, 1)};
}

/* The largest of 1, 2, 5 times a power of ten that is not over v. */
static double round_down(double v)
{
    double unit = pow(10, floor(log10(fmax(v, 0.01))));
    return unit * (v / unit >= 5 ? 5 : v / unit >= 2 ? 2 : 1);
}

/* Between the rings, in the person's units; 0 = the map is too wide for rings. */
static double ring_step(const struct map_canvas *m, const struct app *app)
{
    double half =
        m->area.h * DOTS_DOWN / 2.0 * map_nm_per_dot(m) / distance_unit(app).nm;
    double step = round_down(half / 2);
    return !app->has_home || step > 1000 ? 0 : step;
}

/* ---- dots ----------------------------------------------------------------- */

void sky_draw_rings(struct sky *sky, const struct map_canvas *m, const struct app *app)
{
    double step_nm = ring_step(m, app) * distance_unit(app).nm;
    for (int i = 1; i <= RINGS && step_nm > 0; i++)
        map_draw_ring(m, &sky->dots, ROLE_RING, app->home, step_nm * i);
}

void sky_draw_way_home(struct sky *sky, const struct map_canvas *m,
                       const struct app *app)
{
    struct geo_point here;
    bool ghost;
    if (app->has_home &&
        sky_place(app, flight_table_find(app->flights, app->selected), &here, &ghost))
        map_draw_great_circle(m, &sky->dots, ROLE_ACCENT, app->home, here);
}

void sky_draw_trail(struct sky *sky, const struct map_canvas *m, const struct app *app)
{
    struct geo_point places[APP_TRAIL_MAX + 1];
    struct geo_point here;
    size_t n = 0;
    bool ghost;
    if (app->trail.icao == 0 || app->trail.icao != app->selected)
        return;
    for (size_t i = 0; i < app->trail.count && n < APP_TRAIL_MAX; i++)
        places[n++] = (struct geo_point){app->trail.points[i].lat_deg,
                                         app->trail.points[i].lon_deg};
    if (sky_place(app, flight_table_find(app->flights, app->selected), &here, &ghost))
        places[n++] = here;
    map_draw_path(m, &sky->dots, ROLE_TRAIL, places, n);
}

void sky_draw_tails(struct sky *sky, const struct map_canvas *m, const struct app *app)
{
    if (sky->marks > TAILS_MAX || m->degrees > TAILS_DEGREES)
        return;
    for (size_t i = 0; i < sky->count; i++) {
        struct geo_point places[FLIGHT_TAILS_POINTS + 1];
        const struct sky_spot *s = &sky->spots[i];
        bool ghost;
        if (s->hidden || s->icao == app->selected)
            continue;
        size_t n = flight_tails_of(&sky->tails, s->f, places);
        if (n > 0 && sky_place(app, s->f, &places[n], &ghost))
            map_draw_path(m, &sky->dots, ROLE_DIM, places, n + 1);
    }
}

/* ---- texts ---------------------------------------------------------------- */

static void put_if_room(struct sky *sky, const struct map_canvas *m, enum role role,
                        int x, int y, const char *text)
{
    struct pen pen = pen_on(m->canvas, m->area);
    int w = text_width(text);
    if (!sky_has_room(sky, x, y, w))
        return;
    pen_to(&pen, x, y);
    pen_text(&pen, role, text);
    sky_take_room(sky, x, y, w);
}

void sky_draw_ring_texts(struct sky *sky, const struct map_canvas *m,
                         const struct app *app)
{
    const struct distance_unit unit = distance_unit(app);
    double step = ring_step(m, app);
    int x, y;
    for (int i = 1; i <= RINGS && step > 0; i++) {
        char text[24];
        snprintf(text, sizeof text, "%g%s", step * i, i == RINGS ? unit.name : "");
        struct geo_point south = geo_destination(app->home, 180, step * i * unit.nm);
        if (map_cell(m, south, &x, &y))
            put_if_room(sky, m, ROLE_RING, x - (int)strlen(text) / 2, y, text);
    }
    if (app->has_home && map_cell(m, app->home, &x, &y))
        put_if_room(sky, m, ROLE_ACCENT, x, y, "+");
}

/* "·lszh", close by with the name; only the point where there is no room yet. */
static void airport_text(const struct airport *a, double degrees,
                         char ret_text[AIRPORT_TEXT_SIZE])
{
    bool large = a->size == AIRPORT_LARGE;
    bool named = degrees < (large ? LARGE_NAME_DEGREES : MEDIUM_NAME_DEGREES);
    snprintf(ret_text, AIRPORT_TEXT_SIZE, "·%s%s%s", named ? a->icao : "",
             degrees < LONG_NAME_DEGREES ? " " : "",
             degrees < LONG_NAME_DEGREES ? a->name : "");
    for (size_t i = 0; i < sizeof "·" + 3 && ret_text[i] != '\0'; i++) {
        char c = ret_text[i];
        ret_text[i] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
    }
}

void sky_draw_airports(struct sky *sky, const struct map_canvas *m)
{
    struct map_grid grid;
    if (m->degrees > LARGE_MARK_DEGREES)
        return;
    map_grid_init(&grid, m);
    for (int large = 1; large >= 0; large--) { /* the large ones first */
        if (!large && m->degrees > MEDIUM_MARK_DEGREES)
            break;
        for (size_t i = 0; i < airport_count(); i++) {
            const struct airport *a = airport_at(i);
            char text[AIRPORT_TEXT_SIZE];
            int x, y;
            if ((a->size == AIRPORT_LARGE) != (large == 1) ||
                !map_grid_cell(&grid, a->lat_e5, a->lon_e5, &x, &y))
                continue;
            airport_text(a, m->degrees, text);
            put_if_room(sky, m, ROLE_AIRPORT, x, y, text);
        }
    }
}

/* ---- legend --------------------------------------------------------------- */

/* A bar of a round length. */
static void draw_scale(struct sky *sky, const struct map_canvas *m,
                       const struct app *app)
{
    const struct distance_unit unit = distance_unit(app);
    double per_cell = map_nm_per_dot(m) * DOTS_ACROSS / unit.nm;
    double length = round_down(per_cell * 14);
    struct pen pen = pen_on(m->canvas, m->area);
    pen_to(&pen, 1, m->area.h - 1);
    pen_textf(&pen, ROLE_DIM, "%g %s ├", length, unit.name);
    pen_repeat(&pen, ROLE_DIM, "─", (int)lround(length / per_cell) - 2);
    pen_text(&pen, ROLE_DIM, "┤ ");
    sky_take_room(sky, 0, m->area.h - 1, pen.x);
}

/* What the colours are, from the right end; and marks that need a word. */
void sky_draw_legend(struct sky *sky, const struct map_canvas *m, const struct app *app)
{
    static const enum role roles[] = {ROLE_ALT_GROUND, ROLE_ALT_LOW, ROLE_ALT_MID,
                                      ROLE_ALT_HIGH, ROLE_ALT_TOP};
    static const char *const feet[] = {"gnd ", "<10k ", "10k ", "20k ", ">30k ft"};
    static const char *const metres[] = {"gnd ", "<3k ", "3k ", "6k ", ">9k m"};
    const char *const *names = app->units == UNITS_METRIC ? metres : feet;
    struct pen pen = pen_on(m->canvas, m->area);
    int width = 0;
    if (m->area.w < LEGEND_FROM_WIDTH || m->area.h < 6)
        return;
    draw_scale(sky, m, app);
    for (size_t i = 0; i < ARRAY_LEN(roles); i++)
        width += 1 + (int)strlen(names[i]);
    width += sky->clusters > 0 ? (int)strlen("12 in one place  ") : 0;
    width += sky->ghosts > 0 ? (int)strlen("> guessed  ") : 0;
    if (width > m->area.w - 26)
        return;
    int x = m->area.w - width - 1;
    pen_to(&pen, x, m->area.h - 1);
    pen_text(&pen, ROLE_DIM, sky->ghosts > 0 ? "⇢ guessed  " : "");
    pen_text(&pen, ROLE_DIM, sky->clusters > 0 ? "12 in one place  " : "");
    for (size_t i = 0; i < ARRAY_LEN(roles); i++) {
        pen_text(&pen, roles[i], i == 0 ? "▪" : "↑");
        pen_text(&pen, ROLE_DIM, names[i]);
    }
    sky_take_room(sky, x - 1, m->area.h - 1, width + 2);
}
