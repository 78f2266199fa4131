/*
 * Everything is written to a buffer on the stack that holds the largest row
 * (FLIGHT_ENCODE_MAX, proved by the sum below), without a check per byte, and
 * copied out once.
 */
#include "flight/flight_encode.h"

#include <string.h>

#include "base/macros.h"
#include "flight/flight_fields.h"
#include "flight/flight_names.h"

enum {
    KEY_MAX = 24,   /* ,"nav_altitude_mcp": */
    VALUE_MAX = 68, /* all six nav modes, quoted */
    TEXT_GROWTH = 2 /* every byte escaped */
};

_Static_assert(FLIGHT_FIELD_COUNT *KEY_MAX + FLIGHT_NUM_COUNT * 12 + VALUE_MAX +
                       TEXT_GROWTH * sizeof(struct flight_values) + 128 <
                   FLIGHT_ENCODE_MAX,
               "a row fits");

struct key_text {
    char text[KEY_MAX]; /* comma, quotes and colon included */
    uint8_t length;
};

static const struct key_text key_texts[FLIGHT_FIELD_COUNT] = {
#define KEY_TEXT(id, key)        [FLIGHT_##id] = {",\"" key "\":", sizeof(key) + 3},
#define FIELD_NUM(id, key, ...)  KEY_TEXT(id, key)
#define FIELD_TEXT(id, key, ...) KEY_TEXT(id, key)
#include "flight/flight_fields.def"
#undef FIELD_NUM
#undef FIELD_TEXT
#undef KEY_TEXT
};

/* Adds a literal; the length is known to the compiler. */
#define PUT(at, literal)                                                               \
    ((char *)memcpy((at), (literal), sizeof(literal) - 1) + sizeof(literal) - 1)

static char *put_bytes(char *at, const char *bytes, size_t n)
{
    memcpy(at, bytes, n);
    return at + n;
}

static char *put_word(char *at, const char *word)
{
    *at++ = '"';
    at = put_bytes(at, word, strlen(word));
    *at++ = '"';
    return at;
}

static size_t digits_of(uint64_t v)
{
    size_t n = 1;
    for (; v >= 1000; v /= 1000)
        n += 3;
    return n + (v >= 10) + (v >= 100);
}

/* Writes n digits of v backward from `end`; returns what is left of v. */
static inline uint64_t put_digits_before(char *end, uint64_t v, size_t n)
{
    for (; n > 0; n--) {
        *--end = (char)('0' + v % 10);
        v /= 10;
    }
    return v;
}

static char *put_fixed(char *at, int64_t v, unsigned decimals)
{
    uint64_t rest = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
    if (v < 0)
        *at++ = '-';
    while (decimals > 0 && rest % 10 == 0) {
        rest /= 10;
        decimals--;
    }
    size_t n = MAX_OF(digits_of(rest), (size_t)decimals + 1);
    char *point = at + n - decimals;
    if (decimals > 0) {
        rest = put_digits_before(point + 1 + decimals, rest, decimals);
        *point = '.';
    }
    put_digits_before(point, rest, n - decimals);
    return point + (decimals > 0) + decimals;
}

static char *put_text(char *at, const char *text)
{
    *at++ = '"';
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            *at++ = '\\';
        /* Rows hold printable ASCII (flight_values_set_text); trust, but mask. */
        *at++ = (char)(*text >= ' ' && *text <= '~' ? *text : '?');
    }
    *at++ = '"';
    return at;
}

static char *put_squawk(char *at, int32_t squawk)
{
    at[0] = '"';
    for (int i = 4; i > 0; i--) {
        at[i] = (char)('0' + squawk % 10);
        squawk /= 10;
    }
    at[5] = '"';
    return at + 6;
}

static char *put_enum(char *at, enum flight_field field, int32_t value)
{
    const char *word = flight_enum_text(field, value);
    return word != NULL ? put_word(at, word) : PUT(at, "null");
}

static char *put_bits(char *at, enum flight_field field, int32_t value)
{
    if (flight_bit_text(field, 0) == NULL)
        return put_fixed(at, value, 0);
    *at++ = '[';
    const char *word;
    for (unsigned bit = 0; (word = flight_bit_text(field, bit)) != NULL; bit++) {
        if (!(value & 1 << bit))
            continue;
        if (at[-1] != '[')
            *at++ = ',';
        at = put_word(at, word);
    }
    *at++ = ']';
    return at;
}

static char *put_category(char *at, int32_t category)
{
    char text[FLIGHT_CATEGORY_SIZE];
    flight_category_text(category, text);
    return put_word(at, text);
}

