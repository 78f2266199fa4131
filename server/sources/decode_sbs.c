/*
 * What a flag of 0 means depends on who wrote it: dump1090 writes 0,0,0,0 on
 * lines of types that carry no flags. A -1 is therefore believed on every line,
 * a 0 only on those whose message has the flag (types 5 and 6).
 */
#include "sources/decode_sbs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/macros.h"
#include "flight/flight_names.h"

enum column {
    COLUMN_KIND,
    COLUMN_TYPE,
    COLUMN_HEX = 4,
    COLUMN_DATE = 6, /* 2019/12/01 */
    COLUMN_TIME,     /* 13:44:56.086 */
    COLUMN_CALLSIGN = 10,
    COLUMN_ALTITUDE,
    COLUMN_SPEED,
    COLUMN_TRACK,
    COLUMN_LAT,
    COLUMN_LON,
    COLUMN_RATE,
    COLUMN_SQUAWK,
    COLUMN_ALERT,
    COLUMN_EMERGENCY,
    COLUMN_SPI,
    COLUMN_GROUND,
    COLUMN_COUNT
};

struct column_text {
    const char *at;
    size_t len;
};

struct sbs_line {
    struct column_text columns[COLUMN_COUNT];
    size_t count;
    int type; /* 1..8, 0 for lines other than MSG */
};

static struct column_text trimmed(const char *at, const char *end)
{
    while (at < end && *at == ' ')
        at++;
    while (end > at && (end[-1] == ' ' || end[-1] == '\r'))
        end--;
    return (struct column_text){at, (size_t)(end - at)};
}

static void split(const char *line, size_t len, struct sbs_line *ret_line)
{
    const char *end = line + len;
    *ret_line = (struct sbs_line){0};
    const char *at = line;
    while (ret_line->count < COLUMN_COUNT) {
        const char *comma = memchr(at, ',', (size_t)(end - at));
        ret_line->columns[ret_line->count++] = trimmed(at, comma != NULL ? comma : end);
        if (comma == NULL)
            return;
        at = comma + 1;
    }
}

static bool is(struct column_text column, const char *text)
{
    return column.len == strlen(text) && memcmp(column.at, text, column.len) == 0;
}

/* A plain decimal number; strtod alone would take hex, inf and nan as well. */
static bool number(struct column_text column, double *ret_value)
{
    char text[24];
    char *end;
    if (column.len == 0 || column.len >= sizeof text)
        return false;
    memcpy(text, column.at, column.len);
    text[column.len] = '\0';
    if (strspn(text, "0123456789+-.") != column.len)
        return false;
    double value = strtod(text, &end);
    if (*end != '\0')
        return false;
    *ret_value = value;
    return true;
}

static void refuse(struct flight_refusals *refusals, enum flight_field field)
{
    refusals->fields |= FLIGHT_BIT(field);
    refusals->count++;
}

static void set_numbers(const struct sbs_line *line, struct observation *obs,
                        struct flight_refusals *refusals)
{
    static const struct {
        enum column column;
        enum flight_field field;
    } rows[] = {
        {COLUMN_ALTITUDE, FLIGHT_ALT_BARO},
        {COLUMN_SPEED, FLIGHT_GS},
        {COLUMN_TRACK, FLIGHT_TRACK},
        {COLUMN_RATE, FLIGHT_BARO_RATE},
    };
    double value;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct column_text column = line->columns[rows[i].column];
        if (column.len == 0)
            continue;
        if (number(column, &value))
            observation_set(obs, rows[i].field, value, refusals);
        else
            refuse(refusals, rows[i].field);
    }
}

static void set_position(const struct sbs_line *line, struct observation *obs,
                         struct flight_refusals *refusals)
{
    struct column_text lat = line->columns[COLUMN_LAT];
    struct column_text lon = line->columns[COLUMN_LON];
    double lat_deg;
    double lon_deg;
    if (lat.len == 0 && lon.len == 0)
        return;
    if (number(lat, &lat_deg) && number(lon, &lon_deg))
        observation_set_position(obs, lat_deg, lon_deg, obs->now_ms, refusals);
    else
        refuse(refusals, FLIGHT_LAT);
}

static bool is_true(struct column_text flag)
{
    return is(flag, "-1") || is(flag, "1");
}

