/*
 * What the terminal on a descriptor can do, and which terminfo entry fits it. An
 * unknown TERM is not an error: its prefix, xterm-256color, ansi are tried; what
 * cannot address the cursor gets plain lines. True colour is only taken for known
 * when the entry says so (RGB, Tc; ncurses' user_caps(5)) or COLORTERM does. Main
 * thread, at start.
 */
#pragma once

#include <stdbool.h>

#include "ui/theme.h"

enum { CAPS_TERM_SIZE = 64, CAPS_COLOURS_AUTO = -1 };

struct caps {
    bool full_screen;          /* the cursor can be addressed */
    char term[CAPS_TERM_SIZE]; /* terminfo entry to use */
    bool term_is_a_guess;      /* $TERM was not known */
    bool utf8;
    bool console; /* the Linux console: its fonts have few characters */
    enum colour_depth depth;
    enum colour_depth depth_max; /* what the entry can say */
    bool direct;      /* the entry numbers colours as 0xRRGGBB, but for the first */
    bool answers;     /* of a family that answers questions (DSR) */
    bool multiplexed; /* it is tmux or screen that answers them */
};

/*
 * Looks at the environment and at fd. colours and ascii are the user's words: an enum
 * colour_depth is taken as far as the entry can say it, whatever the environment
 * says; with CAPS_COLOURS_AUTO NO_COLOR and COLORTERM are asked. Sets LC_CTYPE,
 * nothing else.
 */
void caps_find(struct caps *caps, int fd, int colours, bool ascii);
