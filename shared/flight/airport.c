#include "flight/airport.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct airport airports[] = {
#include "flight/airport_table.inc"
};

#define AIRPORTS       (sizeof airports / sizeof airports[0])
#define NM_PER_DEG_LAT (GEO_NM_PER_RAD * M_PI / 180.0)

static int compare_icao(const void *key, const void *row)
{
    return strcmp(key, ((const struct airport *)row)->icao);
}

size_t airport_count(void)
{
    return AIRPORTS;
}

const struct airport *airport_at(size_t index)
{
    assert(index < AIRPORTS);
    return &airports[index];
}

const struct airport *airport_by_icao(const char *icao)
{
    return bsearch(icao, airports, AIRPORTS, sizeof airports[0], compare_icao);
}

const struct airport *airport_nearest(struct geo_point p, double *ret_nm)
{
    const struct airport *best = NULL;
    double best_nm = HUGE_VAL;

    for (size_t i = 0; i < AIRPORTS; i++) {
        struct geo_point at = airport_position(&airports[i]);

        /* the difference in latitude alone rules most of them out */
        if (fabs(at.lat_deg - p.lat_deg) * NM_PER_DEG_LAT > best_nm)
            continue;
        double nm = geo_distance_nm(at, p);

        if (nm < best_nm) {
            best_nm = nm;
            best = &airports[i];
        }
    }
    if (ret_nm)
        *ret_nm = best_nm;
    return best;
}
