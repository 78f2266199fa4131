/*
 * What of the screen's state outlives it: as names and texts for the state file,
 * and as the command line that shows the same screen again. Main thread.
 */
#pragma once

#include <stdbool.h>

#include "views/view.h"

struct dashboard;

/* Says all that is worth keeping: "view", "sort", ..., "map.zoom", "history.:". */
void dashboard_keep(const struct dashboard *d, view_note_fn note, void *data);

/* Takes one thing back; false when it means nothing (any more). */
bool dashboard_take(struct dashboard *d, const char *name, const char *text);

/* Sets the list's columns, names between commas or blanks; false when one is none. */
bool dashboard_set_columns(struct app *app, const char *text);

/* The command line, one option a line, each but the last ending in " \". */
void dashboard_link(const struct dashboard *d, struct strbuf *out);
