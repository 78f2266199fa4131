/*
 * What lies between the world and the flights: rings and the way home, trails,
 * airports; and the legend over all. Parts of sky_draw; one thread.
 */
#pragma once

#include "views/sky_scene.h"

/* Into sky->dots. */
void sky_draw_rings(struct sky *sky, const struct map_canvas *m, const struct app *app);
void sky_draw_way_home(struct sky *sky, const struct map_canvas *m,
                       const struct app *app);
void sky_draw_trail(struct sky *sky, const struct map_canvas *m, const struct app *app);
void sky_draw_tails(struct sky *sky, const struct map_canvas *m, const struct app *app);

/* Onto the canvas, where there is room. */
void sky_draw_ring_texts(struct sky *sky, const struct map_canvas *m,
                         const struct app *app);
void sky_draw_airports(struct sky *sky, const struct map_canvas *m);
void sky_draw_legend(struct sky *sky, const struct map_canvas *m,
                     const struct app *app);
