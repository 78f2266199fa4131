#include "sources/decode_opensky.h"

#include <math.h>
#include <stdbool.h>

#include "base/macros.h"
#include "flight/flight_names.h"

enum column {
    COLUMN_HEX,
    COLUMN_CALLSIGN,
    COLUMN_COUNTRY,
    COLUMN_TIME_POSITION,
    COLUMN_LAST_CONTACT,
    COLUMN_LON,
    COLUMN_LAT,
    COLUMN_BARO_ALTITUDE_M,
    COLUMN_ON_GROUND,
    COLUMN_VELOCITY_M_S,
    COLUMN_TRACK,
    COLUMN_RATE_M_S,
    COLUMN_SENSORS,
    COLUMN_GEO_ALTITUDE_M,
    COLUMN_SQUAWK,
    COLUMN_SPI,
    COLUMN_POSITION_SOURCE,
    COLUMN_COUNT_17,
    COLUMN_CATEGORY = COLUMN_COUNT_17,
    COLUMN_COUNT_18
};

/* Columns that are null (or not there, in a row of 17) have len 0. */
struct row {
    struct json_slice columns[COLUMN_COUNT_18];
    size_t count;
};

static bool split(struct json_slice text, struct row *ret_row)
{
    struct json_slice value;
    *ret_row = (struct row){0};
    if (json_slice_kind(text) != '[')
        return false;
    struct json_cursor c = json_cursor_open(text);
    while (json_cursor_element(&c, &value)) {
        if (ret_row->count < COLUMN_COUNT_18 && !json_slice_is(value, "null"))
            ret_row->columns[ret_row->count] = value;
        ret_row->count++;
    }
    return !c.failed && ret_row->count >= COLUMN_COUNT_17;
}

static void refuse(struct flight_refusals *refusals, enum flight_field field)
{
    refusals->fields |= FLIGHT_BIT(field);
    refusals->count++;
}

static void set_numbers(const struct row *row, struct observation *obs,
                        struct flight_refusals *refusals)
{
    static const struct {
        enum column column;
        enum flight_field field;
        double factor;
    } rows[] = {
        {COLUMN_BARO_ALTITUDE_M, FLIGHT_ALT_BARO, FT_PER_METRE},
        {COLUMN_GEO_ALTITUDE_M, FLIGHT_ALT_GEOM, FT_PER_METRE},
        {COLUMN_VELOCITY_M_S, FLIGHT_GS, KT_PER_M_S},
        {COLUMN_TRACK, FLIGHT_TRACK, 1},
        {COLUMN_RATE_M_S, FLIGHT_BARO_RATE, FPM_PER_M_S},
    };
    double value;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct json_slice column = row->columns[rows[i].column];
        if (column.len == 0)
            continue;
        if (json_slice_number(column, &value))
            observation_set(obs, rows[i].field, value * rows[i].factor, refusals);
        else
            refuse(refusals, rows[i].field);
    }
}

/*
 * A time of the row in epoch ms: not after now (a second's rounding apart, the
 * row cannot know the future), not before 1970. False when it is none.
 */
static bool time_of(struct json_slice column, int64_t now_ms, int64_t *ret_ms)
{
    double seconds;
    if (!json_slice_number(column, &seconds) || seconds < 1 || seconds > 1e11)
        return false;
    int64_t ms = llround(seconds * 1000);
    *ret_ms = MIN_OF(ms, now_ms);
    return true;
}

/* A position of unknown age is of no use on a map: it is refused. */
static void set_position(const struct row *row, struct observation *obs,
                         struct flight_refusals *refusals)
{
    struct json_slice lon = row->columns[COLUMN_LON];
    struct json_slice lat = row->columns[COLUMN_LAT];
    double lon_deg;
    double lat_deg;
    int64_t at_ms;
    if (lon.len == 0 && lat.len == 0)
        return;
    if (json_slice_number(lon, &lon_deg) && json_slice_number(lat, &lat_deg) &&
        time_of(row->columns[COLUMN_TIME_POSITION], obs->now_ms, &at_ms))
        observation_set_position(obs, lat_deg, lon_deg, at_ms, refusals);
    else
        refuse(refusals, FLIGHT_LAT);
}

