/*
 * The text must end in '}' (after white space). That byte is a sentinel: no run
 * of digits, blanks or plain key characters passes it, so only strings check for
 * the end. "Declined" is always safe and is the answer to anything that is rare;
 * what is accepted must be judged as jansson with JSON_REJECT_DUPLICATES would
 * (tests/fuzz/fuzz_decode.c compares).
 */
#include "flight/flight_scan.h"

#include <string.h>

#include "flight/flight_names.h"
#include "flight/flight_record.h"

enum {
    UNKNOWN_KEYS_MAX = 16,
    DIGITS_MAX = 19,         /* fit 64 bits */
    INTEGER_DIGITS_MAX = 18, /* fit jansson's integers */
    DECIMALS_MAX = 18
};

struct span {
    const char *text;
    size_t n;
};

struct scanner {
    const char *at;
    const char *last; /* the closing brace */
    uint64_t keys;    /* seen so far */
    struct span unknown[UNKNOWN_KEYS_MAX];
    size_t unknown_count;
    struct flight_record record;
};

static inline bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static inline bool is_digit(char c)
{
    return (unsigned char)(c - '0') <= 9;
}

static inline void skip_space(struct scanner *s)
{
    while (is_space(*s->at))
        s->at++;
}

/* White space, then the character c, then white space. */
static inline bool take_char(struct scanner *s, char c)
{
    if (*s->at == c && !is_space(s->at[1])) { /* the common case first */
        s->at++;
        return true;
    }
    skip_space(s);
    if (*s->at != c)
        return false;
    s->at++;
    skip_space(s);
    return true;
}

/* A string without escapes, ASCII only; s->at is at its opening quote. */
static inline bool take_string(struct scanner *s, struct span *ret_span)
{
    const char *at = s->at + 1;
    while (*at != '"') {
        if (*at == '\\' || (signed char)*at < ' ' || at >= s->last)
            return false;
        at++;
    }
    *ret_span = (struct span){s->at + 1, (size_t)(at - s->at - 1)};
    s->at = at + 1;
    return s->at <= s->last;
}

static inline uint64_t take_digits(struct scanner *s, uint64_t mantissa)
{
    for (; is_digit(*s->at); s->at++)
        mantissa = mantissa * 10 + (uint64_t)(*s->at - '0');
    return mantissa;
}

/* A JSON number without exponent, of so few digits that nothing overflows. */
static inline bool take_number(struct scanner *s, struct flight_number *ret_number)
{
    struct flight_number number = {.negative = *s->at == '-'};
    s->at += number.negative;
    const char *first = s->at;
    number.mantissa = take_digits(s, 0);
    ptrdiff_t digits = s->at - first;
    if (digits == 0 || digits > INTEGER_DIGITS_MAX || (*first == '0' && digits > 1))
        return false;
    if (*s->at == '.') {
        const char *point = s->at++;
        number.mantissa = take_digits(s, number.mantissa);
        number.decimals = (int32_t)(s->at - point - 1);
        if (number.decimals == 0 || number.decimals > DECIMALS_MAX ||
            digits + number.decimals > DIGITS_MAX)
            return false;
    }
    *ret_number = number;
    return *s->at != 'e' && *s->at != 'E';
}

static bool take_literal(struct scanner *s, const char *literal, size_t n)
{
    if ((size_t)(s->last - s->at) < n || memcmp(s->at, literal, n) != 0)
        return false;
    s->at += n;
    return true;
}

/* --- arrays ------------------------------------------------------------- */

/* Called for each string of an array; false declines. */
typedef bool (*word_fn)(struct span word, int32_t *bits);

static bool add_nav_mode(struct span word, int32_t *bits)
{
    int32_t bit;
    if (!flight_bit_value(FLIGHT_NAV_MODES, word.text, word.n, &bit))
        return false;
    *bits |= bit;
    return true;
}

static bool ignore_word(struct span word, int32_t *bits)
{
    (void)word;
    (void)bits;
    return true;
}

