/*
 * Shows canvases on a terminal: the one user of ncurses. Each frame leaves in
 * one write. The tty is never made non-blocking. Main thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "term/caps.h"
#include "ui/canvas.h"

struct screen;

/* Takes over the terminal on fd. NULL when it is none. theme is borrowed. */
struct screen *screen_open(int fd, const struct caps *caps, const struct theme *theme,
                           bool mouse);

/* Gives the terminal back, if that was not done, and frees. Accepts NULL. */
void screen_close(struct screen *s);

/*
 * Gives the terminal back, to take it again or to close. First its look: true when
 * a question was sent, so that the answer (and what else is on its way) can be
 * read; then its modes: `flush` drops what was typed and not read, answers that
 * never came with it.
 */
bool screen_leave(struct screen *s);
void screen_give_back(struct screen *s, bool flush);
void screen_return(struct screen *s);

/* Frames end with a question (DSR 5) from now on, or do no more. */
void screen_ask(struct screen *s, bool on);

/* The terminal said that it knows mode 2026: larger frames appear at once. */
void screen_synchronize(struct screen *s);

/* The terminal's size now. False when it could not be asked (then 80x24). */
bool screen_size(const struct screen *s, int *ret_width, int *ret_height);

/* The size changed, or everything is to be drawn again. */
void screen_resize(struct screen *s, int width, int height);
void screen_redraw(struct screen *s);

void screen_set_theme(struct screen *s, const struct theme *theme);

/* The bell rings with the next frame. */
void screen_ring(struct screen *s);

/*
 * Makes the terminal look like the canvas. 0, or negative errno: the terminal is
 * gone.
 */
int screen_present(struct screen *s, const struct canvas *canvas);

/* Sends bytes that change nothing on the screen (the clipboard), at once. */
void screen_send(struct screen *s, const char *bytes, size_t len);

/* Bytes and frames sent so far. */
uint64_t screen_bytes(const struct screen *s);
uint64_t screen_frames(const struct screen *s);
