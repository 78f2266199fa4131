/*
 * Where an aircraft would be that is not heard any more: its last position moved
 * along the great circle of its last track at its last speed. A guess, and to be
 * drawn as one; nothing else may use it. Pure; any thread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "flight/flight.h"
#include "flight/geo.h"

enum {
    FLIGHT_GHOST_FROM_MS = 15000, /* a position younger than this is the position */
    FLIGHT_GHOST_TO_MS = 600000   /* and after ten minutes nobody can say */
};

/*
 * The place at now_ms (the clock of f->pos_at_ms). False without a position,
 * track or speed, on the ground, and outside of the times above.
 */
bool flight_ghost_place(const struct flight *f, int64_t now_ms,
                        struct geo_point *ret_place);
