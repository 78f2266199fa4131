/*
 * Leaves out of a composed frame what makes no difference on the screen: ncurses
 * says both colours and the character set at every change of look, though one
 * differs or none; here a look is said when something is drawn with it, as the
 * shortest SGR (ECMA-48 8.3.117) from the look before. What is not understood goes
 * through as it is, and nothing is left out until the look is known again.
 * A plain value of whoever writes to the terminal.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct strbuf;

enum { LOOK_COLOUR_SIZE = 20 };

struct look {
    char fg[LOOK_COLOUR_SIZE], bg[LOOK_COLOUR_SIZE]; /* "38;5;81", "31"; "" = default */
    unsigned attributes;                             /* bit n: SGR n is on */
};

struct squeeze {
    bool has_defaults;          /* the terminal knows SGR 39 and 49 */
    bool sure;                  /* both looks are known */
    struct look wanted, actual; /* as ncurses means it; as it was sent */
    char charset;               /* designated as G0 (ESC ( x); 0 = not known */
    char shift;                 /* SO or SI; 0 = not known */
};

void squeeze_init(struct squeeze *q, bool has_defaults);

/* Somebody else wrote, or may have: nothing is known any more. */
void squeeze_forget(struct squeeze *q);

/* Adds what n bytes of a frame come to; the look at its end is the one that they leave.
 */
void squeeze_frame(struct squeeze *q, const char *frame, size_t n, struct strbuf *out);
