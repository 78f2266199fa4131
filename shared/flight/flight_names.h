/*
 * The words behind the numbers of a row: emergency, address type and SIL type
 * (ENUM), navigation modes (BITS), emitter category. As readsb's aircraft.json
 * writes them (readsb README-json.md). Read-only; any thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flight/flight.h"

/* Values of FLIGHT_EMERGENCY. */
enum flight_emergency {
    FLIGHT_EMERGENCY_NONE,
    FLIGHT_EMERGENCY_GENERAL,
    FLIGHT_EMERGENCY_LIFEGUARD,
    FLIGHT_EMERGENCY_MINFUEL,
    FLIGHT_EMERGENCY_NORDO,
    FLIGHT_EMERGENCY_UNLAWFUL,
    FLIGHT_EMERGENCY_DOWNED,
    FLIGHT_EMERGENCY_RESERVED
};

/* Values of FLIGHT_ADDR_TYPE: where a message came from, best first. */
enum flight_addr_type {
    FLIGHT_ADDR_ADSB_ICAO,
    FLIGHT_ADDR_ADSB_ICAO_NT,
    FLIGHT_ADDR_ADSR_ICAO,
    FLIGHT_ADDR_TISB_ICAO,
    FLIGHT_ADDR_ADSC,
    FLIGHT_ADDR_MLAT,
    FLIGHT_ADDR_OTHER,
    FLIGHT_ADDR_MODE_S,
    FLIGHT_ADDR_ADSB_OTHER,
    FLIGHT_ADDR_ADSR_OTHER,
    FLIGHT_ADDR_TISB_OTHER,
    FLIGHT_ADDR_TISB_TRACKFILE,
    FLIGHT_ADDR_MODE_AC,
    FLIGHT_ADDR_UNKNOWN
};

/* Bits of FLIGHT_NAV_MODES. */
enum flight_nav_mode {
    FLIGHT_NAV_AUTOPILOT = 1,
    FLIGHT_NAV_VNAV = 2,
    FLIGHT_NAV_ALTHOLD = 4,
    FLIGHT_NAV_APPROACH = 8,
    FLIGHT_NAV_LNAV = 16,
    FLIGHT_NAV_TCAS = 32
};

/* Bits of FLIGHT_DB_FLAGS. */
enum flight_db_flag {
    FLIGHT_DB_MILITARY = 1,
    FLIGHT_DB_INTERESTING = 2,
    FLIGHT_DB_PIA = 4,
    FLIGHT_DB_LADD = 8
};

enum { FLIGHT_CATEGORY_SIZE = 3 }; /* "A3" + NUL */

/* The word of an ENUM field's value; NULL when it has none. */
const char *flight_enum_text(enum flight_field field, int32_t value);

/* The value of a word; false when the field has no such word. */
bool flight_enum_value(enum flight_field field, const char *text, size_t n,
                       int32_t *ret_value);

/* The word of bit number `bit` of a BITS field; NULL when it has none. */
const char *flight_bit_text(enum flight_field field, unsigned bit);

/* The bit's value (1, 2, 4, ...) of a word; false when there is none. */
bool flight_bit_value(enum flight_field field, const char *text, size_t n,
                      int32_t *ret_value);

/* "A3" for 0xA3. */
void flight_category_text(int32_t category, char ret_text[FLIGHT_CATEGORY_SIZE]);

/* "A0" .. "D7" only. */
bool flight_category_value(const char *text, size_t n, int32_t *ret_category);

/*
 * The squawk's value, its four octal digits read as decimal, from 1 to 4 of
 * them ("733" is 0733); false when a digit is not octal.
 */
bool flight_squawk_value(const char *text, size_t n, int32_t *ret_squawk);

/* True when all decimal digits of the number are octal and there are four at most. */
bool flight_squawk_valid(int64_t squawk);