static char *put_value(char *at, const struct flight_values *v, enum flight_field field)
{
    const struct flight_field_info *info = &flight_field_info[field];
    switch (info->kind) {
    case FLIGHT_KIND_ALTITUDE:
        if (v->num[field] == FLIGHT_ALT_GROUND)
            return PUT(at, "\"ground\"");
        return put_fixed(at, v->num[field], info->decimals);
    case FLIGHT_KIND_INT: return put_fixed(at, v->num[field], info->decimals);
    case FLIGHT_KIND_SQUAWK: return put_squawk(at, v->num[field]);
    case FLIGHT_KIND_ENUM: return put_enum(at, field, v->num[field]);
    case FLIGHT_KIND_BITS: return put_bits(at, field, v->num[field]);
    case FLIGHT_KIND_CATEGORY: return put_category(at, v->num[field]);
    case FLIGHT_KIND_TEXT: return put_text(at, (const char *)v + info->offset);
    }
    return at;
}

static char *put_key(char *at, enum flight_field field)
{
    /* A copy of constant size is cheaper than one of the key's length. */
    memcpy(at, key_texts[field].text, KEY_MAX);
    return at + key_texts[field].length;
}

static char *put_fields(char *at, const struct flight_values *v, uint64_t fields)
{
    for (uint64_t rest = fields; rest != 0; rest &= rest - 1) {
        enum flight_field field = (enum flight_field)__builtin_ctzll(rest);
        at = put_value(put_key(at, field), v, field);
    }
    return at;
}

static char *put_nulls(char *at, uint64_t fields)
{
    for (uint64_t rest = fields; rest != 0; rest &= rest - 1)
        at = PUT(put_key(at, (enum flight_field)__builtin_ctzll(rest)), "null");
    return at;
}

static char *put_hex(char *at, uint32_t icao)
{
    char hex[FLIGHT_HEX_SIZE];
    flight_format_hex(icao, hex);
    return put_word(PUT(at, "{\"hex\":"), hex);
}

bool flight_encode_fields(struct strbuf *out, const struct flight *f, uint64_t fields)
{
    char row[FLIGHT_ENCODE_MAX];
    char *at = put_fields(row, &f->v, fields & f->known);
    return strbuf_add(out, row, (size_t)(at - row));
}

bool flight_encode_changes(struct strbuf *out, const struct flight *f, uint64_t fields)
{
    char row[FLIGHT_ENCODE_MAX];
    char *at = put_fields(row, &f->v, fields & f->known);
    at = put_nulls(at, fields & ~f->known & FLIGHT_ALL_FIELDS);
    return strbuf_add(out, row, (size_t)(at - row));
}

/* An age in tenths of a second, rounded; never negative. */
static int64_t tenths_between(int64_t then_ms, int64_t now_ms)
{
    return then_ms < now_ms ? (now_ms - then_ms + 50) / 100 : 0;
}

bool flight_encode_flight(struct strbuf *out, const struct flight *f, uint64_t fields,
                          int64_t now_ms)
{
    char row[FLIGHT_ENCODE_MAX];
    char *at = put_hex(row, f->icao);
    at = put_fields(at, &f->v, fields & f->known);
    at = PUT(at, ",\"seen\":");
    at = put_fixed(at, tenths_between(f->heard_at_ms, now_ms), 1);
    if (flight_has_position(f)) {
        at = PUT(at, ",\"seen_pos\":");
        at = put_fixed(at, tenths_between(f->pos_at_ms, now_ms), 1);
    }
    *at++ = '}';
    return strbuf_add(out, row, (size_t)(at - row));
}

bool flight_encode_record(struct strbuf *out, const struct observation *obs)
{
    char row[FLIGHT_ENCODE_MAX];
    char *at = put_hex(row, obs->icao);
    at = put_fixed(PUT(at, ",\"now\":"), obs->now_ms, 3);
    if (obs->heard_at_ms < obs->now_ms)
        at = put_fixed(PUT(at, ",\"seen\":"), obs->now_ms - obs->heard_at_ms, 3);
    if ((obs->present & FLIGHT_BIT(FLIGHT_LAT)) && obs->pos_at_ms != obs->heard_at_ms)
        at = put_fixed(PUT(at, ",\"seen_pos\":"), obs->now_ms - obs->pos_at_ms, 3);
    at = put_fields(at, &obs->v, obs->present & FLIGHT_ALL_FIELDS);
    at = put_nulls(at, obs->cleared & ~obs->present & FLIGHT_ALL_FIELDS);
    *at++ = '}';
    return strbuf_add(out, row, (size_t)(at - row));
}

bool flight_encode_state(struct strbuf *out, const struct flight *f)
{
    struct observation obs = {.icao = f->icao,
                              .now_ms = f->now_ms,
                              .heard_at_ms = f->heard_at_ms,
                              .pos_at_ms = f->pos_at_ms,
                              .present = f->known,
                              .v = f->v};
    return flight_encode_record(out, &obs);
}
