/*
 * What is declined: members in an order in which the time comes after the rows,
 * members that are unknown or come twice, values that would have to be refused.
 * See flight_tokens.h for the brace at the end that stops every run.
 */
#include "wire/wire_scan.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/macros.h"
#include "flight/flight_fields.h"
#include "flight/flight_names.h"
#include "flight/flight_tokens.h"
#include "wire/wire_limits.h"

enum { ROWS_FIRST = 64 };

struct scan {
    const char *last; /* the closing brace of the frame */
    struct wire_message *m;
    size_t room;         /* for flights */
    size_t removed_room; /* for removed */
    unsigned members;    /* set of enum member_bit */
};

/* One row on its way. */
struct row {
    struct observation obs;
    struct wire_ages ages;
    uint64_t keys; /* seen so far */
    bool told_new;
    bool entered;
};

/* ---- values ------------------------------------------------------------------ */

static inline const char *take_int(const char *at, int64_t *ret_value)
{
    struct flight_number number;
    at = take_number(at, &number);
    if (at == NULL || number.decimals != 0 ||
        !flight_number_survives_double(number, 0) ||
        !flight_number_to_fixed(number, 0, ret_value))
        return NULL;
    return at;
}

/* Seconds, as ms. */
static inline const char *take_seconds(const char *at, int64_t *ret_ms)
{
    struct flight_number number;
    at = take_number(at, &number);
    if (at == NULL || !flight_number_survives_double(number, 3) ||
        !flight_number_to_fixed(number, 3, ret_ms))
        return NULL;
    return at;
}

static const char *take_bool(const char *at, const char *last, bool *ret_value)
{
    *ret_value = *at == 't';
    return take_literal(at, last, *ret_value ? "true" : "false");
}

/* ---- one row ------------------------------------------------------------------ */

static inline const char *number_field(const char *at, enum flight_field field,
                                       struct observation *obs)
{
    const struct flight_field_info *info = &flight_field_info[field];
    struct flight_number number;
    int64_t value;
    at = take_number(at, &number);
    if (at == NULL ||
        (info->kind > FLIGHT_KIND_ALTITUDE && info->kind != FLIGHT_KIND_BITS) ||
        !flight_number_survives_double(number, info->decimals) ||
        !flight_number_to_fixed(number, info->decimals, &value) || value < info->min ||
        value > info->max)
        return NULL;
    obs->v.num[field] = (int32_t)value;
    obs->present |= FLIGHT_BIT(field);
    return at;
}

static bool word_value(enum flight_field field, struct span word, int32_t *ret_value)
{
    switch (flight_field_info[field].kind) {
    case FLIGHT_KIND_ALTITUDE:
        *ret_value = FLIGHT_ALT_GROUND;
        return word.n == 6 && memcmp(word.text, "ground", 6) == 0;
    case FLIGHT_KIND_SQUAWK: return flight_squawk_value(word.text, word.n, ret_value);
    case FLIGHT_KIND_ENUM:
        return flight_enum_value(field, word.text, word.n, ret_value);
    case FLIGHT_KIND_CATEGORY:
        return flight_category_value(word.text, word.n, ret_value);
    case FLIGHT_KIND_INT:
    case FLIGHT_KIND_BITS:
    case FLIGHT_KIND_TEXT: break;
    }
    return false;
}

static const char *text_field(const char *at, const char *last, enum flight_field field,
                              struct observation *obs)
{
    struct span text;
    at = take_string(at, last, &text);
    if (at == NULL)
        return NULL;
    bool ok = flight_field_info[field].kind == FLIGHT_KIND_TEXT
                  ? flight_values_set_text(&obs->v, field, text.text, text.n)
                  : word_value(field, text, &obs->v.num[field]);
    obs->present |= FLIGHT_BIT(field);
    return ok ? at : NULL;
}

/* An array of the words of bits; `at` is at its bracket. */
static const char *bits_field(const char *at, const char *last, enum flight_field field,
                              struct observation *obs)
{
    int32_t bits = 0, bit;
    struct span word;
    at = skip_space(at + 1);
    while (*at == '"') {
        at = take_string(at, last, &word);
        if (at == NULL || !flight_bit_value(field, word.text, word.n, &bit))
            return NULL;
        bits |= bit;
        const char *next = take_char(at, ',');
        if (next == NULL)
            break;
        at = *next == '"' ? next : last; /* a comma before the bracket */
    }
    obs->v.num[field] = bits;
    obs->present |= FLIGHT_BIT(field);
    return take_char(at, ']');
}

