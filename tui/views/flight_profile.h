/*
 * Where one aircraft was: its altitude and speed as graphs, and its trail as a
 * table. Draws nothing that is not known. One thread.
 */
#pragma once

#include "app/app.h"
#include "ui/canvas.h"

/* True when there is a trail of the aircraft to draw. */
bool flight_profile_has(const struct app *app, uint32_t icao);

/* Altitude at the left, speed at the right. */
void flight_profile_draw(const struct app *app, struct canvas *canvas,
                         struct rect area);

/* The points, the newest first, from the top-th on, under a header. */
void flight_trail_draw(const struct app *app, size_t top, struct canvas *canvas,
                       struct rect area);
