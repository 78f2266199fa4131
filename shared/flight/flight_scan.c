/*
 * To decline is always safe and is the answer to anything that is rare; what is
 * accepted must be judged as jansson with JSON_REJECT_DUPLICATES would
 * (tests/fuzz/fuzz_decode.c compares).
 */
#include "flight/flight_scan.h"

#include <string.h>

#include "base/macros.h"
#include "flight/flight_names.h"
#include "flight/flight_record.h"
#include "flight/flight_tokens.h"

enum { UNKNOWN_KEYS_MAX = 16 };

struct scanner {
    const char *last; /* the closing brace */
    struct flight_record *record;
    struct flight_key_order *order;
    unsigned key;  /* the one before */
    uint64_t keys; /* seen so far */
    size_t unknown_count;
    struct span unknown[UNKNOWN_KEYS_MAX];
};

/* --- arrays -------------------------------------------------------------- */

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

/* An array of plain strings; `at` is at its bracket. */
static const char *take_words(const char *at, const char *last, word_fn on_word,
                              int32_t *bits)
{
    struct span word;
    at = skip_space(at + 1);
    if (*at == ']')
        return at + 1;
    for (;;) {
        if (*at != '"' || (at = take_string(at, last, &word)) == NULL ||
            !on_word(word, bits))
            return NULL;
        const char *next = take_char(at, ',');
        if (next == NULL)
            break;
        at = next;
    }
    at = skip_space(at);
    return *at == ']' ? at + 1 : NULL;
}

/* --- members ------------------------------------------------------------- */

static int32_t decimals_of(unsigned key, const struct flight_record *record)
{
    if (key < FLIGHT_FIELD_COUNT)
        return flight_field_info[key].decimals;
    return key == FLIGHT_KEY_NOW && record->now_in_ms ? 0 : 3;
}

static inline const char *number_value(const struct scanner *s, const char *at,
                                       unsigned key)
{
    struct flight_number number;
    at = take_number(at, &number);
    if (at == NULL ||
        !flight_number_survives_double(number, decimals_of(key, s->record)))
        return NULL;
    flight_record_number(s->record, key, number);
    return at;
}

static inline const char *text_value(const struct scanner *s, const char *at,
                                     unsigned key)
{
    struct span text;
    at = take_string(at, s->last, &text);
    if (at != NULL)
        flight_record_text(s->record, key, text.text, text.n);
    return at;
}

static const char *modes_value(const struct scanner *s, const char *at, unsigned key)
{
    int32_t bits = 0;
    if (key != FLIGHT_NAV_MODES)
        return NULL;
    at = take_words(at, s->last, add_nav_mode, &bits);
    if (at != NULL)
        flight_record_bits(s->record, key, bits);
    return at;
}

/* The value of a key that means something. */
static inline const char *take_value(struct scanner *s, const char *at, unsigned key)
{
    uint64_t bit = UINT64_C(1) << key;
    if ((s->keys & bit) || key > FLIGHT_KEY_SEEN_POS)
        return NULL; /* a duplicate, or a name of older programs */
    s->keys |= bit;
    switch (*at) {
    case '"': return text_value(s, at, key);
    case '[': return modes_value(s, at, key);
    case 'n':
        flight_record_null(s->record, key);
        return take_literal(at, s->last, "null");
    default: return number_value(s, at, key);
    }
}

static const char *unknown_value(const char *at, const char *last)
{
    struct span text;
    struct flight_number number;
    int32_t bits;
    switch (*at) {
    case '"': return take_string(at, last, &text);
    case '[': return take_words(at, last, ignore_word, &bits);
    case 'n': return take_literal(at, last, "null");
    case 't': return take_literal(at, last, "true");
    case 'f': return take_literal(at, last, "false");
    default: return take_number(at, &number);
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

/* A key that is unknown or stands where words of eight do not reach. */
static const char *take_rare_key(struct scanner *s, const char *at, unsigned *ret_key)
{
    struct span name;
    at = take_string(at, s->last, &name);
    if (at == NULL)
        return NULL;
    *ret_key = flight_key_find(name.text, name.n);
    if (*ret_key == FLIGHT_KEY_NONE && !note_unknown(s, name))
        return NULL;
    return at;
}

static inline const char *take_key(struct scanner *s, const char *at, unsigned *ret_key)
{
    const char *end = take_known_key(at, s->last, ret_key);
    return end != NULL ? end : take_rare_key(s, at, ret_key);
}

/* The key that follows the one before as it did last time, and its colon; else NULL. */
static inline const char *take_expected_key(const struct scanner *s, const char *at)
{
    unsigned key = s->order->next[s->key];
    size_t n = flight_key_rows[key].length;
    if ((size_t)(s->last - at) < MAX_OF(n + 3, (size_t)WORD_SIZE + 1) ||
        !flight_key_is_at(key, at + 1))
        return NULL;
    at += n + 3;
    return *at > ' ' ? at : skip_space(at);
}

/* Any key and its colon. */
static const char *take_other_key(struct scanner *s, const char *at, unsigned *ret_key)
{
    at = take_key(s, at, ret_key);
    if (at == NULL)
        return NULL;
    s->order->next[s->key] = *ret_key != FLIGHT_KEY_NONE ? (uint8_t)*ret_key : 0;
    return take_char(at, ':');
}

static inline const char *take_member(struct scanner *s, const char *at)
{
    if (*at != '"')
        return NULL;
    unsigned key = s->order->next[s->key];
    const char *value = take_expected_key(s, at);
    if (value == NULL && (value = take_other_key(s, at, &key)) == NULL)
        return NULL;
    s->key = key;
    return key == FLIGHT_KEY_NONE ? unknown_value(value, s->last)
                                  : take_value(s, value, key);
}

static bool take_members(struct scanner *s, const char *at)
{
    at = skip_space(at);
    if (at == s->last)
        return true;
    for (;;) {
        at = take_member(s, at);
        if (at == NULL)
            return false;
        const char *next = take_char(at, ',');
        if (next == NULL)
            return skip_space(at) == s->last;
        at = next;
    }
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
    struct flight_record record;
    struct flight_key_order forgotten = {{0}};
    struct scanner s;
    s.last = json + n - 1;
    s.record = &record;
    s.order = options->order != NULL ? options->order : &forgotten;
    s.key = FLIGHT_KEY_NONE;
    s.keys = 0;
    s.unknown_count = 0;
    flight_record_begin(&record, options);
    if (!take_members(&s, json + 1))
        return false;
    *ret_reason = flight_record_finish(&record, options, ret_obs, ret_refusals);
    return true;
}
