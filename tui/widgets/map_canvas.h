/*
 * A part of the world in Mercator's projection on a rectangle: where a place is
 * in cells and dots, lines, rings and great circles as dots. Pure; one thread.
 */
#pragma once

#include "flight/geo.h"
#include "ui/canvas.h"
#include "widgets/dots.h"

#define MAP_LAT_MAX 84.0 /* Mercator goes no further */

struct map_canvas {
    struct canvas *canvas;
    struct rect area;
    struct geo_point centre;
    double degrees; /* of longitude that one dot is wide */
};

/* Dots from the top left of the area; a place may lie outside. */
void map_project(const struct map_canvas *m, struct geo_point place, double ret_dot[2]);

/* The cell of a place, relative to the area; false when it is outside. */
bool map_cell(const struct map_canvas *m, struct geo_point place, int *ret_x,
              int *ret_y);

/* The place in the middle of a cell. */
struct geo_point map_place(const struct map_canvas *m, int x, int y);

/* The height of a latitude over the equator on the map, in degrees, and back. */
double map_height_deg(double lat_deg);
double map_latitude_deg(double height_deg);

/* A line along places; a jump over the date line is not drawn across the map. */
void map_draw_path(const struct map_canvas *m, struct dots *dots, enum role role,
                   const struct geo_point *places, size_t count);

/* A circle around a place. */
void map_draw_ring(const struct map_canvas *m, struct dots *dots, enum role role,
                   struct geo_point centre, double nm);

/* The shortest way from a to b, dashed. */
void map_draw_great_circle(const struct map_canvas *m, struct dots *dots,
                           enum role role, struct geo_point a, struct geo_point b);

/* Nautical miles that one dot is high and wide in the middle of the map. */
double map_nm_per_dot(const struct map_canvas *m);

/*
 * The same as map_cell without trigonometry, for thousands of places: the
 * latitudes at which rows begin are found once for each frame.
 */
struct map_grid {
    int w, h;
    int32_t centre_lon_e5;
    double cells_per_e5;
    int32_t row_lat_e5[CANVAS_MAX_HEIGHT + 1]; /* the northern edges, falling */
};

void map_grid_init(struct map_grid *grid, const struct map_canvas *m);
bool map_grid_cell(const struct map_grid *grid, int32_t lat_e5, int32_t lon_e5,
                   int *ret_x, int *ret_y);
