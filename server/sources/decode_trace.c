#include "sources/decode_trace.h"

#include <math.h>

#include "base/macros.h"
#include "base/strbuf.h"
#include "flight/flight_fields.h"
#include "flight/flight_names.h"

enum column {
    COLUMN_SECONDS, /* after the trace's timestamp */
    COLUMN_LAT,
    COLUMN_LON,
    COLUMN_ALTITUDE, /* feet, or "ground" */
    COLUMN_SPEED,
    COLUMN_TRACK, /* true heading on the ground */
    COLUMN_FLAGS,
    COLUMN_RATE,
    COLUMN_DETAILS, /* an aircraft object without address, or null */
    COLUMN_COUNT_9,
    COLUMN_TYPE = COLUMN_COUNT_9,
    COLUMN_ALT_GEOM,
    COLUMN_GEOM_RATE,
    COLUMN_IAS,
    COLUMN_ROLL,
    COLUMN_COUNT_14
};

enum flag { FLAG_RATE_IS_GEOMETRIC = 4, FLAG_ALTITUDE_IS_GEOMETRIC = 8 };
enum { DETAILS_MAX = 16384 };

struct point {
    struct json_slice columns[COLUMN_COUNT_14]; /* len 0 = null or not there */
    size_t count;
};

static bool split(struct json_slice text, struct point *ret_point)
{
    struct json_slice value;
    *ret_point = (struct point){0};
    if (json_slice_kind(text) != '[')
        return false;
    struct json_cursor c = json_cursor_open(text);
    while (json_cursor_element(&c, &value)) {
        if (ret_point->count < COLUMN_COUNT_14 && !json_slice_is(value, "null"))
            ret_point->columns[ret_point->count] = value;
        ret_point->count++;
    }
    return !c.failed && ret_point->count >= COLUMN_COUNT_9;
}

bool decode_trace_open(const char *text, size_t n, struct trace *ret_trace,
                       struct strbuf *ret_error)
{
    static const struct document_format format = {.rows_keys = {"trace"},
                                                  .now_key = "timestamp"};
    struct document document;
    struct json_slice value;
    struct json_slice hex;
    double flags;
    if (!document_open(text, n, &format, &document, ret_error))
        return false;
    struct json_slice top = json_slice_trim(text, n);
    struct trace t = {.start_ms = document.now_ms, .db_flags = -1};
    if (!json_slice_find(top, "icao", &value) || !json_slice_string(value, &hex) ||
        !flight_parse_hex(hex.at, hex.len, &t.icao) || t.icao == 0) {
        strbuf_add_text(ret_error, "no aircraft address \"icao\" in it");
        return false;
    }
    if (t.start_ms == 0) {
        strbuf_add_text(ret_error, "no \"timestamp\" in it");
        return false;
    }
    flight_format_hex(t.icao, t.hex);
    if (json_slice_find(top, "r", &value))
        json_slice_string(value, &t.registration);
    if (json_slice_find(top, "t", &value))
        json_slice_string(value, &t.type_code);
    if (json_slice_find(top, "dbFlags", &value) && json_slice_number(value, &flags) &&
        flags >= 0 && flags <= 65535)
        t.db_flags = (int32_t)flags;
    t.points = document.rows;
    *ret_trace = t;
    return true;
}

/* The details are an aircraft object but for its address: give it one. */
static enum observation_reason decode_details(const struct trace *trace,
                                              struct json_slice details, int64_t now_ms,
                                              struct observation *ret_obs,
                                              struct flight_refusals *ret_refusals)
{
    const struct flight_decode_options options = {.clock_ms = now_ms,
                                                  .base_now_ms = now_ms};
    struct strbuf text;
    bool empty = json_slice_trim(details.at + 1, details.len - 2).len == 0;
    strbuf_init(&text, DETAILS_MAX);
    strbuf_addf(&text, "{\"hex\":\"%s\"%s", trace->hex, empty ? "" : ",");
    strbuf_add(&text, details.at + 1, details.len - 1);
    enum observation_reason reason =
        text.overflowed
            ? OBSERVATION_TOO_LARGE
            : flight_decode_with(text.data, text.len, &options, ret_obs, ret_refusals);
    strbuf_release(&text);
    return reason;
}

static void refuse(struct flight_refusals *refusals, enum flight_field field)
{
    refusals->fields |= FLIGHT_BIT(field);
    refusals->count++;
}

