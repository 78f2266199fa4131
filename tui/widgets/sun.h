/*
 * Where the sun stands overhead, and so where it is night. The formulas are those
 * of NOAA's solar calculator (gml.noaa.gov/grad/solcalc/calcdetails.html), after
 * Jean Meeus, Astronomical Algorithms, chapter 25: within 0.01 degree between 1900
 * and 2100. Pure; any thread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "flight/geo.h"

/* The place that has the sun in its zenith at an epoch time. */
struct geo_point sun_overhead(int64_t epoch_ms);

/* Sine of the sun's height over the horizon of a place, refraction left out. */
double sun_height_sine(struct geo_point overhead, struct geo_point place);

/* The upper edge of the sun is below the horizon (-0.833 degrees, as NOAA has it). */
bool sun_is_night(struct geo_point overhead, struct geo_point place);

/* The sine of those -0.833 degrees. */
#define SUN_SET_SINE (-0.014538)
