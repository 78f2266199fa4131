/*
 * A rectangle of cells that views draw on: one character and one role each, no
 * terminal anywhere. Everything clips; nothing that a terminal would interpret
 * can get in. A pen is a value that says where and within what to write.
 * Owned by one thread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/macros.h"
#include "base/strbuf.h"
#include "ui/role.h"

enum { CANVAS_MAX_WIDTH = 500, CANVAS_MAX_HEIGHT = 200 };

struct rect {
    int x, y, w, h;
};

struct cell {
    char text[5]; /* one code point; "" in the second column of a wide one */
    uint8_t role; /* enum role */
    bool marked;  /* part of the selection */
};

struct canvas;

/* What pictures of dots are made of. */
enum canvas_dots { CANVAS_BRAILLE, CANVAS_BLOCKS, CANVAS_ASCII };

/* Sizes are brought into 1..CANVAS_MAX_*. ascii: draw nothing outside ASCII. */
struct canvas *canvas_new(int width, int height, bool ascii);
void canvas_free(struct canvas *c); /* accepts NULL */
void canvas_resize(struct canvas *c, int width, int height);

/* Blank, unmarked cells; no cursor. */
void canvas_clear(struct canvas *c);

int canvas_width(const struct canvas *c);
int canvas_height(const struct canvas *c);
bool canvas_is_ascii(const struct canvas *c);

/* Braille at first; a canvas of ASCII keeps to ASCII. */
void canvas_set_dots(struct canvas *c, enum canvas_dots dots);
enum canvas_dots canvas_dots(const struct canvas *c);
struct rect canvas_rect(const struct canvas *c);

/* The cell at a place inside the canvas. Borrowed until the next change. */
const struct cell *canvas_cell(const struct canvas *c, int x, int y);

/* Copies the cells of an area from a canvas of the same size. */
void canvas_copy(struct canvas *c, const struct canvas *from, struct rect area);

/* Where the terminal's cursor rests (screen readers follow it); x < 0: nowhere. */
void canvas_set_cursor(struct canvas *c, int x, int y, bool visible);
void canvas_cursor(const struct canvas *c, int *ret_x, int *ret_y, bool *ret_visible);

/* The rows as text, trailing blanks cut, one line each. */
void canvas_to_text(const struct canvas *c, struct strbuf *out);

/* The part of r that lies inside outer. */
struct rect rect_clip(struct rect r, struct rect outer);

struct pen {
    struct canvas *canvas;
    struct rect area; /* nothing is written outside */
    int x, y;         /* next cell, relative to the area */
    bool marked;
};

/* A pen at the top left of an area of the canvas. */
struct pen pen_on(struct canvas *c, struct rect area);
void pen_to(struct pen *pen, int x, int y);

/* Writes at the pen and moves it; what does not fit is cut. */
void pen_text(struct pen *pen, enum role role, const char *text);
void pen_textf(struct pen *pen, enum role role, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* In a field of width columns: padded, cut with an ellipsis when too long. */
void pen_left(struct pen *pen, enum role role, int width, const char *text);
void pen_right(struct pen *pen, enum role role, int width, const char *text);

/* n times the same text of one column. */
void pen_repeat(struct pen *pen, enum role role, const char *text, int n);

/* Blanks from the pen to the end of the line (marks too). */
void pen_end_line(struct pen *pen, enum role role);
