/*
 * Coarse groups of aircraft for counting: phase of flight and altitude band.
 * Pure; any thread.
 */
#pragma once

#include "flight/flight.h"

enum flight_phase {
    FLIGHT_PHASE_UNKNOWN,
    FLIGHT_PHASE_GROUND,
    FLIGHT_PHASE_CLIMB,
    FLIGHT_PHASE_CRUISE,
    FLIGHT_PHASE_DESCENT,
    FLIGHT_PHASE_COUNT
};

enum { FLIGHT_BAND_COUNT = 6, FLIGHT_BAND_FT = 10000, FLIGHT_CLIMB_FPM = 300 };

/* Climb and descent begin at 300 ft/min; without a rate, an altitude is cruise. */
enum flight_phase flight_phase_of(const struct flight *f);
const char *flight_phase_text(enum flight_phase phase);

/* Band of the pressure altitude, 0 .. FLIGHT_BAND_COUNT - 1; -1 on the ground or
 * unknown. */
int flight_band_of(const struct flight *f);
const char *flight_band_text(int band);
