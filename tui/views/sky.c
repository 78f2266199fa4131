#include "views/sky.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "flight/airport.h"
#include "views/altitude_role.h"

enum { LABELS_MAX = 60, OFF_MAP_S = 60, STALE_S = 15 };

#define DEGREES_MIN           0.0005
#define DEGREES_MAX           3.0
#define AIRPORT_DEGREES       0.08  /* large airports from here on */
#define SMALL_AIRPORT_DEGREES 0.025 /* and the others */

/* ---- what is to be seen ---------------------------------------------------------- */

bool sky_place(const struct flight *f, struct geo_point *ret_place)
{
    if (f == NULL || !flight_has_position(f))
        return false;
    ret_place->lat_deg = f->v.num[FLIGHT_LAT] / (double)GEO_E5;
    ret_place->lon_deg = f->v.num[FLIGHT_LON] / (double)GEO_E5;
    return true;
}

/* West and east of all that is known; by_greenwich: longitudes from -180, else from 0.
 */
static bool span(const struct app *app, bool by_greenwich, struct geo_box *ret)
{
    struct geo_box box = {1000, 90, -1000, -90};
    for (size_t i = 0; i < app->list.count; i++) {
        struct geo_point p;
        if (!sky_place(flight_table_find(app->flights, app->list.entries[i].icao), &p))
            continue;
        double lon = !by_greenwich && p.lon_deg < 0 ? p.lon_deg + 360 : p.lon_deg;
        box.west = fmin(box.west, lon);
        box.east = fmax(box.east, lon);
        box.south = fmin(box.south, p.lat_deg);
        box.north = fmax(box.north, p.lat_deg);
    }
    *ret = box;
    return box.west <= box.east;
}

/* The narrower of both: flights on both sides of the date line are neighbours. */
static bool bounds(const struct app *app, struct geo_box *ret)
{
    struct geo_box pacific;
    if (!span(app, true, ret) || !span(app, false, &pacific))
        return false;
    if (pacific.east - pacific.west < ret->east - ret->west)
        *ret = pacific;
    return true;
}

double sky_bounded_degrees(double degrees, struct rect area)
{
    double world = 360.0 / (MAX_OF(area.w, 1) * DOTS_ACROSS);
    return fmin(fmax(degrees, DEGREES_MIN), fmin(fmax(world, 0.1), DEGREES_MAX));
}

bool sky_fit(const struct app *app, struct rect area, struct geo_point *ret_centre,
             double *ret_degrees)
{
    struct geo_box box;
    if (!bounds(app, &box))
        return false;
    double across = (box.east - box.west) / (area.w * DOTS_ACROSS);
    double down = (box.north - box.south) * 1.5 / (area.h * DOTS_DOWN);
    *ret_centre = (struct geo_point){(box.south + box.north) / 2,
                                     geo_wrap_lon((box.west + box.east) / 2)};
    *ret_degrees = sky_bounded_degrees(fmax(across, down) * 1.15, area);
    return true;
}

/* ---- things on it ------------------------------------------------------------------
 */

static void put(const struct map_canvas *m, enum role role, int x, int y,
                const char *text)
{
    struct pen pen = pen_on(m->canvas, m->area);
    pen_to(&pen, x, y);
    pen_text(&pen, role, text);
}

static bool is_free(const struct map_canvas *m, int x, int y, int width)
{
    if (x < 0 || x + width > m->area.w || y < 0 || y >= m->area.h)
        return false;
    for (int i = 0; i < width; i++) {
        const char *text =
            canvas_cell(m->canvas, m->area.x + x + i, m->area.y + y)->text;
        bool dots = (unsigned char)text[0] == 0xE2 && (unsigned char)text[1] >= 0xA0 &&
                    (unsigned char)text[1] <= 0xA3;
        if (text[0] != ' ' && !dots && text[0] != '.')
            return false;
    }
    return true;
}

