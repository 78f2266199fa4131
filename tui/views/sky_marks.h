/*
 * Which flights are in sight, and their marks: an arrow the way it flies, a
 * number where there are too many. Parts of sky_draw; one thread.
 */
#pragma once

#include "views/sky_scene.h"

/* Fills sky->spots and decides what becomes a cluster. */
void sky_gather(struct sky *sky, const struct map_canvas *m, const struct app *app,
                const struct sky_options *options);

void sky_draw_marks(struct sky *sky, const struct map_canvas *m, const struct app *app);

/* The mark of a flight: eight directions, on the ground, unknown. */
const char *sky_arrow(const struct flight *f, bool ghost);
