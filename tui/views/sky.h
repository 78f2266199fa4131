/*
 * Flights drawn on a map canvas: trail, rings, airports, arrows, labels. What the
 * map view and the overview share. One thread.
 */
#pragma once

#include "app/app.h"
#include "widgets/map_canvas.h"

struct sky_options {
    bool labels;
    bool details; /* rings, airports, legend */
};

/* Draws the world and all of app->list on it. */
void sky_draw(const struct map_canvas *m, const struct app *app,
              const struct sky_options *options);

/* The position of a flight; false when it is NULL or has none. */
bool sky_place(const struct flight *f, struct geo_point *ret_place);

/* Centre and scale that show all of app->list; false when nothing has a place. */
bool sky_fit(const struct app *app, struct rect area, struct geo_point *ret_centre,
             double *ret_degrees);

/* A scale brought into what makes sense on an area. */
double sky_bounded_degrees(double degrees, struct rect area);
