/*
 * One line that is being typed: text, cursor, editing keys, history. Pure; one
 * thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "ui/canvas.h"
#include "ui/key.h"

enum { LINE_INPUT_MAX = 480, LINE_HISTORY_MAX = 20 };

struct line_input {
    char text[LINE_INPUT_MAX + 1]; /* UTF-8 */
    size_t len, cursor;            /* bytes */
    char history[LINE_HISTORY_MAX][LINE_INPUT_MAX + 1];
    size_t history_count, history_at;
};

enum line_event {
    LINE_NOTHING,
    LINE_CHANGED,
    LINE_DONE,
    LINE_CANCELLED,
    LINE_COMPLETE
};

/* Starts with a text, cursor at its end. */
void line_input_set(struct line_input *line, const char *text);

/* Takes a key; what it meant. Enter puts the text into the history. */
enum line_event line_input_key(struct line_input *line, struct key key);

/* Puts the text into the history, as Enter does. */
void line_input_remember(struct line_input *line);

/* Draws prompt and text at the pen; the cursor stays in sight. */
void line_input_draw(const struct line_input *line, const char *prompt, struct pen *pen,
                     int width);
