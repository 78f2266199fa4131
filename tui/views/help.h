/*
 * Every key that works in a view, from the table of actions and the keymap. Not a
 * view of its own: it lies over the one it explains.
 */
#pragma once

#include "ui/canvas.h"
#include "ui/keymap.h"

/* Draws from line *top on, which is brought into range; returns lines per page. */
int help_draw(const struct keymap *map, enum context context, int *top,
              struct canvas *canvas, struct rect area);
