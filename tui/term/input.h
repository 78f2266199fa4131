/*
 * Keys from a terminal's descriptor. The descriptor stays blocking: what is
 * watched is a poll set around it (input_watch_fd), as libuv would make the
 * terminal itself non-blocking, and with it the shell's. Main thread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "ui/key.h"

struct input;

enum { INPUT_ESCAPE_MS = 30 }; /* an ESC alone is the key after so long */

/* NULL when fd cannot be waited for (a plain file). */
struct input *input_new(int fd);
void input_free(struct input *input); /* accepts NULL */

/* Readable when keys can be read. */
int input_watch_fd(const struct input *input);

/* Reads what is there. 0, or negative errno: the terminal is gone (end of file too). */
int input_read(struct input *input);

/*
 * Takes the next key. False when there is none, or only the beginning of one;
 * with `final` a beginning is taken for what it is.
 */
bool input_next(struct input *input, bool final, struct key *ret_key);

/*
 * Reads until so many answers to DSR came, or for timeout_ms; everything else is
 * dropped. Returns the number of answers that are missing.
 */
unsigned input_drain(struct input *input, unsigned answers, int64_t timeout_ms);

/* Bytes are left that may be the beginning of a key. */
bool input_pending(const struct input *input);
