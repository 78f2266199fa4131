#include "sources/sim_path.h"

#include <math.h>

#include "sources/sim_random.h"

#define NM_PER_DEG  (GEO_NM_PER_RAD * M_PI / 180.0)
#define PLAN_ROUNDS 3   /* each leaves about a thousandth of the error before */
#define LONG_TURN   2.5 /* beyond this a turn keeps its side while it is refined */

/* A place in the plane of an airport and a heading, radians from north. */
struct pose {
    double east, north, heading;
};

struct vector {
    double x, y, z;
};

/* ----------------------------------------------------------- plane --- */

/* Forward by d along a line (curvature 0) or an arc (1/radius, right positive). */
static struct pose forward(struct pose p, double curvature, double d)
{
    if (fabs(curvature) < 1e-9) {
        p.east += d * sin(p.heading);
        p.north += d * cos(p.heading);
        return p;
    }
    double heading = p.heading + curvature * d;

    p.east += (cos(p.heading) - cos(heading)) / curvature;
    p.north += (sin(heading) - sin(p.heading)) / curvature;
    p.heading = heading;
    return p;
}

static struct geo_point globe(const struct sim_field *field, struct pose p)
{
    return (struct geo_point){
        .lat_deg = field->reference.lat_deg + p.north / NM_PER_DEG,
        .lon_deg =
            geo_wrap_lon(field->reference.lon_deg + p.east / field->nm_per_deg_lon),
    };
}

static double wrap_rad(double angle)
{
    return remainder(angle, 2 * M_PI);
}

struct sim_field sim_field_at(struct geo_point reference, double elevation_ft)
{
    uint64_t bits = sim_hash((uint64_t)geo_to_e5(reference.lat_deg) << 32,
                             (uint32_t)geo_to_e5(reference.lon_deg));

    return (struct sim_field){
        .reference = reference,
        .nm_per_deg_lon = NM_PER_DEG * cos(reference.lat_deg * M_PI / 180),
        .runway_rad = sim_below(bits, 36) * M_PI / 18,
        .elevation_ft = elevation_ft,
    };
}

/* ---------------------------------------- the fixed parts of a path --- */

/* On the centre line, `along` from the middle, heading down the runway. */
static struct pose on_runway(const struct sim_field *field, double along)
{
    return forward((struct pose){0, 0, field->runway_rad}, 0, along);
}

/* On the parallel taxiway, heading back towards the beginning of the runway. */
static struct pose on_taxiway(const struct sim_field *field,
                              const struct sim_room *room, double along)
{
    struct pose p = on_runway(field, along);

    p.heading += M_PI / 2;
    p = forward(p, 0, 2 * room->apron_radius_nm);
    p.heading += M_PI / 2;
    return p;
}

/* Where the turn after take-off begins, and where the one to final ends. */
static struct pose straight_out_end(const struct sim_field *field,
                                    const struct sim_room *room)
{
    return on_runway(field, room->roll_nm + room->straight_out_nm);
}

static struct pose final_begin_reversed(const struct sim_field *field,
                                        const struct sim_room *room)
{
    struct pose p = on_runway(field, room->touchdown_nm - room->final_nm);

    p.heading += M_PI;
    return p;
}

static struct pose turned(struct pose p, double radius, double turn_rad)
{
    return forward(p, turn_rad < 0 ? -1 / radius : 1 / radius, fabs(turn_rad) * radius);
}

double sim_path_ground_out_nm(const struct sim_room *room)
{
    return room->gate_nm - room->roll_nm + M_PI * room->apron_radius_nm;
}

double sim_path_ground_in_nm(const struct sim_room *room)
{
    return room->exit_nm - room->touchdown_nm + M_PI * room->apron_radius_nm +
           room->exit_nm - room->gate_nm;
}

/* --------------------------------------------------------- planning --- */

/*
 * A better turn from a pose to a heading that points at a distant target, given a
 * first guess: the end of the turn moves with it. A turn of nearly half a circle
 * must not change sides while it is refined.
 */
static double turn_towards(const struct sim_field *field, struct pose start,
                           double radius, double guess, struct geo_point target)
{
    struct geo_point at = globe(field, turned(start, radius, guess));
    double bearing = geo_bearing_deg(at, target) * M_PI / 180;
    double turn = wrap_rad(bearing - start.heading);

    if (fabs(guess) > LONG_TURN && turn * guess < 0)
        turn += guess < 0 ? -2 * M_PI : 2 * M_PI;
    return turn;
}

struct sim_turns sim_path_plan(const struct sim_field *from, const struct sim_field *to,
                               const struct sim_room *room)
{
    const struct pose out = straight_out_end(from, room);
    const struct pose in = final_begin_reversed(to, room);
    const double r = room->turn_radius_nm;
    double turn_out = 0, turn_in = 0;

    for (int i = 0; i < PLAN_ROUNDS; i++) {
        struct geo_point target = globe(to, turned(in, r, turn_in));

        turn_out = turn_towards(from, out, r, turn_out, target);
        target = globe(from, turned(out, r, turn_out));
        turn_in = turn_towards(to, in, r, turn_in, target);
    }
    return (struct sim_turns){(float)turn_out, (float)turn_in};
}

/* ---------------------------------------------------------- en route --- */

static struct vector unit(struct geo_point p)
{
    double lat = p.lat_deg * M_PI / 180, lon = p.lon_deg * M_PI / 180;

    return (struct vector){cos(lat) * cos(lon), cos(lat) * sin(lon), sin(lat)};
}

