/*
 * The envelope and the flights are decoded here, because every client needs
 * them; the answers of the other channels stay a JSON object (`body`) for the
 * part of the program that shows them.
 */
#include "wire/wire_decode.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/alloc.h"
#include "base/macros.h"
#include "base/strbuf.h"
#include "flight/flight_fields.h"
#include "flight/flight_names.h"
#include "flight/flight_number.h"
#include "wire/wire_limits.h"
#include "wire/wire_scan.h"

/* ---- single members -------------------------------------------------------- */

static bool get_number(const json_t *object, const char *key, double *ret)
{
    const json_t *v = json_object_get(object, key);
    if (!json_is_number(v))
        return false;
    double number = json_number_value(v);
    if (!isfinite(number) || fabs(number) > 1e15)
        return false;
    *ret = number;
    return true;
}

static int64_t get_int(const json_t *object, const char *key, int64_t otherwise)
{
    double v;
    return get_number(object, key, &v) ? (int64_t)llround(v) : otherwise;
}

static uint32_t get_tick(const json_t *object, const char *key)
{
    int64_t v = get_int(object, key, 0);
    return v > 0 && v <= UINT32_MAX ? (uint32_t)v : 0;
}

/* Seconds -> ms; `otherwise` when there is no such number. */
static int64_t get_seconds(const json_t *object, const char *key, int64_t otherwise)
{
    double v;
    int64_t ms;
    return get_number(object, key, &v) &&
                   flight_number_to_fixed(flight_number_from_double(v), 3, &ms)
               ? ms
               : otherwise;
}

static int64_t get_time_ms(const json_t *object, const char *key)
{
    return get_seconds(object, key, 0);
}

static void get_text(const json_t *object, const char *key, char *ret, size_t size)
{
    const char *text = json_string_value(json_object_get(object, key));
    if (text != NULL)
        snprintf(ret, size, "%s", text);
}

/* ---- flights --------------------------------------------------------------- */

static bool fixed_value(const struct flight_field_info *info, const json_t *v,
                        int32_t *ret)
{
    int64_t fixed;
    if (!json_is_number(v) ||
        !flight_number_to_fixed(flight_number_from_double(json_number_value(v)),
                                info->decimals, &fixed) ||
        fixed < info->min || fixed > info->max)
        return false;
    *ret = (int32_t)fixed;
    return true;
}

static bool bits_value(enum flight_field field, const json_t *v, int32_t *ret)
{
    const struct flight_field_info *info = &flight_field_info[field];
    if (!json_is_array(v))
        return fixed_value(info, v, ret);
    int32_t bits = 0;
    size_t i;
    const json_t *word;
    json_array_foreach((json_t *)(uintptr_t)v, i, word)
    {
        int32_t bit;
        if (json_is_string(word) && flight_bit_value(field, json_string_value(word),
                                                     json_string_length(word), &bit))
            bits |= bit;
    }
    *ret = bits;
    return true;
}

static bool number_value(enum flight_field field, const json_t *v, int32_t *ret)
{
    const struct flight_field_info *info = &flight_field_info[field];
    const char *text = json_string_value(v);
    size_t n = json_string_length(v);
    switch (info->kind) {
    case FLIGHT_KIND_INT: return fixed_value(info, v, ret);
    case FLIGHT_KIND_ALTITUDE:
        if (text != NULL && strcmp(text, "ground") == 0) {
            *ret = FLIGHT_ALT_GROUND;
            return true;
        }
        return fixed_value(info, v, ret);
    case FLIGHT_KIND_SQUAWK: return text != NULL && flight_squawk_value(text, n, ret);
    case FLIGHT_KIND_ENUM:
        return text != NULL && flight_enum_value(field, text, n, ret);
    case FLIGHT_KIND_BITS: return bits_value(field, v, ret);
    case FLIGHT_KIND_CATEGORY:
        return text != NULL && flight_category_value(text, n, ret);
    case FLIGHT_KIND_TEXT: break;
    }
    return false;
}

/* One member of a flight object: false when its value cannot be used. */
static bool take_field(struct observation *obs, enum flight_field field,
                       const json_t *v)
{
    if (json_is_null(v)) {
        obs->cleared |= FLIGHT_BIT(field);
        return true;
    }
    bool ok;
    if (flight_field_info[field].kind == FLIGHT_KIND_TEXT) {
        ok = json_is_string(v) &&
             flight_values_set_text(&obs->v, field, json_string_value(v),
                                    json_string_length(v));
    } else {
        ok = number_value(field, v, &obs->v.num[field]);
    }
    if (ok)
        obs->present |= FLIGHT_BIT(field);
    return ok;
}

static bool take_hex(const json_t *object, uint32_t *ret_icao)
{
    const json_t *hex = json_object_get(object, "hex");
    return json_is_string(hex) &&
           flight_parse_hex(json_string_value(hex), json_string_length(hex), ret_icao);
}

/* An age in ms; -1 when it is not told or none. */
static int64_t get_age(const json_t *object, const char *key)
{
    int64_t ms = get_seconds(object, key, -1);
    return ms <= WIRE_AGE_MAX_MS ? ms : -1;
}

bool wire_decode_flight(const struct json_t *object, int64_t time_ms, bool snapshot,
                        struct observation *ret_flight, size_t *ret_refused)
{
    struct observation obs = {0};
    if (!take_hex(object, &obs.icao))
        return false;
    const char *key;
    json_t *v;
    json_object_foreach((json_t *)(uintptr_t)object, key, v)
    {
        enum flight_field field;
        if (flight_field_by_key(key, strlen(key), &field) &&
            !take_field(&obs, field, v))
            (*ret_refused)++;
    }
    const struct wire_ages ages = {get_age(object, "seen"),
                                   get_age(object, "seen_pos")};
    wire_settle_ages(&obs, ages, time_ms, snapshot);
    *ret_flight = obs;
    return true;
}

