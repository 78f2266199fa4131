/*
 * The timetables of the simulated world, made once: which aircraft there are,
 * who operates them, between which airports they fly, at which level, and how
 * long that takes.
 *
 * Pure; any thread. Records are read-only afterwards but for the emergency mark.
 */
#pragma once

#include <stdint.h>

#include "sources/sim_fleet.h"
#include "sources/sim_path.h"
#include "sources/sim_profile.h"

enum { SIM_LEGS = 4, SIM_CALLSIGN_SIZE = 9 };

struct sim_leg {
    struct sim_turns turns;
    float path_nm;
    uint32_t duration_ms;
    uint16_t cruise_hft; /* hundreds of feet */
    uint16_t turnaround_s;
};

struct sim_aircraft {
    struct sim_leg legs[SIM_LEGS];
    uint32_t icao;
    uint32_t period_ms, offset_ms;
    uint16_t hub, away[2]; /* indices of airports */
    uint16_t serial;       /* within its operator */
    uint8_t type, operator_row;
    uint8_t emergency; /* slot + 1, 0 none */
    char registration[SIM_REGISTRATION_SIZE];
};

/* Every airport as a field, by index; free() it. */
struct sim_field *sim_plan_fields(void);

/* `count` aircraft; free() them. */
struct sim_aircraft *sim_plan_fleet(uint64_t seed, uint32_t count,
                                    const struct sim_field *fields);

/* The airports of a leg. */
uint16_t sim_plan_from(const struct sim_aircraft *a, unsigned leg);
uint16_t sim_plan_to(const struct sim_aircraft *a, unsigned leg);

/* The room its manoeuvres take, its place on the apron included. */
struct sim_room sim_plan_room(const struct sim_aircraft *a);

struct sim_task sim_plan_task(const struct sim_aircraft *a, unsigned leg,
                              const struct sim_field *fields);

/* Flight number or registration, at most 8 characters. */
void sim_plan_callsign(const struct sim_aircraft *a, unsigned leg,
                       char ret_text[SIM_CALLSIGN_SIZE]);

/* Four octal digits read as decimal; never an emergency code. */
int sim_plan_squawk(const struct sim_aircraft *a, uint64_t flight);
