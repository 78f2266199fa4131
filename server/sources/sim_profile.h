/*
 * How an aircraft of the simulator moves along one leg: from the gate through
 * taxi, take-off, climb, cruise, descent, landing and taxi to the next gate, as
 * distance, height and speed over time.
 *
 * A profile is a row of nodes between which speed and vertical rate change
 * evenly, so that position, height and both rates are continuous and known in
 * closed form at any time. Pure values; any thread.
 */
#pragma once

#include <stdbool.h>

#include "sources/sim_fleet.h"

enum { SIM_NODES_MAX = 48 };

/* What a leg asks of its profile. Distances along the ground track. */
struct sim_task {
    const struct sim_type *type;
    double elevation_from_ft, elevation_to_ft;
    double cruise_ft;
    double path_nm;       /* gate to gate */
    double ground_out_nm; /* of that, from the gate to where the take-off roll begins */
    double ground_in_nm;  /* of that, from touchdown to the gate */
    double turnaround_s;  /* at the gate before the leg */
};

struct sim_node {
    double t_s, s_nm;
    double height_ft, speed_kt, rate_fpm;
};

struct sim_profile {
    int count, lift_off, top_of_climb, touchdown; /* indices of nodes */
    struct sim_node node[SIM_NODES_MAX];
};

struct sim_state {
    double s_nm, height_ft, speed_kt, rate_fpm;
    bool on_ground, climbing; /* climbing: before the top of climb */
};

/* Works the task out; -ERANGE when the path is too short to reach the cruise. */
int sim_profile_build(const struct sim_task *task, struct sim_profile *ret_profile);

/* Seconds from the gate to the next gate, turnaround included. */
double sim_profile_duration_s(const struct sim_profile *p);

/* The state t_s seconds into the leg (clamped to its ends). */
struct sim_state sim_profile_at(const struct sim_profile *p, double t_s);
