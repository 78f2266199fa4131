/*
 * What an ICAO type designator ("A20N", Doc 8643) and an emitter category ("A3",
 * DO-260B 2.2.3.2.5.2) mean in words. Constant tables; any thread; the strings
 * live as long as the program.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* "Airbus A320neo" (ASCII, at most 26 bytes); NULL when it is not in the table. */
const char *aircraft_type_name(const char *designator);

/* "large" for 0xA3; NULL for what says nothing or is reserved. */
const char *aircraft_category_name(int32_t category);

/* The i-th designator in their order; NULL past the last. */
const char *aircraft_type_at(size_t i);
