/*
 * All views there are, in the order of Tab. Read-only; any thread.
 */
#pragma once

#include "views/view.h"

/* The i-th view; NULL past the last. */
const struct view_class *view_at(size_t i);

/* The number of a view by name or by digit; view_count() when there is none. */
size_t view_by_name(const char *name);
size_t view_by_key(char key);
size_t view_count(void);
