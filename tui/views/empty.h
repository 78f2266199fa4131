/*
 * What a view says when it has nothing to show: a sentence in the middle, and
 * what can be done about it. Pure; one thread.
 */
#pragma once

#include "ui/canvas.h"

void empty_draw(struct canvas *canvas, struct rect area, const char *what,
                const char *advice);
