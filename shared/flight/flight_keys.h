/*
 * Every key that means something in an aircraft object, those of older programs
 * included, and the way from a key's text to its number: a perfect hash, made by
 * gen/make_keys.py after a row was added here or in flight_fields.def. Read-only;
 * any thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flight/flight.h"
#include "flight/flight_words.h"

/* X(ID, "key") */
#define FLIGHT_EXTRA_KEYS(X)                                                           \
    X(HEX, "hex")                                                                      \
    X(NOW, "now")                                                                      \
    X(SEEN, "seen")                                                                    \
    X(SEEN_POS, "seen_pos")                                                            \
    X(LAST_POSITION, "lastPosition")                                                   \
    X(TS, "ts")                                                                        \
    X(ALTITUDE, "altitude")                                                            \
    X(SPEED, "speed")                                                                  \
    X(GSCP, "gscp")                                                                    \
    X(VERT_RATE, "vert_rate")                                                          \
    X(NAV_ALTITUDE, "nav_altitude")

/* A key's number is unsigned: that of its field, or one of these. */
enum {
    FLIGHT_KEY_BEFORE_EXTRAS = FLIGHT_FIELD_COUNT - 1,
#define X(id, key) FLIGHT_KEY_##id,
    FLIGHT_EXTRA_KEYS(X)
#undef X
        FLIGHT_KEY_COUNT,
    FLIGHT_KEY_NONE = FLIGHT_KEY_COUNT
};
_Static_assert(FLIGHT_KEY_COUNT <= 64, "a set of keys is one 64-bit word");

#include "flight/flight_key_table.inc"

_Static_assert(KEY_HASH_COUNT == FLIGHT_KEY_COUNT,
               "run gen/make_keys.py > flight_key_table.inc");

enum { FLIGHT_KEY_LONGEST = 16 };

struct flight_key_row {
    char text[FLIGHT_KEY_LONGEST + 1];
    uint8_t length;
    uint64_t head; /* the bits of its first eight bytes that are its own */
};

/* By key number; and by hash: number + 1, or 0. */
extern const struct flight_key_row flight_key_rows[FLIGHT_KEY_COUNT];
extern const uint8_t flight_key_slots[1 << KEY_HASH_BITS];

/*
 * The number of a key of n bytes, FLIGHT_KEY_NONE when it means nothing here.
 * head is its first eight bytes as a word, zero-padded when it has fewer, and
 * tail its last eight when it has more than eight, else 0.
 */
static inline unsigned flight_key_of_words(uint64_t head, uint64_t tail, size_t n)
{
    uint64_t hash = head * KEY_HASH_HEAD + tail * KEY_HASH_TAIL;
    unsigned slot = flight_key_slots[hash >> (64 - KEY_HASH_BITS)];
    if (slot == 0)
        return FLIGHT_KEY_NONE;
    const struct flight_key_row *row = &flight_key_rows[slot - 1];
    bool same = row->length == n && word_load(row->text) == head &&
                (n <= WORD_SIZE || word_load(row->text + n - WORD_SIZE) == tail);
    return same ? slot - 1 : FLIGHT_KEY_NONE;
}

/*
 * The same asked the other way: whether what stands at text is this key, a quote
 * and a colon. The text has at least that many bytes, and WORD_SIZE.
 */
static inline bool flight_key_is_at(unsigned key, const char *text)
{
    const struct flight_key_row *row = &flight_key_rows[key];
    size_t n = row->length;
    bool same = (word_load(text) & row->head) == word_load(row->text) &&
                text[n] == '"' && text[n + 1] == ':';
    return same && (n <= WORD_SIZE || word_load(text + n - WORD_SIZE) ==
                                          word_load(row->text + n - WORD_SIZE));
}

/* The number of a key as flight_key_of_words, of a text. */
unsigned flight_key_find(const char *text, size_t n);
