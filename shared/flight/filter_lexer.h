/*
 * The words of the filter language. Inside the filter only; total: any bytes
 * give tokens, the last of them TOKEN_END or TOKEN_BAD.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum filter_token_kind {
    TOKEN_END,
    TOKEN_BAD, /* `problem` says why */
    TOKEN_WORD,
    TOKEN_TEXT, /* quoted */
    TOKEN_AND,
    TOKEN_OR,
    TOKEN_NOT,
    TOKEN_IN,
    TOKEN_UNKNOWN,
    TOKEN_OPEN,
    TOKEN_CLOSE,
    TOKEN_COMMA,
    TOKEN_EQ,
    TOKEN_NE,
    TOKEN_LT,
    TOKEN_LE,
    TOKEN_GT,
    TOKEN_GE,
    TOKEN_LIKE
};

struct filter_token {
    enum filter_token_kind kind;
    const char *start; /* in the expression, quotes included */
    size_t length;
    const char *problem;
};

/* The token at or after `at`, which must point into a NUL-terminated expression. */
struct filter_token filter_next_token(const char *at);

/*
 * The text that a WORD or TEXT token stands for: without quotes and escapes.
 * Writes at most size bytes, no NUL; returns the length it has, which may be more.
 */
size_t filter_token_text(const struct filter_token *token, char *ret_text, size_t size);
