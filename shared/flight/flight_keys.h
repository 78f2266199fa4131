/*
 * Every key that means something in an aircraft object, those of older programs
 * included, and the way from a key's text to its number: a perfect hash, made by
 * gen/make_keys.py after a row was added here or in flight_fields.def. Read-only;
 * any thread.
 */
#pragma once

#include <stddef.h>

#include "flight/flight.h"

/* X(ID, "key") */
#define FLIGHT_EXTRA_KEYS(X)                                                           \
    X(HEX, "hex")                                                                      \
    X(NOW, "now")                                                                      \
    X(SEEN, "seen")                                                                    \
    X(SEEN_POS, "seen_pos")                                                            \
    X(LAST_POSITION, "lastPosition")                                                   \
    X(TS, "ts")                                                                        \
    X(ALTITUDE, "altitude")                                                            \
    X(SPEED, "speed")                                                                  \
    X(GSCP, "gscp")                                                                    \
    X(VERT_RATE, "vert_rate")                                                          \
    X(NAV_ALTITUDE, "nav_altitude")

/* A key's number is unsigned: that of its field, or one of these. */
enum {
    FLIGHT_KEY_BEFORE_EXTRAS = FLIGHT_FIELD_COUNT - 1,
#define X(id, key) FLIGHT_KEY_##id,
    FLIGHT_EXTRA_KEYS(X)
#undef X
        FLIGHT_KEY_COUNT,
    FLIGHT_KEY_NONE = FLIGHT_KEY_COUNT
};
_Static_assert(FLIGHT_KEY_COUNT <= 64, "a set of keys is one 64-bit word");

/*
 * The number of a key, FLIGHT_KEY_NONE when it means nothing here. At least
 * `readable` >= n bytes at text may be read, which spares a copy when it is 8 or
 * more.
 */
unsigned flight_key_find(const char *text, size_t n, size_t readable);
