#include "app/place.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#include "base/macros.h"
#include "flight/airport.h"
#include "flight/country.h"

#define DEGREE (3.14159265358979323846 / 180)

/* At zoom 6 on the equator: half of what 20 lines show. */
#define HALF_SCREEN_NM 53.0

static bool is_named(const struct airport *a, const char *name)
{
    return strcasecmp(a->icao, name) == 0 ||
           (a->iata[0] != '\0' && strcasecmp(a->iata, name) == 0);
}

static bool is_of(const struct airport *a, const char *country)
{
    const char *name = country_name(a->country);
    return strcasecmp(a->country, country) == 0 ||
           (name != NULL && strcasecmp(name, country) == 0);
}

static bool find_airport(const char *name, struct place *ret)
{
    for (size_t i = 0; i < airport_count(); i++) {
        if (is_named(airport_at(i), name)) {
            *ret = (struct place){.centre = airport_position(airport_at(i))};
            return true;
        }
    }
    return false;
}

/* The middle of the airports on the globe: the date line is no border there. */
static bool find_country(const char *name, struct place *ret)
{
    double x = 0;
    double y = 0;
    double z = 0;
    for (size_t i = 0; i < airport_count(); i++) {
        struct geo_point p = airport_position(airport_at(i));
        if (!is_of(airport_at(i), name))
            continue;
        x += cos(p.lat_deg * DEGREE) * cos(p.lon_deg * DEGREE);
        y += cos(p.lat_deg * DEGREE) * sin(p.lon_deg * DEGREE);
        z += sin(p.lat_deg * DEGREE);
    }
    if (hypot(x, hypot(y, z)) < 1e-9)
        return false;
    struct place place = {
        .centre = {atan2(z, hypot(x, y)) / DEGREE, atan2(y, x) / DEGREE},
        .radius_nm = 60};
    for (size_t i = 0; i < airport_count(); i++) {
        double nm = geo_distance_nm(place.centre, airport_position(airport_at(i)));
        if (is_of(airport_at(i), name))
            place.radius_nm = MAX_OF(place.radius_nm, nm);
    }
    *ret = place;
    return true;
}

bool place_find(const char *name, struct place *ret_place)
{
    return name[0] != '\0' &&
           (find_airport(name, ret_place) || find_country(name, ret_place));
}

double place_zoom(const struct place *place)
{
    double nm = HALF_SCREEN_NM * cos(place->centre.lat_deg * DEGREE);
    double zoom = 6 + log2(nm / MAX_OF(place->radius_nm, 1.0));
    return MAX_OF(MIN_OF(zoom, 8.0), 1.0);
}
