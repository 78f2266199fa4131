/*
 * One row of OpenSky's /states/all ("states": [[..], ..]) -> observation.
 * 17 columns, or 18 with extended=1; longitude before latitude; metres, metres
 * per second; nulls. (openskynetwork.github.io/opensky-api/rest.html.)
 * Pure; any thread.
 */
#pragma once

#include "sources/document.h"

extern const struct document_format decode_opensky_format;

/* now_ms: the document's `time`. ret_refusals is set when the row is accepted. */
enum observation_reason decode_opensky(struct json_slice row, int64_t now_ms,
                                       struct observation *ret_obs,
                                       struct flight_refusals *ret_refusals);
