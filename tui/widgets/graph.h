/*
 * Lines over time on a rectangle, in braille (or with one character a point
 * where there is none), with an axis that does not move while its scale fits.
 * Gaps in the data are gaps in the line. Pure; one thread.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "ui/canvas.h"

struct graph_line {
    const char *label;
    const int64_t *times_ms; /* ascending */
    const double *values;
    size_t count;
};

struct graph {
    const struct graph_line *lines;
    size_t line_count;
    int64_t from_ms, to_ms;
    int64_t gap_ms; /* points further apart are not joined */
    const char *unit;
};

void graph_draw(const struct graph *graph, struct canvas *canvas, struct rect area);

/* 1234.5 -> "1.23k", for axes and values: at most 6 columns. */
enum { GRAPH_NUMBER_SIZE = 16 };
void graph_number(double v, char ret_text[GRAPH_NUMBER_SIZE]);

/* The smallest of 1, 2, 5 times a power of ten that is >= v (v > 0). */
double graph_round_up(double v);
