#include "app/flight_tails.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/macros.h"

/* Further than this between two samples it was not flown: another aircraft, a jump. */
enum { JUMP_E5 = GEO_E5 };

struct flight_tail {
    uint32_t icao; /* 0 = empty */
    uint8_t count, next;
    int32_t lat_e5[FLIGHT_TAILS_POINTS], lon_e5[FLIGHT_TAILS_POINTS];
};

static size_t newest(const struct flight_tail *tail)
{
    return (tail->next + FLIGHT_TAILS_POINTS - 1U) % FLIGHT_TAILS_POINTS;
}

static bool jumps(const struct flight_tail *tail, int32_t lat_e5, int32_t lon_e5)
{
    size_t at = newest(tail);
    return abs(tail->lat_e5[at] - lat_e5) > JUMP_E5 ||
           abs(tail->lon_e5[at] - lon_e5) > 4 * JUMP_E5;
}

static void sample(struct flight_tail *tail, const struct flight *f)
{
    int32_t lat_e5 = f->v.num[FLIGHT_LAT];
    int32_t lon_e5 = f->v.num[FLIGHT_LON];
    if (tail->icao != f->icao || (tail->count > 0 && jumps(tail, lat_e5, lon_e5)))
        *tail = (struct flight_tail){.icao = f->icao};
    size_t last = newest(tail);
    if (tail->count > 0 && tail->lat_e5[last] == lat_e5 && tail->lon_e5[last] == lon_e5)
        return;
    tail->lat_e5[tail->next] = lat_e5;
    tail->lon_e5[tail->next] = lon_e5;
    tail->next = (uint8_t)((tail->next + 1U) % FLIGHT_TAILS_POINTS);
    tail->count = (uint8_t)MIN_OF(tail->count + 1, (int)FLIGHT_TAILS_POINTS);
}

void flight_tails_sample(struct flight_tails *tails, const struct flight_table *table,
                         int64_t mono_ms)
{
    size_t slots = flight_table_slots(table);
    if (tails->table != table)
        flight_tails_release(tails);
    if (tails->sampled_at_ms > 0 &&
        mono_ms - tails->sampled_at_ms < FLIGHT_TAILS_STEP_MS)
        return;
    tails->table = table;
    tails->sampled_at_ms = mono_ms;
    if (slots > tails->room) {
        tails->rows = xreallocarray(tails->rows, slots, sizeof *tails->rows);
        memset(tails->rows + tails->room, 0,
               (slots - tails->room) * sizeof *tails->rows);
        tails->room = slots;
    }
    for (size_t i = 0; i < slots; i++) {
        const struct flight *f = flight_table_at(table, i);
        if (f != NULL && flight_has_position(f))
            sample(&tails->rows[i], f);
    }
}

size_t flight_tails_of(const struct flight_tails *tails, const struct flight *f,
                       struct geo_point ret_places[FLIGHT_TAILS_POINTS])
{
    if (f->slot >= tails->room || tails->rows[f->slot].icao != f->icao)
        return 0;
    const struct flight_tail *tail = &tails->rows[f->slot];
    for (size_t i = 0; i < tail->count; i++) {
        size_t at =
            (tail->next + FLIGHT_TAILS_POINTS - tail->count + i) % FLIGHT_TAILS_POINTS;
        ret_places[i] = (struct geo_point){tail->lat_e5[at] / (double)GEO_E5,
                                           tail->lon_e5[at] / (double)GEO_E5};
    }
    return tail->count;
}

void flight_tails_release(struct flight_tails *tails)
{
    free(tails->rows);
    memset(tails, 0, sizeof *tails);
}
