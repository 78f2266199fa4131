/*
 * The names of flights on the map, callsign and level, where they hide nothing;
 * and the card that says all about the selected one. Parts of sky_draw; one
 * thread.
 */
#pragma once

#include "views/sky_scene.h"

/* The selected flight and emergencies always, others where there is room. */
void sky_draw_labels(struct sky *sky, const struct map_canvas *m, const struct app *app,
                     bool all);

/* In a corner away from the flight, where the map is large enough. */
void sky_draw_card(struct sky *sky, const struct map_canvas *m, const struct app *app);
