/*
 * What a record means, whatever its syntax: the decoders (flight_scan,
 * flight_json) hand over one key and value at a time, in any order, and finish
 * judges the whole. Here are the rules of ranges, types, positions and times, so
 * that they exist once. A value on the decoder's stack.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flight/flight_fields.h"
#include "flight/flight_keys.h"
#include "flight/flight_number.h"
#include "flight/observation.h"

/*
 * Which key followed each in the record before, and which came first: most feeds
 * keep to an order, so that a guess spares the search. Zeroed at first; of one
 * thread at a time. What it holds never changes what a record means.
 */
struct flight_key_order {
    uint8_t next[FLIGHT_KEY_COUNT + 1]; /* [FLIGHT_KEY_NONE]: the first */
};

struct flight_decode_options {
    int64_t clock_ms;        /* our own clock, epoch ms: the limit for `now` */
    int64_t base_now_ms;     /* time of an object without `now`; 0 = it must have one */
    bool now_in_ms;          /* `now` is in milliseconds (ADS-B v2) */
    const char *default_src; /* `src` of an object that has none; NULL = none */
    struct flight_key_order *order; /* of such records; NULL = not remembered */
};

/* What was refused of an accepted record. */
struct flight_refusals {
    uint64_t fields; /* set of enum flight_field */
    unsigned count;  /* values refused, `seen` and `seen_pos` included */
};

struct flight_record {
    struct observation obs;
    struct flight_refusals refusals;
    int64_t seen_ms;     /* -1 = not given */
    int64_t seen_pos_ms; /* -1 = not given */
    bool has_hex;
    bool has_now;
    bool bad_hex;
    bool bad_time;
    bool bad_position;
    bool now_in_ms;
};

/* Starts a record. */
void flight_record_begin(struct flight_record *r,
                         const struct flight_decode_options *options);

/* flight_record_number of what is rare: refused, rounded, or no plain number. */
void flight_record_odd_number(struct flight_record *r, unsigned key,
                              struct flight_number number);

/*
 * The common case: a short number that needs no rounding, inside its range. False
 * for all others, a full circle included.
 */
static inline bool flight_record_is_plain(const struct flight_field_info *info,
                                          struct flight_number number,
                                          int64_t *ret_value)
{
    unsigned shift = (unsigned)(info->decimals - number.decimals);
    if (number.mantissa > INT32_MAX || shift > 9 || info->kind > FLIGHT_KIND_ALTITUDE)
        return false;
    int64_t value = (int64_t)(number.mantissa * flight_number_powers[shift]);
    *ret_value = number.negative ? -value : value;
    return *ret_value >= info->min && *ret_value < info->max;
}

/* key is a field, HEX, NOW, SEEN or SEEN_POS; other names are mapped by the caller. */
static inline void flight_record_number(struct flight_record *r, unsigned key,
                                        struct flight_number number)
{
    int64_t value;
    if (key < FLIGHT_FIELD_COUNT &&
        flight_record_is_plain(&flight_field_info[key], number, &value)) {
        r->obs.v.num[key] = (int32_t)value;
        r->obs.present |= FLIGHT_BIT(key);
    } else {
        flight_record_odd_number(r, key, number);
    }
}

/* As flight_record_number. */
void flight_record_text(struct flight_record *r, unsigned key, const char *text,
                        size_t n);

/* The bits of a BITS field that was written as an array of words. */
void flight_record_bits(struct flight_record *r, unsigned key, int32_t bits);

/* The value is null: the field became unknown. */
void flight_record_null(struct flight_record *r, unsigned key);

/* The value is of a kind that the key never has. */
void flight_record_refuse(struct flight_record *r, unsigned key);

/* Judges the record; on OBSERVATION_NONE fills ret_obs and (if not NULL) refusals. */
enum observation_reason
flight_record_finish(struct flight_record *r,
                     const struct flight_decode_options *options,
                     struct observation *ret_obs, struct flight_refusals *ret_refusals);
