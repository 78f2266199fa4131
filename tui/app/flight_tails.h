/*
 * Where each aircraft was a short while ago, as this client saw it: a few places
 * for the tail behind its mark. One sample every FLIGHT_TAILS_STEP_MS while
 * somebody asks for it; bounded by the table's slots. Owned by a view; one thread.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "flight/flight_table.h"
#include "flight/geo.h"

enum { FLIGHT_TAILS_STEP_MS = 8000, FLIGHT_TAILS_POINTS = 8 };

struct flight_tail;

struct flight_tails {
    struct flight_tail *rows; /* by slot */
    size_t room;
    const struct flight_table *table; /* of the samples; another one: anew */
    int64_t sampled_at_ms;            /* monotonic; 0 = never */
};

/* Takes a sample when it is time for one. */
void flight_tails_sample(struct flight_tails *tails, const struct flight_table *table,
                         int64_t mono_ms);

/* The places of a flight, oldest first; how many. */
size_t flight_tails_of(const struct flight_tails *tails, const struct flight *f,
                       struct geo_point ret_places[FLIGHT_TAILS_POINTS]);

void flight_tails_release(struct flight_tails *tails);
