/*
 * What may change from second to second is kept coarse on purpose: a digit that
 * does not change costs no bytes on the line and no attention.
 */
#include "app/flight_column.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "flight/country.h"
#include "flight/flight_fields.h"
#include "flight/flight_names.h"
#include "flight/operator.h"

enum { LEFT = 0, RIGHT = 1, AGE_SHOWN_S = 10, LEVEL_FPM = 250 };

static const struct flight_column_info rows[COLUMN_COUNT] = {
#define COLUMN(id, name, title, aviation, metric, imperial, width, priority, align,    \
               help)                                                                   \
    [COLUMN_##id] = {name,  title,    {aviation, metric, imperial},                    \
                     width, priority, (align) == RIGHT,                                \
                     help},
#include "app/flight_columns.def"
#undef COLUMN
};

const struct flight_column_info *flight_column_info(enum flight_column column)
{
    return &rows[column];
}

enum flight_column flight_column_by_name(const char *name, size_t n)
{
    for (int i = 0; i < COLUMN_COUNT; i++) {
        if (strlen(rows[i].name) == n && memcmp(rows[i].name, name, n) == 0)
            return (enum flight_column)i;
    }
    return COLUMN_COUNT;
}

/* ---- facts about a flight --------------------------------------------------- */

int64_t flight_age_s(const struct flight *f, int64_t now_ms)
{
    int64_t age = (now_ms - f->heard_at_ms) / 1000;
    return age > 0 ? age : 0;
}

const char *flight_emergency_text(const struct flight *f)
{
    if (flight_has(f, FLIGHT_SQUAWK)) {
        switch (f->v.num[FLIGHT_SQUAWK]) {
        case 7500: return "hijack";
        case 7600: return "radio failure";
        case 7700: return "emergency";
        default: break;
        }
    }
    if (flight_has(f, FLIGHT_EMERGENCY) &&
        f->v.num[FLIGHT_EMERGENCY] != FLIGHT_EMERGENCY_NONE)
        return flight_enum_text(FLIGHT_EMERGENCY, f->v.num[FLIGHT_EMERGENCY]);
    return NULL;
}

static bool number_of(const struct flight *f, enum flight_field field, double *ret)
{
    static const double scale[] = {1, 10, 100, 1e3, 1e4, 1e5};
    if (!flight_has(f, field))
        return false;
    *ret = f->v.num[field] / scale[flight_field_info[field].decimals];
    return true;
}

static bool vertical_rate(const struct flight *f, double *ret)
{
    return number_of(f, FLIGHT_BARO_RATE, ret) || number_of(f, FLIGHT_GEOM_RATE, ret);
}

int flight_vertical(const struct flight *f)
{
    double fpm;
    if (flight_on_ground(f) || !vertical_rate(f, &fpm))
        return 0;
    return fpm > LEVEL_FPM ? 1 : fpm < -LEVEL_FPM ? -1 : 0;
}

static bool place_of(const struct flight *f, struct geo_point *ret)
{
    if (!flight_has_position(f))
        return false;
    ret->lat_deg = f->v.num[FLIGHT_LAT] / (double)GEO_E5;
    ret->lon_deg = f->v.num[FLIGHT_LON] / (double)GEO_E5;
    return true;
}

static bool altitude(const struct flight *f, double *ret)
{
    if (flight_on_ground(f)) {
        *ret = -10000; /* below every altitude in the air */
        return true;
    }
    return number_of(f, FLIGHT_ALT_BARO, ret) || number_of(f, FLIGHT_ALT_GEOM, ret);
}

static bool home_value(enum flight_column column, const struct flight *f,
                       const struct flight_view_context *context, double *ret)
{
    struct geo_point place;
    if (!context->has_home || !place_of(f, &place))
        return false;
    *ret = column == COLUMN_DIST ? geo_distance_nm(context->home, place)
                                 : geo_bearing_deg(context->home, place);
    return true;
}

