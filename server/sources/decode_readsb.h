/*
 * readsb's aircraft.json (and dump1090's, old names included), and the objects
 * of its JSON port. (wiedehopf/readsb README-json.md.) Pure; any thread.
 */
#pragma once

#include "sources/document.h"

extern const struct document_format decode_readsb_format;

/*
 * One line of the JSON port: an object, often with a comma behind it. heard_ms
 * counts where the object has no `now`. OBSERVATION_EMPTY: a blank line.
 */
enum observation_reason decode_readsb_line(const char *line, size_t len,
                                           int64_t heard_ms,
                                           struct observation *ret_obs,
                                           struct flight_refusals *ret_refusals);
