/*
 * A growing text buffer with a hard ceiling that is chosen at construction.
 * What does not fit is dropped whole (never cut in the middle of one add) and
 * `overflowed` stays set until strbuf_clear, so that a caller may write many
 * pieces and check once. data is always NUL-terminated after the first add.
 * Owned by one thread at a time.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/macros.h"

struct strbuf {
    char *data; /* NULL until the first add; use strbuf_text for a safe read */
    size_t len;
    size_t cap;
    size_t max;
    bool overflowed;
};

/* An empty buffer that will never hold more than max bytes. Allocates nothing. */
void strbuf_init(struct strbuf *buf, size_t max);

/* Frees the memory; the buffer is as after strbuf_init. */
void strbuf_release(struct strbuf *buf);

/* Empties the buffer, keeps the memory, forgets the overflow. */
void strbuf_clear(struct strbuf *buf);

/* Cuts back to len bytes (len <= buf->len). */
void strbuf_truncate(struct strbuf *buf, size_t len);

/* The text, "" when empty. Borrowed until the next change. */
const char *strbuf_text(const struct strbuf *buf);

/* Hands the memory to the caller (free()); the buffer is empty again. */
char *strbuf_detach(struct strbuf *buf);

/* Makes room for extra more bytes; false (and overflowed) past the ceiling. */
bool strbuf_reserve(struct strbuf *buf, size_t extra);

/* Each add returns false when the ceiling was reached. */
bool strbuf_add(struct strbuf *buf, const void *bytes, size_t n);
bool strbuf_add_text(struct strbuf *buf, const char *text);
bool strbuf_add_char(struct strbuf *buf, char c);
bool strbuf_addf(struct strbuf *buf, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* The decimal digits of v. */
bool strbuf_add_int(struct strbuf *buf, int64_t v);

/*
 * v / 10^decimals (0..9) in decimal, trailing zeros trimmed: 4312,1 -> 431.2;
 * 4310,1 -> 431. Integers only: this is what the hot path uses instead of %f.
 */
bool strbuf_add_fixed(struct strbuf *buf, int64_t v, unsigned decimals);

/*
 * text as a JSON string with its quotes (RFC 8259): escapes control bytes,
 * quote and backslash; bytes that are not UTF-8 become U+FFFD.
 */
bool strbuf_add_json(struct strbuf *buf, const char *text, size_t n);
