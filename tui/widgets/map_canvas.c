#include "widgets/map_canvas.h"

#include <math.h>

enum { RING_POINTS = 72, CIRCLE_POINTS = 64, TURN_E5 = 360 * GEO_E5 };

static const double pi = 3.14159265358979323846;

double map_height_deg(double lat_deg)
{
    double lat = fmin(fmax(lat_deg, -MAP_LAT_MAX), MAP_LAT_MAX) * pi / 180;
    return log(tan(pi / 4 + lat / 2)) * 180 / pi;
}

double map_latitude_deg(double height_deg)
{
    return (2 * atan(exp(height_deg * pi / 180)) - pi / 2) * 180 / pi;
}

void map_project(const struct map_canvas *m, struct geo_point place, double ret_dot[2])
{
    double east = geo_wrap_lon(place.lon_deg - m->centre.lon_deg);
    double north = map_height_deg(place.lat_deg) - map_height_deg(m->centre.lat_deg);
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
    return (struct geo_point){
        map_latitude_deg(map_height_deg(m->centre.lat_deg) - south),
        geo_wrap_lon(m->centre.lon_deg + east)};
}

double map_nm_per_dot(const struct map_canvas *m)
{
    return m->degrees * 60 * cos(m->centre.lat_deg * pi / 180);
}

/* ---- lines --------------------------------------------------------------------- */

static void draw_path(const struct map_canvas *m, struct dots *dots, enum role role,
                      const struct geo_point *places, size_t count, int dash)
{
    double from[2];
    for (size_t i = 0; i < count; i++) {
        double to[2];
        map_project(m, places[i], to);
        if (i > 0 && fabs(to[0] - from[0]) * m->degrees < 180)
            dots_dashes(dots, role, from, to, dash);
        from[0] = to[0];
        from[1] = to[1];
    }
}

void map_draw_path(const struct map_canvas *m, struct dots *dots, enum role role,
                   const struct geo_point *places, size_t count)
{
    draw_path(m, dots, role, places, count, 1);
}

void map_draw_ring(const struct map_canvas *m, struct dots *dots, enum role role,
                   struct geo_point centre, double nm)
{
    struct geo_point places[RING_POINTS + 1];
    for (int i = 0; i <= RING_POINTS; i++)
        places[i] = geo_destination(centre, i * 360.0 / RING_POINTS, nm);
    draw_path(m, dots, role, places, RING_POINTS + 1, 2);
}

void map_draw_great_circle(const struct map_canvas *m, struct dots *dots,
                           enum role role, struct geo_point a, struct geo_point b)
{
    struct geo_point places[CIRCLE_POINTS + 1];
    for (int i = 0; i <= CIRCLE_POINTS; i++)
        places[i] = geo_intermediate(a, b, (double)i / CIRCLE_POINTS);
    draw_path(m, dots, role, places, CIRCLE_POINTS + 1, 3);
}

/* ---- many places --------------------------------------------------------------- */

void map_grid_init(struct map_grid *grid, const struct map_canvas *m)
{
    double top =
        map_height_deg(m->centre.lat_deg) + m->area.h * DOTS_DOWN / 2.0 * m->degrees;
    grid->w = m->area.w;
    grid->h = MIN_OF(m->area.h, (int)CANVAS_MAX_HEIGHT);
    grid->centre_lon_e5 = geo_to_e5(m->centre.lon_deg);
    grid->cells_per_e5 = 1 / (m->degrees * DOTS_ACROSS * GEO_E5);
    for (int y = 0; y <= grid->h; y++)
        grid->row_lat_e5[y] =
            geo_to_e5(map_latitude_deg(top - y * DOTS_DOWN * m->degrees));
}

bool map_grid_cell(const struct map_grid *grid, int32_t lat_e5, int32_t lon_e5,
                   int *ret_x, int *ret_y)
{
    if (lat_e5 > grid->row_lat_e5[0] || lat_e5 <= grid->row_lat_e5[grid->h])
        return false;
    int32_t east = lon_e5 - grid->centre_lon_e5;
    east += east < -TURN_E5 / 2 ? TURN_E5 : east >= TURN_E5 / 2 ? -TURN_E5 : 0;
    double x = grid->w / 2.0 + east * grid->cells_per_e5;
    if (x < 0 || x >= grid->w)
        return false;
    int above = 0; /* the last row whose edge is not south of the place */
    int below = grid->h;
    while (below - above > 1) {
        int middle = (above + below) / 2;
        if (grid->row_lat_e5[middle] >= lat_e5)
            above = middle;
        else
            below = middle;
    }
    *ret_x = (int)x;
    *ret_y = above;
    return true;
}