bool flight_column_number(enum flight_column column, const struct flight *f,
                          const struct flight_view_context *context, double *ret)
{
    switch (column) {
    case COLUMN_ALT: return altitude(f, ret);
    case COLUMN_GS: return number_of(f, FLIGHT_GS, ret);
    case COLUMN_TRACK: return number_of(f, FLIGHT_TRACK, ret);
    case COLUMN_VRATE: return vertical_rate(f, ret);
    case COLUMN_SQUAWK: return number_of(f, FLIGHT_SQUAWK, ret);
    case COLUMN_DIST:
    case COLUMN_BEARING: return home_value(column, f, context, ret);
    case COLUMN_AGE: *ret = (double)flight_age_s(f, context->now_ms); return true;
    case COLUMN_POSAGE:
        *ret = (double)(context->now_ms - f->pos_at_ms) / 1000;
        return f->pos_at_ms > 0;
    case COLUMN_LAT: return number_of(f, FLIGHT_LAT, ret);
    case COLUMN_LON: return number_of(f, FLIGHT_LON, ret);
    case COLUMN_SELALT:
        return number_of(f, FLIGHT_NAV_ALTITUDE_MCP, ret) ||
               number_of(f, FLIGHT_NAV_ALTITUDE_FMS, ret);
    case COLUMN_IAS: return number_of(f, FLIGHT_IAS, ret);
    case COLUMN_MACH: return number_of(f, FLIGHT_MACH, ret);
    case COLUMN_RSSI: return number_of(f, FLIGHT_RSSI, ret);
    default: return false;
    }
}

bool flight_column_is_text(enum flight_column column)
{
    return !rows[column].right;
}

/* ---- texts ------------------------------------------------------------------ */

/* 36000 -> "36 000": a thin gap would not be one column everywhere. */
static void write_thousands(char *ret, double v)
{
    long n = lround(v);
    long whole = labs(n) / 1000;
    if (whole > 0)
        snprintf(ret, COLUMN_TEXT_SIZE, "%s%ld %03ld", n < 0 ? "-" : "", whole,
                 labs(n) % 1000);
    else
        snprintf(ret, COLUMN_TEXT_SIZE, "%ld", n);
}

static void write_altitude(char *ret, const struct flight *f, enum unit_system units,
                           double feet)
{
    if (flight_on_ground(f))
        snprintf(ret, COLUMN_TEXT_SIZE, "GND");
    else
        write_thousands(ret, units_shown(units, QUANTITY_ALTITUDE, feet));
}

static void write_rate(char *ret, enum unit_system units, double fpm)
{
    if (fabs(fpm) < 100) /* the noise of level flight: 64 ft/min is one step */
        snprintf(ret, COLUMN_TEXT_SIZE, "0");
    else if (units == UNITS_METRIC)
        snprintf(ret, COLUMN_TEXT_SIZE, "%+.1f",
                 units_shown(units, QUANTITY_VERTICAL_RATE, fpm));
    else
        snprintf(ret, COLUMN_TEXT_SIZE, "%+.0f", round(fpm / 100) * 100);
}

/* Nothing while fresh; then seconds, from a minute on minutes, then hours. */
static void write_age(char *ret, double s)
{
    if (s < AGE_SHOWN_S)
        ret[0] = '\0';
    else if (s < 60)
        snprintf(ret, COLUMN_TEXT_SIZE, "%ds", (int)s / 5 * 5);
    else if (s < 3600)
        snprintf(ret, COLUMN_TEXT_SIZE, "%dm", (int)s / 60);
    else
        snprintf(ret, COLUMN_TEXT_SIZE, "%dh", (int)(s / 3600) % 1000);
}

static void write_number(enum flight_column column, const struct flight *f,
                         const struct flight_view_context *context, double v, char *ret)
{
    switch (column) {
    case COLUMN_ALT: write_altitude(ret, f, context->units, v); break;
    case COLUMN_GS:
        snprintf(ret, COLUMN_TEXT_SIZE, "%.0f",
                 units_shown(context->units, QUANTITY_SPEED, v));
        break;
    case COLUMN_VRATE: write_rate(ret, context->units, v); break;
    case COLUMN_SQUAWK: snprintf(ret, COLUMN_TEXT_SIZE, "%04.0f", v); break;
    case COLUMN_DIST:
        write_thousands(ret, units_shown(context->units, QUANTITY_DISTANCE, v));
        break;
    case COLUMN_BEARING:
    case COLUMN_TRACK:
        snprintf(ret, COLUMN_TEXT_SIZE, "%03d", (int)lround(v) % 360);
        break;
    case COLUMN_AGE:
    case COLUMN_POSAGE: write_age(ret, v); break;
    case COLUMN_LAT:
    case COLUMN_LON: snprintf(ret, COLUMN_TEXT_SIZE, "%.2f", v); break;
    case COLUMN_SELALT: write_thousands(ret, v); break;
    case COLUMN_MACH: snprintf(ret, COLUMN_TEXT_SIZE, "%.2f", v); break;
    default: snprintf(ret, COLUMN_TEXT_SIZE, "%.0f", v); break;
    }
}

