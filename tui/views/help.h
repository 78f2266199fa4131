/*
 * Every key that works in a view, from the table of actions and the keymap. Not a
 * view of its own: it lies over the one it explains.
 */
#pragma once

#include "ui/canvas.h"
#include "ui/keymap.h"

struct help_line {
    const char *name, *argument, *help;
};

/*
 * Draws from line *top on, which is brought into range, the keys and then the
 * commands (ending with a NULL name); returns lines per page.
 */
int help_draw(const struct keymap *map, enum context context,
              const struct help_line *commands, int *top, struct canvas *canvas,
              struct rect area);
