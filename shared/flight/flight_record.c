#include "flight/flight_record.h"

#include <string.h>

#include "flight/flight_names.h"
#include "flight/flight_table.h"

enum { AGE_MAX_MS = 2000000000 }; /* 23 days; older than any feed keeps */

void flight_record_begin(struct flight_record *r,
                         const struct flight_decode_options *options)
{
    memset(r, 0, sizeof *r);
    r->seen_ms = -1;
    r->seen_pos_ms = -1;
    r->now_in_ms = options->now_in_ms;
}

void flight_record_refuse(struct flight_record *r, unsigned key)
{
    switch (key) {
    case FLIGHT_KEY_HEX: r->has_hex = r->bad_hex = true; return;
    case FLIGHT_KEY_NOW: r->has_now = r->bad_time = true; return;
    case FLIGHT_LAT:
    case FLIGHT_LON: r->bad_position = true; return;
    default: break;
    }
    r->refusals.count++;
    if (key < FLIGHT_FIELD_COUNT)
        r->refusals.fields |= FLIGHT_BIT(key);
}

static void accept_value(struct flight_record *r, unsigned key, int32_t value)
{
    r->obs.v.num[key] = value;
    r->obs.present |= FLIGHT_BIT(key);
}

void flight_record_bits(struct flight_record *r, unsigned key, int32_t bits)
{
    accept_value(r, key, bits);
}

void flight_record_null(struct flight_record *r, unsigned key)
{
    if (key < FLIGHT_FIELD_COUNT)
        r->obs.cleared |= FLIGHT_BIT(key);
}

/* --- numbers ------------------------------------------------------------ */

static bool is_angle(const struct flight_field_info *info)
{
    return info->min == 0 && info->unit[0] == 'd' &&
           info->max == 360 * (int32_t)flight_number_powers[info->decimals];
}

static void take_fixed(struct flight_record *r, unsigned key,
                       struct flight_number number)
{
    const struct flight_field_info *info = &flight_field_info[key];
    int64_t value;
    if (!flight_number_to_fixed(number, info->decimals, &value) || value < info->min ||
        value > info->max) {
        flight_record_refuse(r, key);
        return;
    }
    if (value == info->max && is_angle(info))
        value = 0; /* a full circle */
    accept_value(r, key, (int32_t)value);
}

/* The number without its fraction; false when that is not zero. */
static bool whole_number(struct flight_number number, int64_t *ret_value)
{
    int64_t tenths;
    return flight_number_to_fixed(number, 0, ret_value) &&
           flight_number_to_fixed(number, 1, &tenths) && tenths == *ret_value * 10;
}

static void take_squawk(struct flight_record *r, unsigned key,
                        struct flight_number number)
{
    int64_t value;
    if (whole_number(number, &value) && flight_squawk_valid(value))
        accept_value(r, key, (int32_t)value);
    else
        flight_record_refuse(r, key);
}

static void take_now(struct flight_record *r, struct flight_number number)
{
    int64_t value;
    r->has_now = true;
    if (!flight_number_to_fixed(number, r->now_in_ms ? 0 : 3, &value) || value <= 0)
        r->bad_time = true;
    else
        r->obs.now_ms = value;
}

static void take_age(struct flight_record *r, struct flight_number number,
                     int64_t *age_ms)
{
    int64_t value;
    if (!flight_number_to_fixed(number, 3, &value) || value < 0 || value > AGE_MAX_MS)
        r->refusals.count++;
    else
        *age_ms = value;
}

static void take_other_number(struct flight_record *r, unsigned key,
                              struct flight_number number)
{
    switch (key) {
    case FLIGHT_KEY_NOW: take_now(r, number); break;
    case FLIGHT_KEY_SEEN: take_age(r, number, &r->seen_ms); break;
    case FLIGHT_KEY_SEEN_POS: take_age(r, number, &r->seen_pos_ms); break;
    case FLIGHT_SQUAWK: take_squawk(r, key, number); break;
    case FLIGHT_DB_FLAGS: take_fixed(r, key, number); break;
    default: flight_record_refuse(r, key); break;
    }
}

void flight_record_odd_number(struct flight_record *r, unsigned key,
                              struct flight_number number)
{
    if (key < FLIGHT_FIELD_COUNT && flight_field_info[key].kind <= FLIGHT_KIND_ALTITUDE)
        take_fixed(r, key, number);
    else
        take_other_number(r, key, number);
}

/* --- texts -------------------------------------------------------------- */

/* Feeds fill what they do not know with blanks, Mode S with '@' (its code 0). */
static bool is_filler(char c, unsigned key)
{
    return c == ' ' || (c == '@' && key == FLIGHT_CALLSIGN);
}

static inline void trim(unsigned key, const char **text, size_t *n)
{
    if (*n > 0 && **text > '@' && (*text)[*n - 1] != ' ' && (*text)[*n - 1] != '@')
        return; /* the common case */
    while (*n > 0 && is_filler((*text)[*n - 1], key))
        --*n;
    while (*n > 0 && is_filler(**text, key)) {
        ++*text;
        --*n;
    }
}

