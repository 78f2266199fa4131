#include "sources/observation_fill.h"

#include <math.h>

#include "flight/flight_fields.h"
#include "flight/flight_names.h"

static bool refuse(struct flight_refusals *refusals, enum flight_field field)
{
    refusals->fields |= FLIGHT_BIT(field);
    refusals->count++;
    return false;
}

void observation_begin(struct observation *obs, uint32_t icao, int64_t now_ms)
{
    *obs = (struct observation){.icao = icao, .now_ms = now_ms, .heard_at_ms = now_ms};
}

void observation_set_number(struct observation *obs, enum flight_field field,
                            int32_t value)
{
    obs->v.num[field] = value;
    obs->present |= FLIGHT_BIT(field);
}

/* The fixed-point value; false when it is out of the field's range. */
static bool to_fixed(enum flight_field field, double value, int32_t *ret_fixed)
{
    static const double power[] = {1, 10, 100, 1000, 10000, 100000, 1000000};
    const struct flight_field_info *info = &flight_field_info[field];
    double scaled = round(value * power[info->decimals]);
    if (!(scaled >= info->min && scaled <= info->max))
        return false;
    *ret_fixed = (int32_t)scaled;
    return true;
}

bool observation_set(struct observation *obs, enum flight_field field, double value,
                     struct flight_refusals *refusals)
{
    int32_t fixed;
    if (!to_fixed(field, value, &fixed))
        return refuse(refusals, field);
    observation_set_number(obs, field, fixed);
    return true;
}

bool observation_set_text(struct observation *obs, enum flight_field field,
                          const char *text, size_t n, struct flight_refusals *refusals)
{
    while (n > 0 && (text[n - 1] == ' ' || text[n - 1] == '@'))
        n--;
    if (n == 0)
        return true;
    if (!flight_values_set_text(&obs->v, field, text, n))
        return refuse(refusals, field);
    obs->present |= FLIGHT_BIT(field);
    return true;
}

bool observation_set_squawk(struct observation *obs, const char *text, size_t n,
                            struct flight_refusals *refusals)
{
    int32_t squawk;
    if (!flight_squawk_value(text, n, &squawk))
        return refuse(refusals, FLIGHT_SQUAWK);
    observation_set_number(obs, FLIGHT_SQUAWK, squawk);
    return true;
}

bool observation_set_position(struct observation *obs, double lat_deg, double lon_deg,
                              int64_t pos_at_ms, struct flight_refusals *refusals)
{
    int32_t lat;
    int32_t lon;
    if (!to_fixed(FLIGHT_LAT, lat_deg, &lat))
        return refuse(refusals, FLIGHT_LAT);
    if (!to_fixed(FLIGHT_LON, lon_deg, &lon))
        return refuse(refusals, FLIGHT_LON);
    observation_set_number(obs, FLIGHT_LAT, lat);
    observation_set_number(obs, FLIGHT_LON, lon);
    obs->pos_at_ms = pos_at_ms;
    return true;
}

void observation_set_ground(struct observation *obs)
{
    observation_set_number(obs, FLIGHT_ALT_BARO, FLIGHT_ALT_GROUND);
}

void observation_shift(struct observation *obs, int64_t shift_ms)
{
    obs->now_ms += shift_ms;
    obs->heard_at_ms += shift_ms;
    if (obs->pos_at_ms != 0)
        obs->pos_at_ms += shift_ms;
}
