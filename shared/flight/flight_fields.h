/*
 * The rows of flight_fields.def as a constant table: what a loop over fields
 * (encoder, decoder, filter, columns, help) needs to know of each. Read-only;
 * any thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flight/flight.h"

enum flight_kind {
    FLIGHT_KIND_INT,
    FLIGHT_KIND_ALTITUDE,
    FLIGHT_KIND_SQUAWK,
    FLIGHT_KIND_ENUM,
    FLIGHT_KIND_BITS,
    FLIGHT_KIND_CATEGORY,
    FLIGHT_KIND_TEXT
};

struct flight_field_info {
    const char *key;   /* name on the wire */
    const char *title; /* column title */
    const char *unit;  /* "" when there is none */
    enum flight_kind kind;
    uint8_t key_length;
    uint8_t decimals; /* of the fixed-point value */
    uint8_t flags;    /* enum flight_flags */
    uint16_t offset;  /* TEXT: of the member in struct flight_values */
    uint16_t size;    /* TEXT: of the member, NUL included */
    int32_t min;      /* accepted range, fixed point */
    int32_t max;
};

/* One row per enum flight_field, in its order. */
extern const struct flight_field_info flight_field_info[FLIGHT_FIELD_COUNT];

/* Sets of fields that many want. */
#define FLIGHT_ALL_FIELDS      (UINT64_MAX >> (64 - FLIGHT_FIELD_COUNT))
#define FLIGHT_POSITION_FIELDS (FLIGHT_BIT(FLIGHT_LAT) | FLIGHT_BIT(FLIGHT_LON))

/* The fields that are on the wire without being asked for by name. */
uint64_t flight_default_fields(void);

/* The field of a wire key; false when there is none. */
bool flight_field_by_key(const char *key, size_t n, enum flight_field *ret_field);

/* The text of a TEXT field, "" when unset. Borrowed from v. */
const char *flight_values_text(const struct flight_values *v, enum flight_field field);

/*
 * Sets a TEXT field. False, v untouched, when the text does not fit or holds
 * anything but printable ASCII: what is in a row may go to a terminal as it is.
 */
bool flight_values_set_text(struct flight_values *v, enum flight_field field,
                            const char *text, size_t n);
