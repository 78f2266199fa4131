/*
 * Flights drawn on a map: what the map view and the overview share. One thread.
 */
#pragma once

#include "views/sky_scene.h"

/* Takes samples for the tails: call it before drawing. */
void sky_update(struct sky *sky, const struct app *app);

/* Draws the world and all flights that match app's filter on it. */
void sky_draw(struct sky *sky, const struct map_canvas *m, const struct app *app,
              const struct sky_options *options);

/* Centre and scale that show all that matches; false when nothing has a place. */
bool sky_fit(const struct app *app, struct rect area, struct geo_point *ret_centre,
             double *ret_degrees);

/* A scale brought into what makes sense on an area. */
double sky_bounded_degrees(double degrees, struct rect area);