static void draw_airports(const struct map_canvas *m)
{
    if (m->degrees > AIRPORT_DEGREES)
        return;
    for (size_t i = 0; i < airport_count(); i++) {
        const struct airport *a = airport_at(i);
        int x, y;
        char name[8];
        if ((a->size != AIRPORT_LARGE && m->degrees > SMALL_AIRPORT_DEGREES) ||
            !map_cell(m, airport_position(a), &x, &y))
            continue;
        snprintf(name, sizeof name, "·%.4s", a->icao);
        for (char *c = name; *c != '\0'; c++)
            *c = *c >= 'A' && *c <= 'Z' ? (char)(*c + 32) : *c;
        if (is_free(m, x, y, 5))
            put(m, ROLE_AIRPORT, x, y, name);
    }
}

/* Three rings at round distances, the largest within the map. */
static void draw_rings(const struct app *app, const struct map_canvas *m)
{
    double half_nm = m->area.h * DOTS_DOWN / 2.0 * map_nm_per_dot(m);
    double step = pow(10, floor(log10(fmax(half_nm / 2, 1))));
    int x, y;
    step *= half_nm / 2 / step >= 5 ? 5 : half_nm / 2 / step >= 2 ? 2 : 1;
    if (!app->has_home || step > 1000)
        return;
    for (int i = 1; i <= 3; i++) {
        char text[24];
        map_draw_ring(m, ROLE_RING, app->home, step * i);
        snprintf(text, sizeof text, "%.0f", step * i);
        if (map_cell(m, geo_destination(app->home, 180, step * i), &x, &y))
            put(m, ROLE_RING, x, y, text);
    }
    if (map_cell(m, app->home, &x, &y))
        put(m, ROLE_ACCENT, x, y, "+");
}

static void draw_trail(const struct app *app, const struct map_canvas *m)
{
    struct geo_point places[APP_TRAIL_MAX + 1];
    size_t n = 0;
    if (app->trail.icao == 0 || app->trail.icao != app->selected)
        return;
    for (size_t i = 0; i < app->trail.count && n < APP_TRAIL_MAX; i++)
        places[n++] = (struct geo_point){app->trail.points[i].lat_deg,
                                         app->trail.points[i].lon_deg};
    struct geo_point here;
    if (sky_place(flight_table_find(app->flights, app->selected), &here))
        places[n++] = here;
    map_draw_path(m, ROLE_TRAIL, places, n);
}

static const char *arrow(const struct flight *f)
{
    static const char *const arrows[] = {"↑", "↗", "→", "↘", "↓", "↙", "←", "↖"};
    if (flight_on_ground(f))
        return "▪";
    if (!flight_has(f, FLIGHT_TRACK))
        return "•";
    return arrows[(f->v.num[FLIGHT_TRACK] + 225) / 450 % 8];
}

/* ---- aircraft: one mark a cell, a count where there are several --------------------
 */

struct mark {
    const struct flight *f; /* one of them */
    unsigned count;
    bool urgent;
};

struct marks {
    struct mark *cells; /* area.w * area.h */
    const struct flight *labelled[LABELS_MAX];
    size_t labelled_count;
};

static void collect(const struct app *app, const struct map_canvas *m,
                    struct marks *marks)
{
    int64_t now_ms = app_server_now_ms(app);
    for (size_t i = 0; i < app->list.count; i++) {
        const struct flight *f =
            flight_table_find(app->flights, app->list.entries[i].icao);
        struct geo_point p;
        int x, y;
        bool urgent = app->list.entries[i].pinned;
        if (!sky_place(f, &p) || !map_cell(m, p, &x, &y) ||
            (now_ms - f->pos_at_ms > (int64_t)OFF_MAP_S * 1000 && !urgent))
            continue;
        struct mark *mark = &marks->cells[y * m->area.w + x];
        if (mark->count == 0 || urgent)
            mark->f = f;
        mark->count++;
        mark->urgent |= urgent;
        if (marks->labelled_count < LABELS_MAX)
            marks->labelled[marks->labelled_count++] = f;
    }
}

static void draw_marks(const struct app *app, const struct map_canvas *m,
                       const struct marks *marks)
{
    int64_t now_ms = app_server_now_ms(app);
    for (int i = 0; i < m->area.w * m->area.h; i++) {
        const struct mark *mark = &marks->cells[i];
        char text[8];
        if (mark->count == 0)
            continue;
        bool stale = now_ms - mark->f->pos_at_ms > (int64_t)STALE_S * 1000;
        enum role role = mark->urgent ? ROLE_EMERGENCY
                         : stale      ? ROLE_STALE
                                      : altitude_role(mark->f);
        snprintf(text, sizeof text, "%s", arrow(mark->f));
        if (mark->count > 1 && !mark->urgent)
            snprintf(text, sizeof text, "%c",
                     mark->count > 9 ? '#' : '0' + (int)mark->count);
        put(m, role, i % m->area.w, i / m->area.w, text);
    }
}

