/*
 * What the terminal on a descriptor can do, and which terminfo entry fits it. An
 * unknown TERM is not an error: its prefix, xterm-256color, ansi are tried; what
 * cannot address the cursor gets plain lines. Main thread, at start.
 */
#pragma once

#include <stdbool.h>

#include "ui/theme.h"

enum { CAPS_TERM_SIZE = 64 };

struct caps {
    bool full_screen;          /* the cursor can be addressed */
    char term[CAPS_TERM_SIZE]; /* terminfo entry to use */
    bool term_is_a_guess;      /* $TERM was not known */
    bool utf8;
    enum colour_depth depth;
    bool answers;     /* of a family that answers questions (DSR) */
    bool multiplexed; /* it is tmux or screen that answers them */
};

/*
 * Looks at the environment and at fd. no_color and ascii are the user's words;
 * NO_COLOR in the environment counts as well. Sets LC_CTYPE, nothing else.
 */
void caps_find(struct caps *caps, int fd, bool no_color, bool ascii);
