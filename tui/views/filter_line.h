/*
 * The line of `/` where it is a filter of flights: what a view_class's line_*
 * members point to. All such views share app->list and so its filter. One thread.
 */
#pragma once

#include <stdbool.h>

#include "views/view.h"

const char *filter_line_prompt(const void *state);
const char *filter_line_text(const void *state, const struct app *app);
bool filter_line_take(void *state, struct app *app, const char *text, bool done,
                      struct strbuf *error);

/* "12 of 214 match" while there is a filter, else "". */
void filter_line_note(const void *state, const struct app *app,
                      char ret_note[VIEW_NOTE_SIZE]);

/* Completes the word before the end of text: a name of a field, an operator. */
bool filter_line_complete(const char *text, struct strbuf *ret_text);
