#include "flight/flight_phase.h"

#include "base/macros.h"

static const char *const phase_names[FLIGHT_PHASE_COUNT] = {
    "unknown", "ground", "climb", "cruise", "descent"};
static const char *const band_names[FLIGHT_BAND_COUNT] = {
    "0-10000", "10000-20000", "20000-30000", "30000-40000", "40000-50000", "50000+"};

enum flight_phase flight_phase_of(const struct flight *f)
{
    if (flight_on_ground(f))
        return FLIGHT_PHASE_GROUND;
    enum flight_field rate =
        flight_has(f, FLIGHT_BARO_RATE) ? FLIGHT_BARO_RATE : FLIGHT_GEOM_RATE;
    if (flight_has(f, rate) && f->v.num[rate] > FLIGHT_CLIMB_FPM)
        return FLIGHT_PHASE_CLIMB;
    if (flight_has(f, rate) && f->v.num[rate] < -FLIGHT_CLIMB_FPM)
        return FLIGHT_PHASE_DESCENT;
    return flight_has(f, FLIGHT_ALT_BARO) ? FLIGHT_PHASE_CRUISE : FLIGHT_PHASE_UNKNOWN;
}

const char *flight_phase_text(enum flight_phase phase)
{
    return phase_names[phase];
}

int flight_band_of(const struct flight *f)
{
    if (!flight_has(f, FLIGHT_ALT_BARO) || flight_on_ground(f))
        return -1;
    int band = MAX_OF(f->v.num[FLIGHT_ALT_BARO], 0) / FLIGHT_BAND_FT;
    return MIN_OF(band, FLIGHT_BAND_COUNT - 1);
}

const char *flight_band_text(int band)
{
    return band_names[band];
}