static void write_name(const struct flight *f, char *ret)
{
    char hex[FLIGHT_HEX_SIZE];
    flight_format_hex(f->icao, hex);
    const char *name = flight_has(f, FLIGHT_CALLSIGN)       ? f->v.callsign
                       : flight_has(f, FLIGHT_REGISTRATION) ? f->v.registration
                                                            : hex;
    snprintf(ret, COLUMN_TEXT_SIZE, "%s", name);
    size_t n = strlen(ret);
    while (n > 0 && ret[n - 1] == ' ')
        ret[--n] = '\0';
}

static const char *country_of(const struct flight *f)
{
    const char *iso2 =
        (f->icao & FLIGHT_NON_ICAO) != 0 ? NULL : country_of_icao24(f->icao);
    return iso2 != NULL ? iso2 : "";
}

static const char *operator_name(const struct flight *f)
{
    if (!flight_has(f, FLIGHT_CALLSIGN))
        return "";
    const struct flight_operator *o = operator_of_callsign(f->v.callsign);
    return o != NULL ? o->name : "";
}

static void write_flags(const struct flight *f, char *ret)
{
    unsigned flags =
        flight_has(f, FLIGHT_DB_FLAGS) ? (unsigned)f->v.num[FLIGHT_DB_FLAGS] : 0;
    bool military = (flags & FLIGHT_DB_MILITARY) != 0 ||
                    ((f->icao & FLIGHT_NON_ICAO) == 0 && icao24_is_military(f->icao));
    snprintf(ret, COLUMN_TEXT_SIZE, "%s%s%s", military ? "MIL " : "",
             flags & FLIGHT_DB_INTERESTING ? "*" : "",
             flags & FLIGHT_DB_PIA    ? "P"
             : flags & FLIGHT_DB_LADD ? "L"
                                      : "");
}

static const char *field_text(const struct flight *f, enum flight_field field)
{
    return flight_has(f, field) ? flight_values_text(&f->v, field) : "";
}

void flight_column_text(enum flight_column column, const struct flight *f,
                        const struct flight_view_context *context,
                        char ret_text[COLUMN_TEXT_SIZE])
{
    double v;
    const char *text = "";
    ret_text[0] = '\0';
    if (rows[column].right) {
        if (flight_column_number(column, f, context, &v))
            write_number(column, f, context, v, ret_text);
        return;
    }
    switch (column) {
    case COLUMN_CALLSIGN: write_name(f, ret_text); return;
    case COLUMN_HEX: flight_format_hex(f->icao, ret_text); return;
    case COLUMN_FLAGS: write_flags(f, ret_text); return;
    case COLUMN_CATEGORY:
        if (flight_has(f, FLIGHT_CATEGORY))
            flight_category_text(f->v.num[FLIGHT_CATEGORY], ret_text);
        return;
    case COLUMN_REG: text = field_text(f, FLIGHT_REGISTRATION); break;
    case COLUMN_TYPE: text = field_text(f, FLIGHT_TYPE_CODE); break;
    case COLUMN_SRC: text = field_text(f, FLIGHT_SRC); break;
    case COLUMN_COUNTRY: text = country_of(f); break;
    case COLUMN_COUNTRY_NAME: text = country_name(country_of(f)); break;
    case COLUMN_OPERATOR: text = operator_name(f); break;
    case COLUMN_VIA:
        text = flight_has(f, FLIGHT_ADDR_TYPE)
                   ? flight_enum_text(FLIGHT_ADDR_TYPE, f->v.num[FLIGHT_ADDR_TYPE])
                   : "";
        break;
    default: break;
    }
    snprintf(ret_text, COLUMN_TEXT_SIZE, "%s", text != NULL ? text : "");
}
