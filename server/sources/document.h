/*
 * A polled JSON document that holds one row per aircraft: where its rows and its
 * own time are, and what is wrong with it when it is no such thing. Shared by
 * the decoders of whole documents; rows are decoded one by one, so that a bad
 * one costs only itself. Pure; borrows the text.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sources/json_cursor.h"
#include "sources/observation_fill.h"

struct strbuf;

struct document {
    int64_t now_ms;          /* by the source's clock; 0 = it does not say */
    struct json_cursor rows; /* json_cursor_element */
};

/* How to read one format. The names are tried in order; NULL ends them. */
struct document_format {
    const char *rows_keys[3];
    const char *now_key; /* seconds, or milliseconds when over 1e11 */
    enum observation_reason (*decode)(struct json_slice row, int64_t now_ms,
                                      struct observation *ret_obs,
                                      struct flight_refusals *ret_refusals);
};

/*
 * Finds the rows. False with one line in ret_error: HTML, half a document, no
 * rows in it (with what it says instead).
 */
bool document_open(const char *text, size_t n, const struct document_format *format,
                   struct document *ret_document, struct strbuf *ret_error);

/*
 * Adds "; the service says ..." when text is JSON with a message, as errors of web
 * services are; else nothing.
 */
void document_message(struct strbuf *out, const char *text, size_t n);

/* Epoch ms of a number of seconds, or of milliseconds; 0 when it is no time. */
int64_t document_time_ms(double number);
