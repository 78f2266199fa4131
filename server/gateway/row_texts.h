/*
 * What changed in the rows of the current frame as JSON text, under one set of
 * fields: made when first asked for, then shared by all views of the io thread
 * that send these fields. A text begins with a comma, so that many stand one
 * behind the other: ,{"hex":"4b1814","lat":47.1},{"hex":... What is returned is
 * borrowed until the next call. Io thread.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct frame_set;
struct row_texts;

struct row_texts *row_texts_new(void);
void row_texts_free(struct row_texts *texts); /* accepts NULL */

/* Makes them texts of this frame (which must stay) and of these fields. */
void row_texts_begin(struct row_texts *texts, const struct frame_set *frame,
                     uint64_t fields);

/* The text of one row. */
const char *row_texts_row(struct row_texts *texts, size_t row, size_t *ret_len);

/* The texts of rows[first..end), at least one, all of one tile. */
const char *row_texts_run(struct row_texts *texts, size_t first, size_t end,
                          size_t *ret_len);
