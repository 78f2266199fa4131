/*
 * Where an aircraft of the simulator goes between two gates: along the taxiway,
 * round onto the runway, straight out, in a turn onto the great circle, and the
 * same the other way round at the destination. Every piece begins with the
 * heading that the one before it ended with.
 *
 * Near an airport the world is flat: nautical miles east and north of its
 * reference point. Pure values; any thread.
 */
#pragma once

#include <stddef.h>

#include "flight/geo.h"

/* An airport with the runway in use, prepared once. */
struct sim_field {
    struct geo_point reference;
    double nm_per_deg_lon;
    double runway_rad; /* direction of take-off and landing, from true north */
    double elevation_ft;
};

/* The size of the manoeuvres: jets need more room than light aircraft. */
struct sim_room {
    double gate_nm;               /* gate along the runway, from its middle */
    double roll_nm, touchdown_nm; /* where the roll begins, where wheels touch */
    double exit_nm;               /* where the runway is left */
    double apron_radius_nm;       /* of the turns between taxiway and runway */
    double straight_out_nm, final_nm;
    double turn_radius_nm;
};

/* The turns that fit a path to its airports, in radians, right is positive. */
struct sim_turns {
    float out_rad, in_rad;
};

struct sim_place {
    struct geo_point at;
    double track_deg;
};

/* The field of an airport; the runway's direction is drawn from its position. */
struct sim_field sim_field_at(struct geo_point reference, double elevation_ft);

/* The turns with which the great circle meets both runways. */
struct sim_turns sim_path_plan(const struct sim_field *from, const struct sim_field *to,
                               const struct sim_room *room);

/* Gate to gate along the ground. */
double sim_path_length_nm(const struct sim_field *from, const struct sim_field *to,
                          const struct sim_room *room, struct sim_turns turns);

/* Of that: from the gate to the take-off roll, and from touchdown to the gate. */
double sim_path_ground_out_nm(const struct sim_room *room);
double sim_path_ground_in_nm(const struct sim_room *room);

/* The place s_nm along a path that is length_nm long. */
struct sim_place sim_path_at(const struct sim_field *from, const struct sim_field *to,
                             const struct sim_room *room, struct sim_turns turns,
                             double length_nm, double s_nm);