static inline const char *take_field(const char *at, const char *last,
                                     enum flight_field field, struct observation *obs)
{
    switch (*at) {
    case '"': return text_field(at, last, field, obs);
    case '[':
        return flight_field_info[field].kind == FLIGHT_KIND_BITS
                   ? bits_field(at, last, field, obs)
                   : NULL;
    case 'n': obs->cleared |= FLIGHT_BIT(field); return take_literal(at, last, "null");
    default: return number_field(at, field, obs);
    }
}

static const char *take_hex(const char *at, const char *last, uint32_t *ret_icao)
{
    struct span hex;
    if (*at != '"' || (at = take_string(at, last, &hex)) == NULL)
        return NULL;
    return flight_parse_hex(hex.text, hex.n, ret_icao) ? at : NULL;
}

static const char *take_age(const char *at, int64_t *ret_ms)
{
    at = take_seconds(at, ret_ms);
    return at != NULL && *ret_ms >= 0 && *ret_ms <= WIRE_AGE_MAX_MS ? at : NULL;
}

/* `new` is no key of a record, so that the table does not know it. */
static const char *take_new(const char *at, const char *last, struct row *row)
{
    static const char key[] = "\"new\":";
    if ((size_t)(last - at) < sizeof key || memcmp(at, key, sizeof key - 1) != 0 ||
        row->told_new)
        return NULL;
    row->told_new = true;
    return take_bool(at + sizeof key - 1, last, &row->entered);
}

static inline const char *row_member(const char *at, const char *last, struct row *row)
{
    unsigned key;
    const char *end = *at == '"' ? take_known_key(at, last, &key) : NULL;
    if (end == NULL)
        return take_new(at, last, row);
    uint64_t bit = UINT64_C(1) << key;
    at = take_char(end, ':');
    if (at == NULL || (row->keys & bit) != 0)
        return NULL;
    row->keys |= bit;
    if (key < FLIGHT_FIELD_COUNT)
        return take_field(at, last, (enum flight_field)key, &row->obs);
    switch (key) {
    case FLIGHT_KEY_HEX: return take_hex(at, last, &row->obs.icao);
    case FLIGHT_KEY_SEEN: return take_age(at, &row->ages.seen_ms);
    case FLIGHT_KEY_SEEN_POS: return take_age(at, &row->ages.seen_pos_ms);
    default: return NULL;
    }
}

/* The members of an object after its brace. */
static const char *row_members(const char *at, const char *last, struct row *row)
{
    for (;;) {
        at = row_member(at, last, row);
        if (at == NULL)
            return NULL;
        const char *next = take_char(at, ',');
        if (next == NULL)
            break;
        at = next;
    }
    at = skip_space(at);
    /* The last brace belongs to the frame. */
    return *at == '}' && at < last && (row->keys >> FLIGHT_KEY_HEX & 1) ? at + 1 : NULL;
}

/* ---- lists of rows ------------------------------------------------------------- */

static void add_flight(struct scan *s, const struct row *row)
{
    struct wire_message *m = s->m;
    if (m->flight_count == s->room) {
        s->room = s->room > 0 ? s->room * 2 : ROWS_FIRST;
        m->flights = xreallocarray(m->flights, s->room, sizeof *m->flights);
        m->entered = xreallocarray(m->entered, s->room, sizeof *m->entered);
    }
    m->entered[m->flight_count] = m->type == WIRE_SNAPSHOT || row->entered;
    m->flights[m->flight_count++] = row->obs;
}

static const char *take_flight(struct scan *s, const char *at)
{
    struct row row = {.ages = {-1, -1}};
    if ((at = take_char(at, '{')) == NULL ||
        (at = row_members(at, s->last, &row)) == NULL)
        return NULL;
    wire_settle_ages(&row.obs, row.ages, s->m->time_ms, s->m->type == WIRE_SNAPSHOT);
    add_flight(s, &row);
    return at;
}

/* {"hex":"4b1814","reason":"left"} */
static const char *take_removed(struct scan *s, const char *at)
{
    static const char before[] = "{\"hex\":";
    static const char between[] = ",\"reason\":";
    struct wire_message *m = s->m;
    struct wire_removed removed = {0};
    struct span reason;
    if ((at = take_literal(at, s->last, before)) == NULL ||
        (at = take_hex(at, s->last, &removed.icao)) == NULL ||
        (at = take_literal(at, s->last, between)) == NULL || *at != '"' ||
        (at = take_string(at, s->last, &reason)) == NULL || *at != '}')
        return NULL;
    removed.expired = reason.n == 7 && memcmp(reason.text, "expired", 7) == 0;
    if (m->removed_count == s->removed_room) {
        s->removed_room = s->removed_room > 0 ? s->removed_room * 2 : ROWS_FIRST;
        m->removed = xreallocarray(m->removed, s->removed_room, sizeof *m->removed);
    }
    m->removed[m->removed_count++] = removed;
    return at < s->last ? at + 1 : NULL;
}

