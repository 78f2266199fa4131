/*
 * Pictures made of dots, two by four to a cell, painted with the characters that
 * the terminal has: braille, half blocks, or ASCII characters of about the same
 * shape. Coordinates are dots from the top left. A raster is owned by who made
 * it; pure; one thread.
 */
#pragma once

#include <stdint.h>

#include "ui/canvas.h"

enum { DOTS_ACROSS = 2, DOTS_DOWN = 4 };

struct dots {
    int w, h;       /* cells */
    uint8_t *bits;  /* per cell, as in Unicode's braille patterns */
    uint8_t *roles; /* per cell: of the last dot */
};

/* Blank, of a size in cells (at least one); again: the old content is lost. */
void dots_resize(struct dots *d, int w, int h);
void dots_release(struct dots *d);

/* Takes over the content of a raster of the same size. */
void dots_copy(struct dots *d, const struct dots *from);

/* Dots outside are left out. */
void dots_set(struct dots *d, enum role role, int x, int y);

/* A straight line; what lies outside costs nothing. */
void dots_line(struct dots *d, enum role role, const double from[2],
               const double to[2]);

/* The same of every n-th dot, for lines that are only meant. */
void dots_dashes(struct dots *d, enum role role, const double from[2],
                 const double to[2], int n);

/* Draws the cells that have dots on the area, with the canvas's kind of dots. */
void dots_paint(const struct dots *d, struct canvas *canvas, struct rect area);