static void take_flights(struct wire_message *m, const json_t *rows)
{
    size_t n = json_array_size(rows);
    if (n == 0)
        return;
    m->flights = xcalloc(n, sizeof *m->flights);
    m->entered = xcalloc(n, sizeof *m->entered);
    for (size_t i = 0; i < n; i++) {
        const json_t *row = json_array_get(rows, i);
        struct observation *obs = &m->flights[m->flight_count];
        if (!json_is_object(row) ||
            !wire_decode_flight(row, m->time_ms, m->type == WIRE_SNAPSHOT, obs,
                                &m->refused)) {
            m->refused++;
            continue;
        }
        m->entered[m->flight_count++] =
            m->type == WIRE_SNAPSHOT || json_is_true(json_object_get(row, "new"));
    }
}

static void take_removed(struct wire_message *m, const json_t *rows)
{
    size_t n = json_array_size(rows);
    if (n == 0)
        return;
    m->removed = xcalloc(n, sizeof *m->removed);
    for (size_t i = 0; i < n; i++) {
        const json_t *row = json_array_get(rows, i);
        const char *reason = json_string_value(json_object_get(row, "reason"));
        struct wire_removed *removed = &m->removed[m->removed_count];
        if (!take_hex(row, &removed->icao)) {
            m->refused++;
            continue;
        }
        removed->expired = reason != NULL && strcmp(reason, "expired") == 0;
        m->removed_count++;
    }
}

/* ---- messages -------------------------------------------------------------- */

static enum wire_type type_by_name(const char *name)
{
    static const struct {
        const char *name;
        enum wire_type type;
    } rows[] = {
#define X(id, text) {text, WIRE_##id},
        WIRE_TYPES(X)
#undef X
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (strcmp(rows[i].name, name) == 0)
            return rows[i].type;
    }
    return WIRE_UNKNOWN;
}

/* The members whose meaning depends on the type. */
static void take_members(struct wire_message *m, const json_t *o)
{
    switch (m->type) {
    case WIRE_WELCOME:
        get_text(o, "epoch", m->epoch, sizeof m->epoch);
        get_text(o, "server", m->code, sizeof m->code);
        m->tick_ms = get_int(o, "tick_ms", 0);
        m->resumed = json_is_true(json_object_get(o, "resumed"));
        break;
    case WIRE_SNAPSHOT: {
        const json_t *last = json_object_get(o, "last");
        m->first = get_int(o, "part", 1) <= 1;
        m->last = last == NULL || json_is_true(last);
        take_flights(m, json_object_get(o, "flights"));
        break;
    }
    case WIRE_DELTA:
        m->base_tick = get_tick(o, "base_tick");
        take_flights(m, json_object_get(o, "changed"));
        take_removed(m, json_object_get(o, "removed"));
        break;
    case WIRE_STALE:
        get_text(o, "source", m->code, sizeof m->code);
        m->since_ms = get_time_ms(o, "since");
        break;
    case WIRE_ERROR:
        get_text(o, "code", m->code, sizeof m->code);
        get_text(o, "message", m->text, sizeof m->text);
        m->retry_ms = get_int(o, "retry_ms", -1);
        break;
    case WIRE_GOAWAY: m->retry_ms = get_int(o, "reconnect_ms", -1); break;
    case WIRE_GAP: m->lost = get_int(o, "lost", 0); break;
    case WIRE_RATE: get_number(o, "max_hz", &m->max_hz); break;
    default: break; /* the rest is in body */
    }
    if (m->type == WIRE_GOAWAY || m->type == WIRE_RATE)
        get_text(o, "reason", m->text, sizeof m->text);
}

/* What is decoded whole needs no object any more. */
static void drop_body(struct wire_message *m)
{
    if (m->type != WIRE_SNAPSHOT && m->type != WIRE_DELTA)
        return;
    json_decref(m->body);
    m->body = NULL;
}

int wire_decode_carefully(const char *frame, size_t len,
                          struct wire_message *ret_message, struct strbuf *ret_error)
{
    json_error_t error;
    memset(ret_message, 0, sizeof *ret_message);
    json_t *o = json_loadb(frame, len, 0, &error);
    const char *type = json_string_value(json_object_get(o, "type"));
    if (type == NULL) {
        strbuf_addf(ret_error, o == NULL ? "not JSON: %s" : "a frame without a type%s",
                    o == NULL ? error.text : "");
        json_decref(o);
        return -EBADMSG;
    }
    struct wire_message *m = ret_message;
    m->type = type_by_name(type);
    m->body = o;
    m->id = get_int(o, "id", 0);
    m->tick = get_tick(o, "tick");
    m->time_ms = get_time_ms(o, "time");
    m->total = get_int(o, "total", -1);
    m->matching = get_int(o, "matching", -1);
    m->lag_ms = get_int(o, "lag_ms", -1);
    m->retry_ms = -1;
    take_members(m, o);
    drop_body(m);
    return 0;
}

int wire_decode(const char *frame, size_t len, struct wire_message *ret_message,
                struct strbuf *ret_error)
{
    memset(ret_message, 0, sizeof *ret_message);
    if (len > WIRE_FRAME_MAX) {
        strbuf_addf(ret_error, "a frame of %zu bytes is over the limit of %d", len,
                    WIRE_FRAME_MAX);
        return -EMSGSIZE;
    }
    if (wire_scan(frame, len, ret_message))
        return 0;
    return wire_decode_carefully(frame, len, ret_message, ret_error);
}