typedef const char *(*row_fn)(struct scan *s, const char *at);

static const char *take_rows(struct scan *s, const char *at, row_fn take)
{
    at = take_char(at, '[');
    if (at == NULL || *at == ']')
        return at != NULL ? at + 1 : NULL;
    for (;;) {
        at = take(s, at);
        if (at == NULL)
            return NULL;
        const char *next = take_char(at, ',');
        if (next == NULL)
            return take_char(at, ']');
        at = next;
    }
}

/* ---- the frame ------------------------------------------------------------------ */

static const char *id_member(struct scan *s, const char *at)
{
    return take_int(at, &s->m->id);
}

static const char *tick_value(const char *at, uint32_t *ret_tick)
{
    int64_t value;
    at = take_int(at, &value);
    if (at == NULL || value < 0 || value > UINT32_MAX)
        return NULL;
    *ret_tick = (uint32_t)value;
    return at;
}

static const char *tick_member(struct scan *s, const char *at)
{
    return tick_value(at, &s->m->tick);
}

static const char *base_tick_member(struct scan *s, const char *at)
{
    return s->m->type == WIRE_DELTA ? tick_value(at, &s->m->base_tick) : NULL;
}

static const char *time_member(struct scan *s, const char *at)
{
    at = take_seconds(at, &s->m->time_ms);
    return at != NULL && s->m->time_ms > 0 ? at : NULL;
}

static const char *part_member(struct scan *s, const char *at)
{
    int64_t part;
    at = take_int(at, &part);
    s->m->first = at != NULL && part <= 1;
    return s->m->type == WIRE_SNAPSHOT ? at : NULL;
}

static const char *last_member(struct scan *s, const char *at)
{
    return s->m->type == WIRE_SNAPSHOT ? take_bool(at, s->last, &s->m->last) : NULL;
}

static const char *flights_member(struct scan *s, const char *at)
{
    bool ready = s->m->type == WIRE_SNAPSHOT && s->m->time_ms > 0;
    return ready ? take_rows(s, at, take_flight) : NULL;
}

static const char *changed_member(struct scan *s, const char *at)
{
    bool ready = s->m->type == WIRE_DELTA && s->m->time_ms > 0;
    return ready ? take_rows(s, at, take_flight) : NULL;
}

static const char *removed_member(struct scan *s, const char *at)
{
    return s->m->type == WIRE_DELTA ? take_rows(s, at, take_removed) : NULL;
}

static const char *take_member(struct scan *s, const char *at)
{
    static const struct {
        const char *name;
        const char *(*take)(struct scan *s, const char *at);
    } rows[] = {
        {"id", id_member},
        {"tick", tick_member},
        {"base_tick", base_tick_member},
        {"time", time_member},
        {"part", part_member},
        {"last", last_member},
        {"flights", flights_member},
        {"changed", changed_member},
        {"removed", removed_member},
    };
    struct span name;
    if (*at != '"' || (at = take_string(at, s->last, &name)) == NULL ||
        (at = take_char(at, ':')) == NULL)
        return NULL;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (strlen(rows[i].name) != name.n ||
            memcmp(rows[i].name, name.text, name.n) != 0)
            continue;
        bool again = (s->members >> i & 1) != 0;
        s->members |= 1U << i;
        return again ? NULL : rows[i].take(s, at);
    }
    return NULL;
}

static bool take_members(struct scan *s, const char *at)
{
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

static const char *take_type(const char *frame, size_t len, enum wire_type *ret_type)
{
    static const char snapshot[] = "{\"type\":\"snapshot\",";
    static const char delta[] = "{\"type\":\"delta\",";
    if (len > sizeof snapshot && memcmp(frame, snapshot, sizeof snapshot - 1) == 0) {
        *ret_type = WIRE_SNAPSHOT;
        return frame + sizeof snapshot - 1;
    }
    *ret_type = WIRE_DELTA;
    return len > sizeof delta && memcmp(frame, delta, sizeof delta - 1) == 0
               ? frame + sizeof delta - 1
               : NULL;
}

bool wire_scan(const char *frame, size_t len, struct wire_message *ret_message)
{
    enum wire_type type;
    const char *at = take_type(frame, len, &type);
    if (at == NULL || frame[len - 1] != '}')
        return false;
    *ret_message = (struct wire_message){.type = type,
                                         .total = -1,
                                         .matching = -1,
                                         .lag_ms = -1,
                                         .retry_ms = -1,
                                         .first = type == WIRE_SNAPSHOT,
                                         .last = type == WIRE_SNAPSHOT};
    struct scan s = {.last = frame + len - 1, .m = ret_message};
    if (take_members(&s, at))
        return true;
    wire_message_release(ret_message);
    return false;
}
