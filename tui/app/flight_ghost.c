#include "app/flight_ghost.h"

#define MS_PER_HOUR 3600000.0

bool flight_ghost_place(const struct flight *f, int64_t now_ms,
                        struct geo_point *ret_place)
{
    int64_t age_ms = now_ms - f->pos_at_ms;
    if (!flight_has_position(f) || !flight_has(f, FLIGHT_TRACK) ||
        !flight_has(f, FLIGHT_GS) || flight_on_ground(f) || f->pos_at_ms <= 0)
        return false;
    if (age_ms < FLIGHT_GHOST_FROM_MS || age_ms > FLIGHT_GHOST_TO_MS)
        return false;
    const struct geo_point last = {f->v.num[FLIGHT_LAT] / (double)GEO_E5,
                                   f->v.num[FLIGHT_LON] / (double)GEO_E5};
    double nm = f->v.num[FLIGHT_GS] / 10.0 * (double)age_ms / MS_PER_HOUR;
    *ret_place = geo_destination(last, f->v.num[FLIGHT_TRACK] / 10.0, nm);
    return true;
}
