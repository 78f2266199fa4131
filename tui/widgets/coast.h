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

/* From one point of a line to the next. */
struct coast_step {
    int8_t x, y;
};

struct coast_line {
    uint32_t first;  /* index of its first step */
    uint16_t count;  /* points: one more than steps */
    uint16_t border; /* 1 between two countries, 0 on the sea */
    struct coast_point start;
    struct coast_point low, high; /* the box around it */
};

size_t coast_line_count(void);
const struct coast_line *coast_line_at(size_t i);

/* The steps of a line, count - 1 of them. */
const struct coast_step *coast_steps(const struct coast_line *line);
