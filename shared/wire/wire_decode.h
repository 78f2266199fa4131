/*
 * One text frame of flightdash.v1.json from the server -> one value. Total: any
 * bytes give a message or an error, never a crash; what a message says wrongly
 * of one field is left out and counted, unknown members are ignored, so that an
 * older client reads a newer server. Pure; any thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/wire_message.h"

struct json_t; /* jansson */
struct strbuf;

/*
 * 0; -EMSGSIZE, -EBADMSG (not an object with a `type`) with a sentence in
 * ret_error. Release the message after use in any case.
 */
int wire_decode(const char *frame, size_t len, struct wire_message *ret_message,
                struct strbuf *ret_error);

/* The same, always through the JSON library: what the scanner is compared with. */
int wire_decode_carefully(const char *frame, size_t len,
                          struct wire_message *ret_message, struct strbuf *ret_error);

/* The flight of an object such as {"hex":..,"lat":..}; false when it has no hex. */
bool wire_decode_flight(const struct json_t *object, int64_t time_ms, bool snapshot,
                        struct observation *ret_flight, size_t *ret_refused);
