#include "widgets/map_canvas.h"

#include <math.h>

#include "widgets/coast.h"

enum { RING_POINTS = 72 };

#define BORDER_DEGREES 0.3 /* with wider dots borders would be all there is */

static const double pi = 3.14159265358979323846;

static double mercator(double lat_deg)
{
    double lat = fmin(fmax(lat_deg, -MAP_LAT_MAX), MAP_LAT_MAX) * pi / 180;
    return log(tan(pi / 4 + lat / 2)) * 180 / pi;
}

static double latitude(double height_deg)
{
    return (2 * atan(exp(height_deg * pi / 180)) - pi / 2) * 180 / pi;
}

void map_project(const struct map_canvas *m, struct geo_point place, double ret_dot[2])
{
    double east = geo_wrap_lon(place.lon_deg - m->centre.lon_deg);
    double north = mercator(place.lat_deg) - mercator(m->centre.lat_deg);
    ret_dot[0] = m->area.w * DOTS_ACROSS / 2.0 + east / m->degrees;
    ret_dot[1] = m->area.h * DOTS_DOWN / 2.0 - north / m->degrees;
}

bool map_cell(const struct map_canvas *m, struct geo_point place, int *ret_x,
              int *ret_y)
{
    double dot[2];
    map_project(m, place, dot);
    if (dot[0] < 0 || dot[1] < 0 || dot[0] >= m->area.w * DOTS_ACROSS ||
        dot[1] >= m->area.h * DOTS_DOWN)
        return false;
    *ret_x = (int)dot[0] / DOTS_ACROSS;
    *ret_y = (int)dot[1] / DOTS_DOWN;
    return true;
}

struct geo_point map_place(const struct map_canvas *m, int x, int y)
{
    double east = ((x + 0.5) - m->area.w / 2.0) * DOTS_ACROSS * m->degrees;
    double south = ((y + 0.5) - m->area.h / 2.0) * DOTS_DOWN * m->degrees;
    return (struct geo_point){latitude(mercator(m->centre.lat_deg) - south),
                              geo_wrap_lon(m->centre.lon_deg + east)};
}

double map_nm_per_dot(const struct map_canvas *m)
{
    return m->degrees * 60 * cos(m->centre.lat_deg * pi / 180);
}

/* One line of the world, shifted by whole turns so that the date line is no edge. */
static void draw_world_line(const struct map_canvas *m, const struct dots *dots,
                            const struct coast_line *line, double turn_deg)
{
    const struct coast_point *points = coast_points(line);
    double x0 =
        m->area.w * DOTS_ACROSS / 2.0 - (m->centre.lon_deg - turn_deg) / m->degrees;
    double y0 = m->area.h * DOTS_DOWN / 2.0 + mercator(m->centre.lat_deg) / m->degrees;
    double scale = 0.01 / m->degrees;
    double w = m->area.w * DOTS_ACROSS;
    double h = m->area.h * DOTS_DOWN;
    double from[2] = {x0 + points[0].x * scale, y0 - points[0].y * scale};
    enum role role = line->border ? ROLE_BORDER : ROLE_COAST;
    for (unsigned i = 1; i < line->count; i++) {
        double to[2] = {x0 + points[i].x * scale, y0 - points[i].y * scale};
        bool outside = (from[0] < 0 && to[0] < 0) || (from[0] > w && to[0] > w) ||
                       (from[1] < 0 && to[1] < 0) || (from[1] > h && to[1] > h);
        if (!outside)
            dots_line(dots, role, from, to);
        from[0] = to[0];
        from[1] = to[1];
    }
}

void map_draw_world(const struct map_canvas *m)
{
    const struct dots dots = {m->canvas, m->area, ".", false};
    double half = m->area.w * DOTS_ACROSS / 2.0 * m->degrees;
    /* Borders first: where both meet in a cell, the coast's colour stays. */
    for (unsigned border = 2; border-- > 0;) {
        for (size_t i = 0; i < coast_line_count(); i++) {
            const struct coast_line *line = coast_line_at(i);
            if (line->border != border || (border && m->degrees > BORDER_DEGREES))
                continue;
            draw_world_line(m, &dots, line, 0);
            if (m->centre.lon_deg - half < -180)
                draw_world_line(m, &dots, line, -360);
            if (m->centre.lon_deg + half > 180)
                draw_world_line(m, &dots, line, 360);
        }
    }
}

void map_draw_path(const struct map_canvas *m, enum role role,
                   const struct geo_point *places, size_t count)
{
    const struct dots dots = {m->canvas, m->area, "'", false};
    double from[2];
    for (size_t i = 0; i < count; i++) {
        double to[2];
        map_project(m, places[i], to);
        if (i > 0 && fabs(to[0] - from[0]) * m->degrees < 180)
            dots_line(&dots, role, from, to);
        from[0] = to[0];
        from[1] = to[1];
    }
}

void map_draw_ring(const struct map_canvas *m, enum role role, struct geo_point centre,
                   double nm)
{
    struct geo_point places[RING_POINTS + 1];
    for (int i = 0; i <= RING_POINTS; i++)
        places[i] = geo_destination(centre, i * 360.0 / RING_POINTS, nm);
    map_draw_path(m, role, places, RING_POINTS + 1);
}
