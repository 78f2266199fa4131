/*
 * Places by name, for `:centre`: an airport by its code, a country by its code or
 * name. Where a country is, is told by its airports. Pure.
 */
#pragma once

#include <stdbool.h>

#include "flight/geo.h"

struct place {
    struct geo_point centre;
    double radius_nm; /* around it; 0 of an airport */
};

/* "LSZH", "zrh", "CH" or "Switzerland"; a country's code wins over nothing else, as
 * no airport's has two letters. False when no place has this name. */
bool place_find(const char *name, struct place *ret_place);

/* The zoom, as web maps count, at which a radius fits on a screen of 24 lines. */
double place_zoom(const struct place *place);
