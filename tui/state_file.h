/*
 * What the program remembers between sessions, as a text file of names and texts;
 * the configuration is the person's and is never written. A file that is broken
 * is left out whole. Main thread.
 */
#pragma once

#include "base/strbuf.h"

enum { STATE_FILE_MAX = 128 * 1024 };

typedef void (*state_take_fn)(void *data, const char *name, const char *text);

/* $XDG_STATE_HOME/flightdash/state, else below ~/.local/state; NULL without a home. */
char *state_file_path(void);

/*
 * Gives each entry to take, in order. 0, also when there is no file; negative
 * errno with "PATH:LINE: what" when it is broken: then take was not called.
 */
int state_file_load(const char *path, state_take_fn take, void *data,
                    struct strbuf *ret_error);

/* As state_file_load, from text: for tests and fuzzers. */
int state_file_read(const char *path, const char *text, size_t len, state_take_fn take,
                    void *data, struct strbuf *ret_error);

/* Begins a file's content; adds one entry (text without line ends). */
void state_file_begin(struct strbuf *out);
void state_file_add(struct strbuf *out, const char *name, const char *text);

/*
 * Makes the file's content this one, with its folders: either the old or the new
 * one is there at any time. 0 or negative errno.
 */
int state_file_save(const char *path, const struct strbuf *content);
