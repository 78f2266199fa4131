/*
 * The kinds of sources there are, one row each. Read-only; any thread.
 */
#pragma once

#include <stddef.h>

#include "sources/source.h"

struct source_url;

/* All rows. */
const struct source_class *const *sources_rows(size_t *ret_count);

/* The kind that a URL's scheme names (n bytes), NULL when there is none. */
const struct source_class *sources_find(const char *scheme, size_t n);

/*
 * --source's argument, checked as far as possible without asking anyone. NULL
 * with one line in ret_error; free with source_url_free.
 */
struct source_url *sources_parse(const char *text, struct strbuf *ret_error);
