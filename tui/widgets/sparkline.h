/*
 * A line of values as bars of one to eight eighths, and a bar of a part of a
 * whole. Pure; one thread.
 */
#pragma once

#include <stddef.h>

#include "ui/canvas.h"

/* The last `width` values; the scale is 0..max (max <= 0: the largest value). */
void sparkline_draw(struct pen *pen, enum role role, const double *values, size_t count,
                    int width, double max);

/* A horizontal bar of part (0..1) of width columns, the rest blank. */
void bar_draw(struct pen *pen, enum role role, double part, int width);
