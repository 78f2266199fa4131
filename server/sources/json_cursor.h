/*
 * Walks through a large JSON document without building it: finds the members of
 * an object and the elements of an array as slices of the text, for the record
 * decoders. Checks brackets, strings, separators and depth; the inside of a
 * scalar is for the record's decoder to judge. Pure; borrows the text.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { JSON_CURSOR_DEPTH_MAX = 60 };

/* A piece of the text, from the first to the last byte of a value. */
struct json_slice {
    const char *at;
    size_t len;
};

struct json_cursor {
    const char *at;
    const char *end;
    bool first;
    bool failed; /* the text is not JSON here; `at` tells where */
};

/*
 * True when all n bytes of text are one object or array, white space around it
 * allowed; false with the offset of what is wrong (n = the end is missing).
 */
bool json_cursor_check(const char *text, size_t n, size_t *ret_error_at);

/* The one value in n bytes of text, white space taken off. */
struct json_slice json_slice_trim(const char *text, size_t n);

/* '{', '[', '"', or the first byte of a number or word; 0 when empty. */
char json_slice_kind(struct json_slice value);

/* Walks the inside of an object or array (a slice that begins with { or [). */
struct json_cursor json_cursor_open(struct json_slice container);

/* The next element of an array; false at its end or when it failed. */
bool json_cursor_element(struct json_cursor *cursor, struct json_slice *ret_value);

/* The next member of an object: the key without quotes, escapes left as they are. */
bool json_cursor_member(struct json_cursor *cursor, struct json_slice *ret_key,
                        struct json_slice *ret_value);

/* The value of a key of an object slice; false when it has none. */
bool json_slice_find(struct json_slice object, const char *key,
                     struct json_slice *ret_value);

/* The number a slice holds; false when it is none, or not finite. */
bool json_slice_number(struct json_slice value, double *ret_number);

/* The bytes of a string without quotes; false when it is none or has escapes. */
bool json_slice_string(struct json_slice value, struct json_slice *ret_text);

/* True when the slice is exactly this text. */
bool json_slice_is(struct json_slice slice, const char *text);
