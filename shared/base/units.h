/*
 * From the one unit in which a quantity is kept to the one in which it is shown.
 * Only drawing converts; nothing converted is ever kept. Factors are exact by
 * definition (foot 0.3048 m, nautical mile 1852 m, mile 1609.344 m). Pure; any
 * thread.
 */
#pragma once

#include <stdbool.h>

enum unit_system { UNITS_AVIATION, UNITS_METRIC, UNITS_IMPERIAL };

enum quantity {
    QUANTITY_ALTITUDE,      /* kept in feet */
    QUANTITY_SPEED,         /* kept in knots */
    QUANTITY_DISTANCE,      /* kept in nautical miles */
    QUANTITY_VERTICAL_RATE, /* kept in feet per minute */
    QUANTITY_COUNT
};

/* Reads "aviation", "metric" or "imperial"; false when text is none of them. */
bool unit_system_parse(const char *text, enum unit_system *ret_system);

/* Its name. */
const char *unit_system_name(enum unit_system system);

/* The system after this one, for a key that steps through them. */
enum unit_system unit_system_next(enum unit_system system);

/* A kept value in the shown unit. */
double units_shown(enum unit_system system, enum quantity quantity, double kept);

/* A shown value in the kept unit, for what people type. */
double units_kept(enum unit_system system, enum quantity quantity, double shown);

/* The shown unit: "ft", "km/h", "nm", "m/s", ... */
const char *units_label(enum unit_system system, enum quantity quantity);

/* The decimals worth showing (vertical rates in m/s have one, all else none). */
unsigned units_decimals(enum unit_system system, enum quantity quantity);
