/*
 * Sets fields of an observation from a decoder's numbers and texts: fixed point,
 * ranges and lengths as flight_fields.def says, in this one place. Also where
 * the units of formats that are not aviation's are converted. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flight/flight_decode.h"
#include "flight/observation.h"

#define FT_PER_METRE 3.280839895013123  /* 1 / 0.3048 (exact by definition) */
#define KT_PER_M_S   1.9438444924406048 /* 3600 / 1852 */
#define FPM_PER_M_S  196.8503937007874  /* 60 / 0.3048 */

/* A limit for `now` that holds nothing back: for clocks that are judged later. */
#define DECODE_ANY_CLOCK_MS INT64_C(253402300799000) /* the end of the year 9999 */

/* An empty observation of an aircraft, heard at now_ms. */
void observation_begin(struct observation *obs, uint32_t icao, int64_t now_ms);

/* value in the field's unit; outside its range the field is refused (false). */
bool observation_set(struct observation *obs, enum flight_field field, double value,
                     struct flight_refusals *refusals);

/* A TEXT field, trailing blanks and '@' taken off; empty = not set (true). */
bool observation_set_text(struct observation *obs, enum flight_field field,
                          const char *text, size_t n, struct flight_refusals *refusals);

/* A squawk of 1 to 4 octal digits. */
bool observation_set_squawk(struct observation *obs, const char *text, size_t n,
                            struct flight_refusals *refusals);

/* A position of pos_at_ms; both coordinates in range, or none is set (false). */
bool observation_set_position(struct observation *obs, double lat_deg, double lon_deg,
                              int64_t pos_at_ms, struct flight_refusals *refusals);

/* On the ground: what FLIGHT_ALT_BARO says then. */
void observation_set_ground(struct observation *obs);

/* A number of an ENUM, BITS or flag field that is known to be right. */
void observation_set_number(struct observation *obs, enum flight_field field,
                            int32_t value);

/* Moves all times of the observation by shift_ms. */
void observation_shift(struct observation *obs, int64_t shift_ms);
