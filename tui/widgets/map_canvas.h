/*
 * A part of the world on a rectangle, in Mercator's projection: where a place is
 * in cells and dots, coasts and borders under everything, lines and rings. Pure;
 * one thread.
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

/* Coasts and borders. */
void map_draw_world(const struct map_canvas *m);

/* A line along places; a jump over the date line is not drawn across the map. */
void map_draw_path(const struct map_canvas *m, enum role role,
                   const struct geo_point *places, size_t count);

/* A circle around a place. */
void map_draw_ring(const struct map_canvas *m, enum role role, struct geo_point centre,
                   double nm);

/* Nautical miles that one dot is high and wide in the middle of the map. */
double map_nm_per_dot(const struct map_canvas *m);
