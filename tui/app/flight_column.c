/*
 * What may change from second to second is kept coarse on purpose: a digit that
 * does not change costs no bytes on the line and no attention.
 */
#include "app/flight_column.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "app/flight_value.h"
#include "base/strbuf.h"
#include "flight/aircraft_type.h"
#include "flight/country.h"
#include "flight/flight_fields.h"
#include "flight/flight_names.h"
#include "flight/flight_phase.h"
#include "flight/operator.h"

enum { LEFT = 0, RIGHT = 1, AGE_SHOWN_S = 10 };
enum { FLIGHT_NONE = FLIGHT_FIELD_COUNT };

static const struct flight_column_info rows[COLUMN_COUNT] = {
#define COLUMN(id, name, title, aviation, metric, imperial, width, priority, align,    \
               field, margin, help)                                                    \
    [COLUMN_##id] = {name,                                                             \
                     title,                                                            \
                     {aviation, metric, imperial},                                     \
                     width,                                                            \
                     priority,                                                         \
                     (align) == RIGHT,                                                 \
                     (enum flight_field)FLIGHT_##field,                                \
                     margin,                                                           \
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

static bool vertical_rate(const struct flight *f, double *ret)
{
    return flight_value_number(f, FLIGHT_BARO_RATE, ret) ||
           flight_value_number(f, FLIGHT_GEOM_RATE, ret);
}

int flight_vertical(const struct flight *f)
{
    double fpm;
    if (flight_on_ground(f) || !vertical_rate(f, &fpm))
        return 0;
    return fpm > COLUMN_LEVEL_FPM ? 1 : fpm < -COLUMN_LEVEL_FPM ? -1 : 0;
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
    return flight_value_number(f, FLIGHT_ALT_BARO, ret) ||
           flight_value_number(f, FLIGHT_ALT_GEOM, ret);
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
    case COLUMN_VRATE: return vertical_rate(f, ret);
    case COLUMN_DIST:
    case COLUMN_BEARING: return home_value(column, f, context, ret);
    case COLUMN_AGE: *ret = (double)flight_age_s(f, context->now_ms); return true;
    case COLUMN_POSAGE:
        *ret = (double)(context->now_ms - f->pos_at_ms) / 1000;
        return f->pos_at_ms > 0;
    case COLUMN_SELALT:
        return flight_value_number(f, FLIGHT_NAV_ALTITUDE_MCP, ret) ||
               flight_value_number(f, FLIGHT_NAV_ALTITUDE_FMS, ret);
    default:
        return rows[column].field < FLIGHT_FIELD_COUNT &&
               flight_value_number(f, rows[column].field, ret);
    }
}

bool flight_column_is_text(enum flight_column column)
{
    return !rows[column].right;
}

