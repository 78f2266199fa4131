/*
 * The careful decoder: jansson's objects -> observations. Understands what the
 * scanner leaves alone: escapes, exponents, nested values (lastPosition), the
 * names of older programs (altitude, speed, vert_rate, gscp, ts). The only user
 * of jansson in this folder. Pure; any thread.
 */
#pragma once

#include <stddef.h>

#include "flight/flight_record.h"

struct json_t;

/*
 * One aircraft object of a document that is already parsed (a `const json_t *`).
 * As flight_decode_with; duplicate keys are up to who parsed the document.
 */
enum observation_reason flight_json_object(const struct json_t *object,
                                           const struct flight_decode_options *options,
                                           struct observation *ret_obs,
                                           struct flight_refusals *ret_refusals);

/* Parses the text first, duplicate keys refused; size not checked here. */
enum observation_reason flight_json_decode(const char *json, size_t n,
                                           const struct flight_decode_options *options,
                                           struct observation *ret_obs,
                                           struct flight_refusals *ret_refusals);
