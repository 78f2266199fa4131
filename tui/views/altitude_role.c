#include "views/altitude_role.h"

enum role altitude_role(const struct flight *f)
{
    static const enum role steps[] = {ROLE_ALT_LOW, ROLE_ALT_MID, ROLE_ALT_HIGH,
                                      ROLE_ALT_TOP};
    if (flight_on_ground(f))
        return ROLE_ALT_GROUND;
    int feet = flight_has(f, FLIGHT_ALT_BARO)   ? f->v.num[FLIGHT_ALT_BARO]
               : flight_has(f, FLIGHT_ALT_GEOM) ? f->v.num[FLIGHT_ALT_GEOM]
                                                : 0;
    int step = feet / 10000;
    return steps[step < 0 ? 0 : step > 3 ? 3 : step];
}