int64_t flight_column_heard_ms(enum flight_column column, const struct flight *f)
{
    switch (column) {
    case COLUMN_DIST:
    case COLUMN_BEARING:
    case COLUMN_POSAGE:
    case COLUMN_LAT:
    case COLUMN_LON: return f->pos_at_ms;
    default: return f->heard_at_ms;
    }
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

/* Fewer than are known, where the rest would only flicker. */
static int decimals_of(enum flight_column column)
{
    switch (column) {
    case COLUMN_LAT:
    case COLUMN_LON:
    case COLUMN_MACH: return 2;
    case COLUMN_QNH:
    case COLUMN_TURN: return 1;
    default: return 0;
    }
}

/* A value of the column's field in the units that are shown. */
static double shown(enum flight_column column, enum unit_system units, double v)
{
    enum flight_field field = rows[column].field;
    enum quantity quantity =
        field < FLIGHT_FIELD_COUNT ? flight_value_quantity(field) : QUANTITY_COUNT;
    return quantity < QUANTITY_COUNT ? units_shown(units, quantity, v) : v;
}

static void write_number(enum flight_column column, const struct flight *f,
                         const struct flight_view_context *context, double v, char *ret)
{
    switch (column) {
    case COLUMN_ALT: write_altitude(ret, f, context->units, v); break;
    case COLUMN_VRATE:
    case COLUMN_GEOM_RATE: write_rate(ret, context->units, v); break;
    case COLUMN_SQUAWK: snprintf(ret, COLUMN_TEXT_SIZE, "%04.0f", v); break;
    case COLUMN_DIST:
        write_thousands(ret, units_shown(context->units, QUANTITY_DISTANCE, v));
        break;
    case COLUMN_BEARING:
    case COLUMN_TRACK:
    case COLUMN_MAG:
    case COLUMN_HEADING:
    case COLUMN_SELHDG:
    case COLUMN_WINDDIR:
        snprintf(ret, COLUMN_TEXT_SIZE, "%03d", (int)lround(v) % 360);
        break;
    case COLUMN_AGE:
    case COLUMN_POSAGE: write_age(ret, v); break;
    case COLUMN_SELALT:
        write_thousands(ret, units_shown(context->units, QUANTITY_ALTITUDE, v));
        break;
    case COLUMN_ALT_GEOM:
    case COLUMN_FMS:
    case COLUMN_RC:
    case COLUMN_MESSAGES: write_thousands(ret, shown(column, context->units, v)); break;
    default:
        snprintf(ret, COLUMN_TEXT_SIZE, "%.*f", decimals_of(column),
                 shown(column, context->units, v));
        break;
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

bool flight_is_military(const struct flight *f)
{
    unsigned flags =
        flight_has(f, FLIGHT_DB_FLAGS) ? (unsigned)f->v.num[FLIGHT_DB_FLAGS] : 0;
    return (flags & FLIGHT_DB_MILITARY) != 0 ||
           ((f->icao & FLIGHT_NON_ICAO) == 0 && icao24_is_military(f->icao));
}

static void write_flags(const struct flight *f, char *ret)
{
    unsigned flags =
        flight_has(f, FLIGHT_DB_FLAGS) ? (unsigned)f->v.num[FLIGHT_DB_FLAGS] : 0;
    snprintf(ret, COLUMN_TEXT_SIZE, "%s%s%s", flight_is_military(f) ? "MIL " : "",
             flags & FLIGHT_DB_INTERESTING ? "*" : "",
             flags & FLIGHT_DB_PIA    ? "P"
             : flags & FLIGHT_DB_LADD ? "L"
                                      : "");
}

static const char *type_name_of(const struct flight *f)
{
    return flight_has(f, FLIGHT_TYPE_CODE) ? aircraft_type_name(f->v.type_code) : NULL;
}

static const char *category_name_of(const struct flight *f)
{
    return flight_has(f, FLIGHT_CATEGORY)
               ? aircraft_category_name(f->v.num[FLIGHT_CATEGORY])
               : NULL;
}

static const char *phase_of(const struct flight *f)
{
    enum flight_phase phase = flight_phase_of(f);
    return phase != FLIGHT_PHASE_UNKNOWN ? flight_phase_text(phase) : "";
}

static void write_field(const struct flight *f, enum flight_field field, char *ret)
{
    struct strbuf text;
    if (flight_field_info[field].kind == FLIGHT_KIND_TEXT) { /* no allocation */
        snprintf(ret, COLUMN_TEXT_SIZE, "%s",
                 flight_has(f, field) ? flight_values_text(&f->v, field) : "");
        return;
    }
    strbuf_init(&text, COLUMN_TEXT_SIZE);
    flight_value_text(f, field, UNITS_AVIATION, &text);
    snprintf(ret, COLUMN_TEXT_SIZE, "%s", strbuf_text(&text));
    strbuf_release(&text);
}

/* What is made of more than one field; NULL = nothing. */
static const char *made_text(enum flight_column column, const struct flight *f)
{
    switch (column) {
    case COLUMN_COUNTRY: return country_of(f);
    case COLUMN_COUNTRY_NAME: return country_name(country_of(f));
    case COLUMN_OPERATOR: return operator_name(f);
    case COLUMN_TYPE_NAME: return type_name_of(f);
    case COLUMN_CATEGORY_NAME: return category_name_of(f);
    case COLUMN_PHASE: return phase_of(f);
    case COLUMN_EMERGENCY: return flight_emergency_text(f);
    case COLUMN_MIL: return flight_is_military(f) ? "MIL" : "";
    default: return "";
    }
}

void flight_column_text(enum flight_column column, const struct flight *f,
                        const struct flight_view_context *context,
                        char ret_text[COLUMN_TEXT_SIZE])
{
    double v;
    ret_text[0] = '\0';
    if (rows[column].right) {
        if (flight_column_number(column, f, context, &v))
            write_number(column, f, context, v, ret_text);
    } else if (column == COLUMN_CALLSIGN) {
        write_name(f, ret_text);
    } else if (column == COLUMN_HEX) {
        flight_format_hex(f->icao, ret_text);
    } else if (column == COLUMN_FLAGS) {
        write_flags(f, ret_text);
    } else if (rows[column].field < FLIGHT_FIELD_COUNT) {
        write_field(f, rows[column].field, ret_text);
    } else {
        const char *text = made_text(column, f);
        snprintf(ret_text, COLUMN_TEXT_SIZE, "%s", text != NULL ? text : "");
    }
}
