/*
 * JSON text of one aircraft (a Kafka value, a line of a recording, an object of
 * a JSON port) -> observation. Total: any bytes give a reason or an observation.
 * The strict scanner (flight_scan) takes what our own producers and readsb
 * write; anything unusual goes the careful way (flight_json). Where both accept,
 * both give the same. Pure; any thread.
 *
 * The record is refused whole for: no JSON object, duplicate keys, no or bad
 * hex, no or bad time, more than FLIGHT_FUTURE_MS ahead of clock_ms, or a
 * position that is none. Of any other field that has the wrong type or is out
 * of range only the field is refused.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "flight/flight_record.h"

enum { FLIGHT_DECODE_MAX = 65536 }; /* bytes of one value */

/*
 * OBSERVATION_NONE and *ret_obs, or the reason and *ret_obs untouched.
 * default_src may be NULL.
 */
enum observation_reason flight_decode(const char *json, size_t n, int64_t clock_ms,
                                      const char *default_src,
                                      struct observation *ret_obs);

/* The same with all options; ret_refusals may be NULL, is set when accepted. */
enum observation_reason flight_decode_with(const char *json, size_t n,
                                           const struct flight_decode_options *options,
                                           struct observation *ret_obs,
                                           struct flight_refusals *ret_refusals);

/*
 * OBSERVATION_WRONG_KEY when the record's key names another aircraft or none; a
 * record without key (n == 0) is accepted.
 */
enum observation_reason flight_check_key(const void *key, size_t n, uint32_t icao);