static bool draw_label(const struct app *app, const struct map_canvas *m,
                       const struct flight *f, bool always)
{
    const struct flight_view_context context = app_view_context(app);
    char name[COLUMN_TEXT_SIZE];
    struct geo_point p;
    int x, y;
    if (!sky_place(f, &p) || !map_cell(m, p, &x, &y))
        return false;
    flight_column_text(COLUMN_CALLSIGN, f, &context, name);
    if (always) {
        char altitude[COLUMN_TEXT_SIZE];
        size_t used = strlen(name);
        flight_column_text(COLUMN_ALT, f, &context, altitude);
        snprintf(name + used, sizeof name - used, " %.20s", altitude);
    }
    int w = (int)strlen(name);
    int at = x + 1 + w <= m->area.w ? x + 1 : x - w;
    if (!always && !is_free(m, at, y, w))
        return false;
    put(m, always ? ROLE_STRONG : ROLE_DIM, at, y, name);
    return true;
}

static void draw_flights(const struct app *app, const struct map_canvas *m, bool labels)
{
    struct marks marks = {0};
    size_t cells = (size_t)m->area.w * (size_t)m->area.h;
    marks.cells = xcalloc(cells, sizeof *marks.cells);
    collect(app, m, &marks);
    draw_marks(app, m, &marks);
    const struct flight *selected =
        app->selected != 0 ? flight_table_find(app->flights, app->selected) : NULL;
    struct geo_point p;
    int x, y;
    if (sky_place(selected, &p) && map_cell(m, p, &x, &y)) {
        struct pen pen = pen_on(m->canvas, m->area);
        pen_to(&pen, x, y);
        pen.marked = true;
        pen_text(&pen, altitude_role(selected), arrow(selected));
        canvas_set_cursor(m->canvas, m->area.x + x, m->area.y + y, false);
        draw_label(app, m, selected, true);
    }
    bool few = marks.labelled_count < LABELS_MAX;
    for (size_t i = 0; few && labels && i < marks.labelled_count; i++) {
        if (marks.labelled[i] != selected)
            draw_label(app, m, marks.labelled[i], false);
    }
    free(marks.cells);
}

/* Bottom left: a bar of a round length; bottom right: the altitude colours. */
static void draw_legend(const struct map_canvas *m)
{
    static const enum role roles[] = {ROLE_ALT_LOW, ROLE_ALT_MID, ROLE_ALT_HIGH,
                                      ROLE_ALT_TOP};
    static const char *const names[] = {"<10k", "20k", "30k", "40k"};
    double per_cell = map_nm_per_dot(m) * DOTS_ACROSS;
    double nm = pow(10, floor(log10(fmax(per_cell * 12, 0.1))));
    nm *= per_cell * 12 / nm >= 5 ? 5 : per_cell * 12 / nm >= 2 ? 2 : 1;
    int cells = (int)lround(nm / per_cell);
    struct pen pen = pen_on(m->canvas, m->area);
    if (m->area.w < 60)
        return;
    pen_to(&pen, 1, m->area.h - 1);
    pen_textf(&pen, ROLE_DIM, "%g nm ├", nm);
    pen_repeat(&pen, ROLE_DIM, "─", cells - 2);
    pen_text(&pen, ROLE_DIM, "┤");
    pen_to(&pen, m->area.w - 22, m->area.h - 1);
    for (size_t i = 0; i < ARRAY_LEN(roles); i++) {
        pen_text(&pen, roles[i], "↑");
        pen_textf(&pen, ROLE_DIM, "%s ", names[i]);
    }
}

void sky_draw(const struct map_canvas *m, const struct app *app,
              const struct sky_options *options)
{
    map_draw_world(m);
    if (options->details)
        draw_rings(app, m);
    draw_trail(app, m);
    if (options->details)
        draw_airports(m);
    draw_flights(app, m, options->labels);
    if (options->details)
        draw_legend(m);
}
