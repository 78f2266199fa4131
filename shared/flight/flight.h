/*
 * One aircraft's state as plain values, and the field numbers that every layer
 * uses. Values are fixed point (flight_fields.def), so that "changed" means
 * changed at the wire's precision; what is unknown has its bit clear in `known`
 * and its value is meaningless.
 *
 * A row is reference-counted so that the state thread can share it, immutable
 * from then on, with the io threads: flight_table copies a row before it
 * changes one that somebody else holds. flight_ref/flight_unref: any thread.
 */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

enum flight_field {
#define FIELD_NUM(id, ...) FLIGHT_##id,
#define FIELD_TEXT(id, ...)
#include "flight/flight_fields.def"
#undef FIELD_NUM
#undef FIELD_TEXT
    FLIGHT_NUM_COUNT,
    FLIGHT_TEXT_FIRST_MINUS_1 = FLIGHT_NUM_COUNT - 1,
#define FIELD_NUM(id, ...)
#define FIELD_TEXT(id, ...) FLIGHT_##id,
#include "flight/flight_fields.def"
#undef FIELD_NUM
#undef FIELD_TEXT
    FLIGHT_FIELD_COUNT
};
_Static_assert(FLIGHT_FIELD_COUNT <= 64, "a field set is one 64-bit word");

enum flight_flags { FLIGHT_VOLATILE = 1 };

enum {
    FLIGHT_ALT_GROUND = INT_MIN + 1, /* value of FLIGHT_ALT_BARO: on the ground */
    FLIGHT_NON_ICAO = 1 << 24, /* set in `icao` for "~" addresses (TIS-B track files) */
    FLIGHT_HEX_SIZE = 8        /* "~" + 6 digits + NUL */
};

/* The bit of a field in a field set. */
#define FLIGHT_BIT(field) (UINT64_C(1) << (field))

struct flight_values {
    int32_t num[FLIGHT_NUM_COUNT];
#define FIELD_NUM(...)
#define FIELD_TEXT(id, key, member, size, ...) char member[size];
#include "flight/flight_fields.def"
#undef FIELD_NUM
#undef FIELD_TEXT
};

struct flight {
    _Atomic uint32_t refs;
    uint32_t icao; /* 24-bit address, or'ed with FLIGHT_NON_ICAO */
    uint32_t slot; /* index in its table while it lives */
    uint32_t born_tick;
    uint32_t heard_tick;   /* last tick with any accepted observation */
    uint32_t changed_tick; /* newest of the fields' ticks and born_tick */
    int64_t now_ms;        /* order: `now` of the newest applied record */
    int64_t heard_at_ms;   /* last message of any kind */
    int64_t pos_at_ms;     /* last message with a position; 0 = never */
    uint64_t known;        /* set of enum flight_field */
    struct flight_values v;
    uint32_t tick_base; /* see flight_field_tick */
    uint16_t field_ticks[FLIGHT_FIELD_COUNT];
};

/*
 * The tick at which the value last changed, 0 = never. Kept in 16 bits after a
 * base, because they would else be two fifths of a row. A change may be told with a
 * later tick than its own, but then lies FLIGHT_TICKS_KEPT back at least.
 */
enum { FLIGHT_TICKS_KEPT = 32768 };

static inline uint32_t flight_field_tick(const struct flight *f,
                                         enum flight_field field)
{
    return f->field_ticks[field] != 0 ? f->tick_base + f->field_ticks[field] : 0;
}

/* The fields whose value changed after that tick. */
static inline uint64_t flight_changed_since(const struct flight *f, uint32_t tick)
{
    uint32_t after = tick > f->tick_base ? tick - f->tick_base : 0;
    uint64_t set = 0;
    if (f->changed_tick <= tick)
        return 0;
    for (unsigned i = 0; i < FLIGHT_FIELD_COUNT; i++)
        set |= (uint64_t)(f->field_ticks[i] > after) << i;
    return set;
}

/* True when the field has a value. */
static inline bool flight_has(const struct flight *f, enum flight_field field)
{
    return (f->known & FLIGHT_BIT(field)) != 0;
}

static inline bool flight_has_position(const struct flight *f)
{
    const uint64_t both = FLIGHT_BIT(FLIGHT_LAT) | FLIGHT_BIT(FLIGHT_LON);
    return (f->known & both) == both;
}

static inline bool flight_on_ground(const struct flight *f)
{
    return flight_has(f, FLIGHT_ALT_BARO) &&
           f->v.num[FLIGHT_ALT_BARO] == FLIGHT_ALT_GROUND;
}

/* One more holder; returns f. */
struct flight *flight_ref(struct flight *f);

/* One holder fewer; frees the row with the last. NULL is accepted. */
void flight_unref(struct flight *f);

/* The address as 6 lower-case hex digits, "~" first when not ICAO. */
void flight_format_hex(uint32_t icao, char ret_hex[FLIGHT_HEX_SIZE]);

/* Reads such an address (either case); false when it is none. n bytes at text. */
bool flight_parse_hex(const char *text, unsigned long n, uint32_t *ret_icao);
