/*
 * Named questions to Prometheus (panels.def), so that a screen can ask for
 * "tick-rate" without knowing PromQL. Constant data; any thread.
 */
#pragma once

#include <stddef.h>

struct strbuf;

struct panel {
    const char *name;
    const char *title;
    const char *unit; /* "" = a plain number */
    const char *query;
};

/* The panel of that name; NULL when there is none. */
const struct panel *panel_find(const char *name);

/* All panels as a JSON array of {name, title, unit, query}; at most limit. */
size_t panels_write(size_t limit, struct strbuf *out);
