/*
 * Pieces of what --once prints and `w` writes: cells of tables and of CSV. Pure.
 */
#pragma once

#include <stdbool.h>

#include "base/strbuf.h"

enum once_format { FORMAT_TABLE, FORMAT_JSON, FORMAT_CSV, FORMAT_NDJSON };

/* In a field of width columns, padded but never cut; control characters become `?`:
 * what other programs get must not move their terminal either. */
void once_add_clean(struct strbuf *out, const char *text, int width, bool right);

/* Ends a line of a table, without the blanks before its end. */
void once_end_line(struct strbuf *out);

/* One cell of CSV, quoted where it must be. */
void once_add_csv(struct strbuf *out, const char *text);
