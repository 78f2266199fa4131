#include "flight/flight_keys.h"

#include <endian.h>
#include <stdint.h>
#include <string.h>

#include "flight/flight_key_table.inc"

_Static_assert(KEY_HASH_COUNT == FLIGHT_KEY_COUNT,
               "run gen/make_keys.py > flight_key_table.inc");

enum { WORD = 8, KEY_LONGEST = 16 };

struct key_row {
    char text[KEY_LONGEST + 1];
    uint8_t length;
};

static const struct key_row key_rows[FLIGHT_KEY_COUNT] = {
#define FIELD_NUM(id, key, ...)  [FLIGHT_##id] = {key, sizeof(key) - 1},
#define FIELD_TEXT(id, key, ...) [FLIGHT_##id] = {key, sizeof(key) - 1},
#include "flight/flight_fields.def"
#undef FIELD_NUM
#undef FIELD_TEXT
#define X(id, key) [FLIGHT_KEY_##id] = {key, sizeof(key) - 1},
    FLIGHT_EXTRA_KEYS(X)
#undef X
};

static uint64_t load_word(const char *text)
{
    uint64_t word;
    memcpy(&word, text, sizeof word);
    return le64toh(word);
}

/* The first n < 8 bytes, zero-padded. */
static uint64_t load_part(const char *text, size_t n, size_t readable)
{
    if (readable >= WORD)
        return load_word(text) & ~(UINT64_MAX << (n * WORD));
    char padded[WORD] = {0};
    memcpy(padded, text, n);
    return load_word(padded);
}

unsigned flight_key_find(const char *text, size_t n, size_t readable)
{
    if (n == 0 || n > KEY_LONGEST)
        return FLIGHT_KEY_NONE;
    uint64_t head = n < WORD ? load_part(text, n, readable) : load_word(text);
    uint64_t tail = n > WORD ? load_word(text + n - WORD) : 0;
    uint64_t hash = head * KEY_HASH_HEAD + tail * KEY_HASH_TAIL;
    unsigned slot = key_slots[hash >> (64 - KEY_HASH_BITS)];
    if (slot == 0)
        return FLIGHT_KEY_NONE;
    const struct key_row *row = &key_rows[slot - 1];
    bool same = row->length == n && load_word(row->text) == head &&
                (n <= WORD || load_word(row->text + n - WORD) == tail);
    return same ? slot - 1 : FLIGHT_KEY_NONE;
}