/* A whole number below count. */
static bool index_of(struct json_slice column, size_t count, size_t *ret_index)
{
    double value;
    if (!json_slice_number(column, &value) || value < 0 || value >= (double)count)
        return false;
    *ret_index = (size_t)value;
    return true;
}

/* 0 ADS-B, 1 ASTERIX, 2 MLAT, 3 FLARM: the nearest of readsb's words. */
static void set_position_source(struct json_slice column, struct observation *obs)
{
    static const int32_t types[] = {FLIGHT_ADDR_ADSB_ICAO, FLIGHT_ADDR_OTHER,
                                    FLIGHT_ADDR_MLAT, FLIGHT_ADDR_OTHER};
    size_t index;
    if (index_of(column, ARRAY_LEN(types), &index))
        observation_set_number(obs, FLIGHT_ADDR_TYPE, types[index]);
}

/* OpenSky's 0..20 as emitter category; 0 and 1 are "no information". */
static void set_category(struct json_slice column, struct observation *obs,
                         struct flight_refusals *refusals)
{
    static const int32_t categories[] = {0,    0,    0xA1, 0xA2, 0xA3, 0xA4, 0xA5,
                                         0xA6, 0xA7, 0xB1, 0xB2, 0xB3, 0xB4, 0xB5,
                                         0xB6, 0xB7, 0xC1, 0xC2, 0xC3, 0xC4, 0xC5};
    size_t index;
    if (column.len == 0)
        return;
    if (!index_of(column, ARRAY_LEN(categories), &index))
        refuse(refusals, FLIGHT_CATEGORY);
    else if (categories[index] != 0)
        observation_set_number(obs, FLIGHT_CATEGORY, categories[index]);
}

static void set_rest(const struct row *row, struct observation *obs,
                     struct flight_refusals *refusals)
{
    struct json_slice text;
    if (json_slice_string(row->columns[COLUMN_CALLSIGN], &text))
        observation_set_text(obs, FLIGHT_CALLSIGN, text.at, text.len, refusals);
    if (json_slice_string(row->columns[COLUMN_SQUAWK], &text) && text.len > 0)
        observation_set_squawk(obs, text.at, text.len, refusals);
    if (json_slice_is(row->columns[COLUMN_ON_GROUND], "true"))
        observation_set_ground(obs);
    if (row->columns[COLUMN_SPI].len > 0)
        observation_set_number(obs, FLIGHT_SPI,
                               json_slice_is(row->columns[COLUMN_SPI], "true"));
    set_position_source(row->columns[COLUMN_POSITION_SOURCE], obs);
    set_category(row->columns[COLUMN_CATEGORY], obs, refusals);
}

enum observation_reason decode_opensky(struct json_slice row, int64_t now_ms,
                                       struct observation *ret_obs,
                                       struct flight_refusals *ret_refusals)
{
    struct row parts;
    struct json_slice hex;
    uint32_t icao;
    int64_t heard_ms;
    if (!split(row, &parts))
        return OBSERVATION_BAD_LINE;
    if (!json_slice_string(parts.columns[COLUMN_HEX], &hex))
        return OBSERVATION_NO_HEX;
    if (!flight_parse_hex(hex.at, hex.len, &icao) || icao == 0)
        return OBSERVATION_BAD_HEX;
    if (!time_of(parts.columns[COLUMN_LAST_CONTACT], now_ms, &heard_ms))
        return OBSERVATION_BAD_TIME;
    *ret_refusals = (struct flight_refusals){0};
    observation_begin(ret_obs, icao, now_ms);
    ret_obs->heard_at_ms = heard_ms;
    set_numbers(&parts, ret_obs, ret_refusals);
    set_position(&parts, ret_obs, ret_refusals);
    set_rest(&parts, ret_obs, ret_refusals);
    if (ret_obs->pos_at_ms > ret_obs->heard_at_ms)
        ret_obs->heard_at_ms = ret_obs->pos_at_ms;
    return OBSERVATION_NONE;
}

const struct document_format decode_opensky_format = {
    .rows_keys = {"states"},
    .now_key = "time",
    .decode = decode_opensky,
};
