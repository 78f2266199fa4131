/*
 * One aircraft as readsb writes it into aircraft.json (README-json.md of readsb):
 * callsigns padded to 8, a position older than 60 s as lastPosition, and the
 * members that front ends read without asking (mlat, tisb, messages, seen, rssi)
 * always there. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct flight;
struct strbuf;

enum {
    READSB_POSITION_MS = 60000, /* an older position is a last position */
    READSB_HEARD_MS = 60000     /* not heard for longer: left out of the list */
};

/* True when readsb would still list it: heard lately, or its kind is heard rarely. */
bool readsb_form_lists(const struct flight *f, int64_t now_ms);

/* Writes the members of the object without its closing brace. */
void readsb_form_write_open(const struct flight *f, int64_t now_ms, struct strbuf *out);
