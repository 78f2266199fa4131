/*
 * A theme's exact colours on a terminal whose terminfo entry numbers 256: ncurses
 * is told a number of the palette for each colour in use, and in the composed
 * frame the sequence of that number is replaced by that of the colour, SGR 38;2
 * and 48;2 with red, green, blue (xterm's ctlseqs, "Character Attributes"). A
 * plain value; any thread.
 */
#pragma once

#include <stddef.h>

/* The first 16 numbers stay what the user's terminal made of them. */
enum { TRUE_COLOUR_FIRST = 16, TRUE_COLOUR_MAX = 256 - TRUE_COLOUR_FIRST };

struct true_colour {
    int count;
    int colours[TRUE_COLOUR_MAX]; /* of number TRUE_COLOUR_FIRST + index */
};

/* Forgets every number. */
void true_colour_clear(struct true_colour *t);

/*
 * The number for ncurses of a theme's colour (see struct theme_style). When all
 * are in use: the default colour, -1.
 */
int true_colour_number(struct true_colour *t, int colour);

/*
 * Copies n bytes of a frame with the colours put in; out has room for 2 * n.
 * Returns the bytes written.
 */
size_t true_colour_translate(const struct true_colour *t, const char *frame, size_t n,
                             char *out);