static bool read_word(enum flight_field field, const char *text, size_t n,
                      int32_t *ret_value)
{
    switch (flight_field_info[field].kind) {
    case FLIGHT_KIND_ALTITUDE:
        *ret_value = FLIGHT_ALT_GROUND;
        return n == 6 && memcmp(text, "ground", 6) == 0;
    case FLIGHT_KIND_SQUAWK: return flight_squawk_value(text, n, ret_value);
    case FLIGHT_KIND_ENUM: return flight_enum_value(field, text, n, ret_value);
    case FLIGHT_KIND_CATEGORY: return flight_category_value(text, n, ret_value);
    case FLIGHT_KIND_INT:
    case FLIGHT_KIND_BITS:
    case FLIGHT_KIND_TEXT: break;
    }
    return false;
}

static void take_field_text(struct flight_record *r, unsigned key, const char *text,
                            size_t n)
{
    enum flight_field field = (enum flight_field)key;
    int32_t value;
    trim(key, &text, &n);
    if (n == 0 && flight_field_info[field].kind != FLIGHT_KIND_INT)
        return; /* blank: says nothing */
    if (field < FLIGHT_NUM_COUNT) {
        if (read_word(field, text, n, &value))
            accept_value(r, key, value);
        else
            flight_record_refuse(r, key);
    } else if (flight_values_set_text(&r->obs.v, field, text, n)) {
        r->obs.present |= FLIGHT_BIT(field);
    } else {
        flight_record_refuse(r, key);
    }
}

void flight_record_text(struct flight_record *r, unsigned key, const char *text,
                        size_t n)
{
    if (key < FLIGHT_FIELD_COUNT) {
        take_field_text(r, key, text, n);
    } else if (key == FLIGHT_KEY_HEX) {
        r->has_hex = true;
        r->bad_hex = !flight_parse_hex(text, n, &r->obs.icao) || r->obs.icao == 0;
    } else {
        flight_record_refuse(r, key);
    }
}

/* --- the whole ---------------------------------------------------------- */

static enum observation_reason judge(const struct flight_record *r, int64_t clock_ms)
{
    if (!r->has_hex)
        return OBSERVATION_NO_HEX;
    if (r->bad_hex)
        return OBSERVATION_BAD_HEX;
    if (r->bad_time)
        return OBSERVATION_BAD_TIME;
    if (r->obs.now_ms <= 0)
        return OBSERVATION_NO_TIME;
    if (r->obs.now_ms > clock_ms + FLIGHT_FUTURE_MS)
        return OBSERVATION_FUTURE;
    if (r->bad_position)
        return OBSERVATION_BAD_POSITION;
    return OBSERVATION_NONE;
}

/* One half of a position is refused; one unknown half makes both unknown. */
static void settle_position(struct flight_record *r)
{
    struct observation *obs = &r->obs;
    uint64_t given = obs->present & FLIGHT_POSITION_FIELDS;
    if (obs->cleared & FLIGHT_POSITION_FIELDS)
        obs->cleared |= FLIGHT_POSITION_FIELDS;
    if (given == 0 || given == FLIGHT_POSITION_FIELDS)
        return;
    obs->present &= ~given;
    r->refusals.fields |= given;
    r->refusals.count++;
}

static void settle_times(struct flight_record *r)
{
    struct observation *obs = &r->obs;
    int64_t seen_ms = r->seen_ms >= 0 ? r->seen_ms : 0;
    int64_t seen_pos_ms = r->seen_pos_ms >= 0 ? r->seen_pos_ms : seen_ms;
    obs->heard_at_ms = obs->now_ms - seen_ms;
    if (obs->present & FLIGHT_POSITION_FIELDS)
        obs->pos_at_ms = obs->now_ms - seen_pos_ms;
}

static void settle_source(struct flight_record *r, const char *default_src)
{
    const uint64_t src = FLIGHT_BIT(FLIGHT_SRC);
    if (default_src == NULL || (r->obs.present & src))
        return;
    if (!flight_values_set_text(&r->obs.v, FLIGHT_SRC, default_src,
                                strlen(default_src)))
        return;
    r->obs.present |= src;
    r->obs.cleared &= ~src;
}

enum observation_reason
flight_record_finish(struct flight_record *r,
                     const struct flight_decode_options *options,
                     struct observation *ret_obs, struct flight_refusals *ret_refusals)
{
    if (!r->has_now)
        r->obs.now_ms = options->base_now_ms;
    enum observation_reason reason = judge(r, options->clock_ms);
    if (reason != OBSERVATION_NONE)
        return reason;
    settle_position(r);
    settle_times(r);
    settle_source(r, options->default_src);
    *ret_obs = r->obs;
    if (ret_refusals != NULL)
        *ret_refusals = r->refusals;
    return OBSERVATION_NONE;
}
