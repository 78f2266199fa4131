/*
 * The fast decoder: one pass over exactly the flat object that our producers
 * and readsb write, without allocation. Plain ASCII strings without escapes,
 * numbers without exponent, null, arrays of plain strings; of any object it
 * either gives what flight_json would give, or declines. Pure; any thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "flight/flight_record.h"

/*
 * False: declined, nothing written, ask flight_json. True: *ret_reason is set,
 * and on OBSERVATION_NONE *ret_obs and (if not NULL) *ret_refusals.
 */
bool flight_scan(const char *json, size_t n,
                 const struct flight_decode_options *options,
                 enum observation_reason *ret_reason, struct observation *ret_obs,
                 struct flight_refusals *ret_refusals);