/* Both ends of the great circle. */
static void route(const struct sim_field *from, const struct sim_field *to,
                  const struct sim_room *room, struct sim_turns turns,
                  struct vector ends[2])
{
    double r = room->turn_radius_nm;

    ends[0] = unit(
        globe(from, turned(straight_out_end(from, room), r, (double)turns.out_rad)));
    ends[1] = unit(
        globe(to, turned(final_begin_reversed(to, room), r, (double)turns.in_rad)));
}

static struct vector cross(struct vector a, struct vector b)
{
    return (struct vector){a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z,
                           a.x * b.y - a.y * b.x};
}

static double dot(struct vector a, struct vector b)
{
    return a.x * b.x + a.y * b.y + a.z * b.z;
}

static struct sim_place on_route(const struct vector ends[2], double nm)
{
    struct vector a = ends[0], axis = cross(a, ends[1]);
    double sine = sqrt(dot(axis, axis));

    axis.x /= sine;
    axis.y /= sine;
    axis.z /= sine;
    struct vector ahead = cross(axis, a);
    double c = cos(nm / GEO_NM_PER_RAD), s = sin(nm / GEO_NM_PER_RAD);
    struct vector p = {a.x * c + ahead.x * s, a.y * c + ahead.y * s,
                       a.z * c + ahead.z * s};
    struct vector t = {ahead.x * c - a.x * s, ahead.y * c - a.y * s,
                       ahead.z * c - a.z * s};

    return (struct sim_place){
        .at = {asin(fmin(fmax(p.z, -1), 1)) * 180 / M_PI, atan2(p.y, p.x) * 180 / M_PI},
        .track_deg = atan2(p.x * t.y - p.y * t.x, t.z) * 180 / M_PI,
    };
}

double sim_path_length_nm(const struct sim_field *from, const struct sim_field *to,
                          const struct sim_room *room, struct sim_turns turns)
{
    struct vector ends[2];

    route(from, to, room, turns, ends);
    struct vector axis = cross(ends[0], ends[1]);
    double angle = atan2(sqrt(dot(axis, axis)), dot(ends[0], ends[1]));
    double arcs = (fabs((double)turns.out_rad) + fabs((double)turns.in_rad)) *
                  room->turn_radius_nm;

    return sim_path_ground_out_nm(room) + room->straight_out_nm + arcs +
           angle * GEO_NM_PER_RAD + room->final_nm + sim_path_ground_in_nm(room);
}

/* ------------------------------------------------------- evaluation --- */

static struct sim_place near_field(const struct sim_field *field, struct pose p)
{
    return (struct sim_place){globe(field, p), p.heading * 180 / M_PI};
}

/* From the gate up to the end of the first turn; s from the gate. */
static struct sim_place outbound(const struct sim_field *field,
                                 const struct sim_room *room, double turn, double s)
{
    double taxi = room->gate_nm - room->roll_nm;
    double apron = M_PI * room->apron_radius_nm;
    struct pose p;

    if (s < taxi) {
        p = on_taxiway(field, room, room->gate_nm - s);
    } else if (s < taxi + apron) {
        p = forward(on_taxiway(field, room, room->roll_nm), 1 / room->apron_radius_nm,
                    s - taxi);
    } else if (s < taxi + apron + room->straight_out_nm) {
        p = on_runway(field, room->roll_nm + s - taxi - apron);
    } else {
        double arc = s - taxi - apron - room->straight_out_nm;

        p = turned(straight_out_end(field, room), room->turn_radius_nm,
                   copysign(arc / room->turn_radius_nm, turn));
    }
    return near_field(field, p);
}

/* From the last turn to the gate; left is what remains to the gate. */
static struct sim_place inbound(const struct sim_field *field,
                                const struct sim_room *room, double turn, double left)
{
    double taxi = room->exit_nm - room->gate_nm;
    double apron = M_PI * room->apron_radius_nm;
    double landing = room->exit_nm - room->touchdown_nm + room->final_nm;
    struct pose p;

    if (left < taxi) {
        p = on_taxiway(field, room, room->gate_nm + left);
    } else if (left < taxi + apron) {
        p = forward(on_runway(field, room->exit_nm), 1 / room->apron_radius_nm,
                    taxi + apron - left);
    } else if (left < taxi + apron + landing) {
        p = on_runway(field, room->exit_nm - (left - taxi - apron));
    } else {
        double arc = left - taxi - apron - landing;

        p = turned(final_begin_reversed(field, room), room->turn_radius_nm,
                   copysign(arc / room->turn_radius_nm, turn));
        p.heading += M_PI; /* the arc is walked backwards */
    }
    return near_field(field, p);
}

struct sim_place sim_path_at(const struct sim_field *from, const struct sim_field *to,
                             const struct sim_room *room, struct sim_turns turns,
                             double length_nm, double s_nm)
{
    double arc_out = fabs((double)turns.out_rad) * room->turn_radius_nm;
    double arc_in = fabs((double)turns.in_rad) * room->turn_radius_nm;
    double out = sim_path_ground_out_nm(room) + room->straight_out_nm + arc_out;
    double in = sim_path_ground_in_nm(room) + room->final_nm + arc_in;
    struct sim_place place;

    if (s_nm < out) {
        place = outbound(from, room, (double)turns.out_rad, s_nm);
    } else if (length_nm - s_nm < in) {
        place = inbound(to, room, (double)turns.in_rad, length_nm - s_nm);
    } else {
        struct vector ends[2];

        route(from, to, room, turns, ends);
        place = on_route(ends, s_nm - out);
    }
    place.track_deg = fmod(place.track_deg, 360);
    if (place.track_deg < 0)
        place.track_deg += 360;
    return place;
}
