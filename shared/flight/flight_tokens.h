/*
 * The tokens of flat JSON, for scanners that decline whatever is rare: plain
 * ASCII strings without escapes, numbers without exponent.
 *
 * A text must end in a closing brace, and `last` is there. That byte is a
 * sentinel: no run of digits or blanks passes it, so only strings check for the
 * end. Every take_ function returns where it stopped, NULL to decline; the
 * position stays in a register that way, and it is what the next step waits for.
 * Pure; any thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "flight/flight_keys.h"
#include "flight/flight_number.h"
#include "flight/flight_words.h"

enum {
    TOKEN_DIGITS_MAX = 19,         /* fit 64 bits */
    TOKEN_INTEGER_DIGITS_MAX = 18, /* fit jansson's integers */
    TOKEN_DECIMALS_MAX = 18,
    TOKEN_KEY_REACH = 16 /* bytes that take_known_key may read past the quote */
};

struct span {
    const char *text;
    size_t n;
};

static inline bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static inline const char *skip_space(const char *at)
{
    while (is_space(*at))
        at++;
    return at;
}

/* The character c between white space. */
static inline const char *take_char(const char *at, char c)
{
    if (*at != c) {
        at = skip_space(at);
        if (*at != c)
            return NULL;
    }
    at++;
    return *at > ' ' ? at : skip_space(at);
}

/* Where the plain part of a string ends: at a quote, an escape, or what is odd. */
static inline const char *plain_end(const char *at, const char *last)
{
    for (; last - at >= WORD_SIZE; at += WORD_SIZE) {
        uint64_t word = word_load(at);
        uint64_t hits =
            word_equal(word, '"') | word_equal(word, '\\') | word_below(word, ' ');
        if (hits != 0)
            return at + word_index(hits);
    }
    while (at < last && *at != '"' && *at != '\\' && (signed char)*at >= ' ')
        at++;
    return at;
}

/* A string without escapes, ASCII only; `at` is at its opening quote. */
static inline const char *take_string(const char *at, const char *last,
                                      struct span *ret_span)
{
    const char *end = plain_end(at + 1, last);
    *ret_span = (struct span){at + 1, (size_t)(end - at - 1)};
    return *end == '"' ? end + 1 : NULL;
}

/* A loop: most numbers are too short for words of eight to pay. */
static inline const char *take_digits(const char *at, uint64_t *mantissa)
{
    uint64_t m = *mantissa;
    unsigned digit;
    for (; (digit = (unsigned char)*at - (unsigned)'0') <= 9; at++)
        m = m * 10 + digit;
    *mantissa = m;
    return at;
}

/* A JSON number without exponent, of so few digits that nothing overflows. */
static inline const char *take_number(const char *at, struct flight_number *ret_number)
{
    struct flight_number number = {.negative = *at == '-'};
    const char *first = at + number.negative;
    at = take_digits(first, &number.mantissa);
    ptrdiff_t digits = at - first;
    if (digits == 0 || digits > TOKEN_INTEGER_DIGITS_MAX ||
        (*first == '0' && digits > 1))
        return NULL;
    if (*at == '.') {
        const char *fraction = at + 1;
        at = take_digits(fraction, &number.mantissa);
        number.decimals = (int32_t)(at - fraction);
        if (number.decimals == 0 || number.decimals > TOKEN_DECIMALS_MAX ||
            digits + number.decimals > TOKEN_DIGITS_MAX)
            return NULL;
    }
    *ret_number = number;
    return *at != 'e' && *at != 'E' ? at : NULL;
}

static inline const char *take_literal(const char *at, const char *last,
                                       const char *literal)
{
    size_t n = strlen(literal);
    return (size_t)(last - at) >= n && memcmp(at, literal, n) == 0 ? at + n : NULL;
}

/*
 * A key that means something, and its number; `at` is at its quote. What is found
 * needs no look at its characters: it is spelled right. NULL for all others, and
 * for keys so near the end that words of eight do not reach.
 */
static inline const char *take_known_key(const char *at, const char *last,
                                         unsigned *ret_key)
{
    if (last - at <= TOKEN_KEY_REACH)
        return NULL;
    uint64_t head = word_load(at + 1);
    uint64_t quotes = word_equal(head, '"');
    size_t n = word_index(quotes);
    uint64_t tail = 0;
    if (quotes != 0) {
        head = word_first(head, n);
    } else {
        n += word_index(word_equal(word_load(at + 1 + WORD_SIZE), '"'));
        tail = n > WORD_SIZE ? word_load(at + 1 + n - WORD_SIZE) : 0;
    }
    *ret_key = flight_key_of_words(head, tail, n);
    return *ret_key != FLIGHT_KEY_NONE && at[n + 1] == '"' ? at + n + 2 : NULL;
}