/* An array of plain strings, s->at at its bracket. */
static bool take_words(struct scanner *s, word_fn on_word, int32_t *ret_bits)
{
    struct span word;
    int32_t bits = 0;
    bool more = take_char(s, '[') && *s->at != ']';
    while (more) {
        if (*s->at != '"' || !take_string(s, &word) || !on_word(word, &bits))
            return false;
        more = take_char(s, ',');
    }
    skip_space(s);
    if (*s->at != ']')
        return false;
    s->at++;
    *ret_bits = bits;
    return true;
}

/* --- one member --------------------------------------------------------- */

static int32_t precision_of(unsigned key, const struct flight_record *r)
{
    return key < FLIGHT_FIELD_COUNT                ? flight_field_info[key].decimals
           : key == FLIGHT_KEY_NOW && r->now_in_ms ? 0
                                                   : 3;
}

static bool number_value(struct scanner *s, unsigned key)
{
    struct flight_number number;
    if (!take_number(s, &number) ||
        !flight_number_survives_double(number, precision_of(key, &s->record)))
        return false;
    flight_record_number(&s->record, key, number);
    return true;
}

static bool known_value(struct scanner *s, unsigned key)
{
    struct span text;
    int32_t bits;
    switch (*s->at) {
    case '"':
        if (!take_string(s, &text))
            return false;
        flight_record_text(&s->record, key, text.text, text.n);
        return true;
    case 'n': flight_record_null(&s->record, key); return take_literal(s, "null", 4);
    case '[':
        if (key != FLIGHT_NAV_MODES || !take_words(s, add_nav_mode, &bits))
            return false;
        flight_record_bits(&s->record, key, bits);
        return true;
    default: return number_value(s, key);
    }
}

static bool unknown_value(struct scanner *s)
{
    struct span text;
    struct flight_number number;
    int32_t bits;
    switch (*s->at) {
    case '"': return take_string(s, &text);
    case 'n': return take_literal(s, "null", 4);
    case 't': return take_literal(s, "true", 4);
    case 'f': return take_literal(s, "false", 5);
    case '[': return take_words(s, ignore_word, &bits);
    default: return take_number(s, &number);
    }
}

/* Remembers a key that means nothing; false when it comes twice. */
static bool note_unknown(struct scanner *s, struct span key)
{
    for (size_t i = 0; i < s->unknown_count; i++)
        if (s->unknown[i].n == key.n &&
            memcmp(s->unknown[i].text, key.text, key.n) == 0)
            return false;
    if (s->unknown_count == UNKNOWN_KEYS_MAX)
        return false;
    s->unknown[s->unknown_count++] = key;
    return true;
}

static inline bool take_member(struct scanner *s)
{
    struct span name;
    if (*s->at != '"' || !take_string(s, &name) || !take_char(s, ':'))
        return false;
    unsigned key = flight_key_find(name.text, name.n, (size_t)(s->last - name.text));
    if (key == FLIGHT_KEY_NONE)
        return note_unknown(s, name) && unknown_value(s);
    uint64_t bit = UINT64_C(1) << key;
    if ((s->keys & bit) || key > FLIGHT_KEY_SEEN_POS)
        return false; /* a duplicate, or a name of older programs */
    s->keys |= bit;
    return known_value(s, key);
}

static bool take_members(struct scanner *s)
{
    skip_space(s);
    if (s->at == s->last)
        return true;
    do {
        if (!take_member(s))
            return false;
    } while (take_char(s, ','));
    skip_space(s);
    return s->at == s->last;
}

bool flight_scan(const char *json, size_t n,
                 const struct flight_decode_options *options,
                 enum observation_reason *ret_reason, struct observation *ret_obs,
                 struct flight_refusals *ret_refusals)
{
    while (n > 0 && is_space(json[n - 1]))
        n--;
    if (n < 2 || json[0] != '{' || json[n - 1] != '}')
        return false;
    struct scanner s;
    s.at = json + 1;
    s.last = json + n - 1;
    s.keys = 0;
    s.unknown_count = 0;
    flight_record_begin(&s.record, options);
    if (!take_members(&s))
        return false;
    *ret_reason = flight_record_finish(&s.record, options, ret_obs, ret_refusals);
    return true;
}