static void set_flags(const struct sbs_line *line, struct observation *obs)
{
    static const struct {
        enum column column;
        enum flight_field field;
        int32_t value_true;
        bool in_type_5;
    } rows[] = {
        {COLUMN_ALERT, FLIGHT_ALERT, 1, true},
        {COLUMN_EMERGENCY, FLIGHT_EMERGENCY, FLIGHT_EMERGENCY_GENERAL, false},
        {COLUMN_SPI, FLIGHT_SPI, 1, true},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct column_text flag = line->columns[rows[i].column];
        bool carried = line->type == 6 || (line->type == 5 && rows[i].in_type_5);
        if (is_true(flag))
            observation_set_number(obs, rows[i].field, rows[i].value_true);
        else if (carried && is(flag, "0"))
            observation_set_number(obs, rows[i].field, 0);
    }
    struct column_text ground = line->columns[COLUMN_GROUND];
    /* Type 2 is the surface position: it is only sent on the ground. */
    if (is_true(ground) || (line->type == 2 && ground.len == 0))
        observation_set_ground(obs);
}

/* The line's type as far as we read it; the reason when it has nothing for us. */
static enum observation_reason classify(struct sbs_line *line)
{
    struct column_text kind = line->columns[COLUMN_KIND];
    struct column_text type = line->columns[COLUMN_TYPE];
    if (line->count == 1 && kind.len == 0)
        return OBSERVATION_EMPTY;
    if (is(kind, "AIR") || is(kind, "STA") || is(kind, "CLK"))
        return OBSERVATION_EMPTY;
    if (is(kind, "ID") || is(kind, "SEL"))
        return line->count > COLUMN_CALLSIGN ? OBSERVATION_NONE : OBSERVATION_BAD_LINE;
    if (!is(kind, "MSG") || line->count != COLUMN_COUNT)
        return OBSERVATION_BAD_LINE;
    if (type.len != 1 || type.at[0] < '1' || type.at[0] > '8')
        return OBSERVATION_BAD_LINE;
    line->type = type.at[0] - '0';
    return OBSERVATION_NONE;
}

enum observation_reason decode_sbs(const char *line, size_t len, int64_t heard_ms,
                                   struct observation *ret_obs,
                                   struct flight_refusals *ret_refusals)
{
    struct sbs_line parts;
    uint32_t icao;
    split(line, len, &parts);
    enum observation_reason reason = classify(&parts);
    if (reason != OBSERVATION_NONE)
        return reason;
    struct column_text hex = parts.columns[COLUMN_HEX];
    struct column_text callsign = parts.columns[COLUMN_CALLSIGN];
    struct column_text squawk = parts.columns[COLUMN_SQUAWK];
    if (hex.len == 0)
        return OBSERVATION_NO_HEX;
    if (!flight_parse_hex(hex.at, hex.len, &icao) || icao == 0)
        return OBSERVATION_BAD_HEX;
    *ret_refusals = (struct flight_refusals){0};
    observation_begin(ret_obs, icao, heard_ms);
    observation_set_text(ret_obs, FLIGHT_CALLSIGN, callsign.at, callsign.len,
                         ret_refusals);
    if (parts.type == 0)
        return OBSERVATION_NONE;
    set_numbers(&parts, ret_obs, ret_refusals);
    set_position(&parts, ret_obs, ret_refusals);
    if (squawk.len > 0)
        observation_set_squawk(ret_obs, squawk.at, squawk.len, ret_refusals);
    set_flags(&parts, ret_obs);
    return OBSERVATION_NONE;
}

bool decode_sbs_time(const char *line, size_t len, int64_t *ret_ms)
{
    struct sbs_line parts;
    char text[CLOCK_ISO8601_SIZE];
    split(line, len, &parts);
    struct column_text date = parts.columns[COLUMN_DATE];
    struct column_text time = parts.columns[COLUMN_TIME];
    if (date.len != strlen("2019/12/01") || time.len < strlen("13:44:56") ||
        time.len > strlen("13:44:56.086000"))
        return false;
    snprintf(text, sizeof text, "%.4s-%.2s-%.2sT%.*sZ", date.at, date.at + 5,
             date.at + 8, (int)time.len, time.at);
    return clock_parse_iso8601(text, ret_ms);
}
