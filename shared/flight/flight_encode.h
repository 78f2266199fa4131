/*
 * Rows and observations as JSON text: the one encoder of the wire, of Kafka
 * values and of the HTTP API. readsb's names; numbers with the fixed decimals of
 * flight_fields.def, trailing zeros trimmed, integer arithmetic only. Pure; each
 * call adds whole or, past the buffer's ceiling, not at all (false).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/strbuf.h"
#include "flight/flight.h"
#include "flight/observation.h"

/* Upper bound of what one call adds, in bytes. */
enum { FLIGHT_ENCODE_MAX = 4096 };

/*
 * Those of `fields` that are known, each led by a comma:
 * ,"lat":47.45813,"lon":8.55552,"flight":"SWR123"
 */
bool flight_encode_fields(struct strbuf *out, const struct flight *f, uint64_t fields);

/* As above, and ,"key":null for those of `fields` that are unknown. */
bool flight_encode_changes(struct strbuf *out, const struct flight *f, uint64_t fields);

/*
 * One object: {"hex":"4b1814",...,"seen":0.3,"seen_pos":1.2}, the known ones of
 * `fields`, ages in seconds before now_ms; seen_pos only with a position.
 */
bool flight_encode_flight(struct strbuf *out, const struct flight *f, uint64_t fields,
                          int64_t now_ms);

/*
 * The Kafka value: {"hex":..,"now":..,...}; `seen` when heard before now,
 * `seen_pos` when the position is not as old as that; null for what was cleared.
 * flight_decode reads back the same observation.
 */
bool flight_encode_record(struct strbuf *out, const struct observation *obs);

/* A whole row in that form, for topics and stores that keep the latest state. */
bool flight_encode_state(struct strbuf *out, const struct flight *f);
