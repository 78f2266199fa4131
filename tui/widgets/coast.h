/*
 * Coasts and borders of the world as lines on Mercator's map; constant tables
 * made by gen/make_coast.py. Any thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct coast_point {
    int16_t x, y; /* longitude and Mercator height, 1/100 degree */
};

struct coast_line {
    uint32_t first; /* index of its first point */
    uint16_t count;
    uint16_t border; /* 1 between two countries, 0 on the sea */
};

size_t coast_line_count(void);
const struct coast_line *coast_line_at(size_t i);
const struct coast_point *coast_points(const struct coast_line *line);
