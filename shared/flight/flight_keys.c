#include "flight/flight_keys.h"

#include <string.h>

#define BITS(n) ((n) >= WORD_SIZE ? UINT64_MAX : ~(UINT64_MAX << (n) % WORD_SIZE * 8))
#define ROW(key)                                                                       \
    {                                                                                  \
        key, sizeof(key) - 1, BITS(sizeof(key) - 1)                                    \
    }

const struct flight_key_row flight_key_rows[FLIGHT_KEY_COUNT] = {
#define FIELD_NUM(id, key, ...)  [FLIGHT_##id] = ROW(key),
#define FIELD_TEXT(id, key, ...) [FLIGHT_##id] = ROW(key),
#include "flight/flight_fields.def"
#undef FIELD_NUM
#undef FIELD_TEXT
#define X(id, key) [FLIGHT_KEY_##id] = ROW(key),
    FLIGHT_EXTRA_KEYS(X)
#undef X
};

const uint8_t flight_key_slots[1 << KEY_HASH_BITS] = {KEY_SLOTS};

unsigned flight_key_find(const char *text, size_t n)
{
    char padded[FLIGHT_KEY_LONGEST] = {0};
    if (n > FLIGHT_KEY_LONGEST)
        return FLIGHT_KEY_NONE;
    memcpy(padded, text, n);
    uint64_t tail = n > WORD_SIZE ? word_load(padded + n - WORD_SIZE) : 0;
    return flight_key_of_words(word_load(padded), tail, n);
}