static void set_numbers(const struct point *point, unsigned flags, bool ground,
                        struct observation *obs, struct flight_refusals *refusals)
{
    bool geometric = (flags & FLAG_ALTITUDE_IS_GEOMETRIC) != 0;
    const struct {
        enum column column;
        enum flight_field field;
    } rows[] = {
        {COLUMN_ALTITUDE, geometric ? FLIGHT_ALT_GEOM : FLIGHT_ALT_BARO},
        {COLUMN_SPEED, FLIGHT_GS},
        {COLUMN_TRACK, ground ? FLIGHT_TRUE_HEADING : FLIGHT_TRACK},
        {COLUMN_RATE,
         (flags & FLAG_RATE_IS_GEOMETRIC) ? FLIGHT_GEOM_RATE : FLIGHT_BARO_RATE},
        {COLUMN_ALT_GEOM, FLIGHT_ALT_GEOM},
        {COLUMN_GEOM_RATE, FLIGHT_GEOM_RATE},
        {COLUMN_IAS, FLIGHT_IAS},
        {COLUMN_ROLL, FLIGHT_ROLL},
    };
    double value;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct json_slice column = point->columns[rows[i].column];
        if (column.len == 0 || (rows[i].column == COLUMN_ALTITUDE && ground))
            continue;
        if (json_slice_number(column, &value))
            observation_set(obs, rows[i].field, value, refusals);
        else
            refuse(refusals, rows[i].field);
    }
}

static void set_position(const struct point *point, struct observation *obs,
                         struct flight_refusals *refusals)
{
    double lat_deg;
    double lon_deg;
    if (json_slice_number(point->columns[COLUMN_LAT], &lat_deg) &&
        json_slice_number(point->columns[COLUMN_LON], &lon_deg))
        observation_set_position(obs, lat_deg, lon_deg, obs->now_ms, refusals);
    else
        refuse(refusals, FLIGHT_LAT);
}

static void set_texts(const struct trace *trace, const struct point *point,
                      struct observation *obs, struct flight_refusals *refusals)
{
    struct json_slice type;
    int32_t value;
    observation_set_text(obs, FLIGHT_REGISTRATION, trace->registration.at,
                         trace->registration.len, refusals);
    observation_set_text(obs, FLIGHT_TYPE_CODE, trace->type_code.at,
                         trace->type_code.len, refusals);
    if (trace->db_flags >= 0)
        observation_set_number(obs, FLIGHT_DB_FLAGS, trace->db_flags);
    if (!json_slice_string(point->columns[COLUMN_TYPE], &type))
        return;
    if (flight_enum_value(FLIGHT_ADDR_TYPE, type.at, type.len, &value))
        observation_set_number(obs, FLIGHT_ADDR_TYPE, value);
    else
        refuse(refusals, FLIGHT_ADDR_TYPE);
}

static enum observation_reason decode_point(const struct trace *trace,
                                            struct json_slice text,
                                            struct observation *ret_obs,
                                            struct flight_refusals *ret_refusals)
{
    struct point point;
    double seconds;
    double flags = 0;
    if (!split(text, &point))
        return OBSERVATION_BAD_LINE;
    if (!json_slice_number(point.columns[COLUMN_SECONDS], &seconds) ||
        !(seconds > -1e6 && seconds < 1e6))
        return OBSERVATION_BAD_TIME;
    int64_t now_ms = trace->start_ms + llround(seconds * 1000);
    if (now_ms <= 0)
        return OBSERVATION_BAD_TIME;
    struct json_slice details = point.columns[COLUMN_DETAILS];
    enum observation_reason reason = OBSERVATION_NONE;
    *ret_refusals = (struct flight_refusals){0};
    if (json_slice_kind(details) == '{')
        reason = decode_details(trace, details, now_ms, ret_obs, ret_refusals);
    else
        observation_begin(ret_obs, trace->icao, now_ms);
    if (reason != OBSERVATION_NONE)
        return reason;
    struct json_slice altitude = point.columns[COLUMN_ALTITUDE];
    bool ground = json_slice_is(altitude, "\"ground\"");
    if (json_slice_number(point.columns[COLUMN_FLAGS], &flags))
        flags = flags >= 0 && flags < 256 ? flags : 0;
    set_numbers(&point, (unsigned)flags, ground, ret_obs, ret_refusals);
    if (ground)
        observation_set_ground(ret_obs);
    set_position(&point, ret_obs, ret_refusals);
    set_texts(trace, &point, ret_obs, ret_refusals);
    ret_obs->heard_at_ms = MAX_OF(ret_obs->heard_at_ms, ret_obs->pos_at_ms);
    return OBSERVATION_NONE;
}

bool decode_trace_next(struct trace *trace, enum observation_reason *ret_reason,
                       struct observation *ret_obs,
                       struct flight_refusals *ret_refusals)
{
    struct json_slice text;
    if (!json_cursor_element(&trace->points, &text))
        return false;
    *ret_reason = decode_point(trace, text, ret_obs, ret_refusals);
    return true;
}
