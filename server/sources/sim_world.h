/*
 * The simulated world: aircraft that fly between real airports for ever, each on
 * its own timetable. What an aircraft does at a time is a function of the seed,
 * its index and that time alone: the same question has the same answer, however
 * often and in whatever order it is asked.
 *
 * No clock and no I/O in here. One thread at a time per world: the emergencies
 * of the moment are remembered between calls. About 120 bytes per aircraft.
 */
#pragma once

#include <stdint.h>

#include "flight/observation.h"

enum { SIM_AIRCRAFT_MAX = 50000, SIM_EMERGENCIES_MAX = 64 };

struct sim_config {
    uint32_t aircraft; /* 1..SIM_AIRCRAFT_MAX */
    uint64_t seed;
    uint32_t emergencies; /* about so many at once, 0..SIM_EMERGENCIES_MAX */
};

struct sim_world;

/* Builds the timetables; 25,000 aircraft take a fraction of a second. */
struct sim_world *sim_world_new(const struct sim_config *config);
void sim_world_free(struct sim_world *w);

uint32_t sim_world_count(const struct sim_world *w);

/*
 * What a receiver would report of aircraft `index` (< sim_world_count()) at
 * now_ms, epoch milliseconds, not negative. The name of the source is left to
 * the caller.
 */
void sim_world_observe(struct sim_world *w, uint32_t index, int64_t now_ms,
                       struct observation *ret_observation);
