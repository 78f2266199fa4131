/*
 * Pictures made of dots: two by four to a cell in braille, or one character a
 * cell where there is no UTF-8. Coordinates are dots of an area, from its top
 * left. Pure; one thread.
 */
#pragma once

#include "ui/canvas.h"

enum { DOTS_ACROSS = 2, DOTS_DOWN = 4 };

struct dots {
    struct canvas *canvas;
    struct rect area;  /* cells */
    const char *ascii; /* the character of a dot without braille */
    bool under;        /* leave cells alone that hold anything but dots */
};

void dots_set(const struct dots *d, enum role role, int x, int y);

/* A straight line; what lies outside the area costs nothing. */
void dots_line(const struct dots *d, enum role role, const double from[2],
               const double to[2]);
