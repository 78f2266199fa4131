/*
 * The nodes follow a flight's usual speed schedule: 250 knots below 10,000 ft, a
 * constant indicated speed above, a constant Mach number from where that is the
 * lower; climb rates fall with height by type; descents follow a slope of three
 * degrees. Nodes before the cruise are built forward, those after it as well but
 * from an unknown start: what the path has left becomes the length of the cruise.
 */
#include "sources/sim_profile.h"

#include <assert.h>
#include <errno.h>
#include <math.h>

#include "base/macros.h"

#define TAXI_KT          16.0
#define TAXI_START_S     8.0
#define LINE_UP_S        25.0
#define LEVEL_OFF_FT     800.0
#define LEVEL_CHANGE_S   60.0 /* from climbing to cruising speed and back */
#define GLIDE_FPM_PER_KT (6076.12 / 60.0 * 0.0524078) /* tan(3 degrees) */
#define SLOWING_KT_PER_S 1.6 /* no airliner sheds speed much faster in the air */
#define NODE_GAP_FT      300.0

/* ------------------------------------------------------------ the air --- */

/* 1/sqrt(density ratio) every 5,000 ft, ICAO Standard Atmosphere (Doc 7488). */
static const double tas_per_cas[] = {1.0000, 1.0773, 1.1637, 1.2605, 1.3700, 1.4938,
                                     1.6350, 1.7964, 2.0132, 2.2692, 2.5574};

static double true_airspeed_kt(double cas_kt, double mach, double height_ft)
{
    const size_t last = ARRAY_LEN(tas_per_cas) - 1;
    double x = fmin(fmax(height_ft / 5000.0, 0), (double)last - 0.001);
    int i = (int)x;
    double factor = tas_per_cas[i] + (tas_per_cas[i + 1] - tas_per_cas[i]) * (x - i);
    double theta = fmax(1 - 6.8756e-6 * height_ft, 0.75187);

    return fmin(cas_kt * factor, mach * 661.47 * sqrt(theta));
}

static double tas(const struct sim_type *type, double cas_kt, double height_ft)
{
    return true_airspeed_kt(cas_kt, type->mach_e3 / 1000.0, height_ft);
}

static double climb_fpm(const struct sim_type *type, double height_ft)
{
    double x = fmin(fmax(height_ft / (double)SIM_CLIMB_STEP_FT, 0), 3.999);
    int i = (int)x;

    return type->climb_fpm[i] + (type->climb_fpm[i + 1] - type->climb_fpm[i]) * (x - i);
}

/* ------------------------------------------------------ adding nodes --- */

static struct sim_node *last_node(struct sim_profile *p)
{
    return &p->node[p->count - 1];
}

static void push(struct sim_profile *p, double dt_s, struct sim_node to)
{
    assert(p->count < SIM_NODES_MAX);
    const struct sim_node *from = last_node(p);

    to.t_s = from->t_s + dt_s;
    to.s_nm = from->s_nm + (from->speed_kt + to.speed_kt) / 2 * dt_s / 3600.0;
    p->node[p->count++] = to;
}

/* Level, for a time. */
static void push_time(struct sim_profile *p, double dt_s, double speed_kt)
{
    struct sim_node to = {.height_ft = last_node(p)->height_ft, .speed_kt = speed_kt};

    push(p, dt_s, to);
}

/* Level, over a distance; one of the two speeds is not zero. */
static void push_distance(struct sim_profile *p, double ds_nm, double speed_kt)
{
    push_time(p, ds_nm * 2 * 3600.0 / (last_node(p)->speed_kt + speed_kt), speed_kt);
}

/* To a height; the two vertical rates have one sign and are not both zero. */
static void push_height(struct sim_profile *p, double height_ft, double speed_kt,
                        double rate_fpm)
{
    const struct sim_node *from = last_node(p);
    double minutes = (height_ft - from->height_ft) * 2 / (from->rate_fpm + rate_fpm);
    struct sim_node to = {
        .height_ft = height_ft, .speed_kt = speed_kt, .rate_fpm = rate_fpm};

    push(p, minutes * 60.0, to);
}

/* False when the speed of the slope's next node comes too soon: wait for a lower. */
static bool is_reachable(struct sim_profile *p, double height_ft, double speed_kt)
{
    const struct sim_node *from = last_node(p);
    double fpm = GLIDE_FPM_PER_KT * (from->speed_kt + speed_kt) / 2;
    double seconds = (from->height_ft - height_ft) / fpm * 60;

    return from->speed_kt - speed_kt <= SLOWING_KT_PER_S * seconds;
}

/* From standing to standing along a taxiway. */
static void push_taxi(struct sim_profile *p, double nm)
{
    double moving_off = TAXI_KT / 2 * TAXI_START_S / 3600.0;

    push_time(p, TAXI_START_S, TAXI_KT);
    push_distance(p, fmax(nm - 2 * moving_off, 0.001), TAXI_KT);
    push_time(p, TAXI_START_S, 0);
}

/* -------------------------------------------------------- the flight --- */

struct waypoint {
    double height_ft, cas_kt, share; /* share of the possible rate of climb */
};

/* Level-off begins here: nearer for those who never leave the circuit. */
static double level_off_ft(const struct sim_task *task, double elevation_ft)
{
    return task->cruise_ft - fmin(LEVEL_OFF_FT, (task->cruise_ft - elevation_ft) / 3);
}

static void add_climb(struct sim_profile *p, const struct sim_task *task)
{
    const struct sim_type *type = task->type;
    double ground = task->elevation_from_ft, off = level_off_ft(task, ground);
    double rotate = type->rotate_kt, low = type->low_kt, high = type->climb_kt;
    const struct waypoint way[] = {
        {ground + 400, rotate + 10, 0.9},
        {ground + 1500, fmin(rotate + 20, low), 1},
        {ground + 3000, (fmin(rotate + 20, low) + low) / 2, 0.6},
        {ground + 5000, low, 0.9},
        {10000, low, 1},
        {11500, high, 0.6},
        {18000, high, 1},
        {24000, high, 1},
        {30000, high, 1},
        {36000, high, 1},
    };
    double cas = rotate;

    for (size_t i = 0; i < ARRAY_LEN(way); i++) {
        double h = way[i].height_ft;

        if (h < last_node(p)->height_ft + NODE_GAP_FT || h > off - NODE_GAP_FT)
            continue;
        cas = way[i].cas_kt;
        push_height(p, h, tas(type, cas, h), climb_fpm(type, h) * way[i].share);
    }
    push_height(p, off, tas(type, cas, off), climb_fpm(type, off));
    push_height(p, task->cruise_ft, tas(type, cas, task->cruise_ft), 0);
    p->top_of_climb = p->count - 1;
}

/* Heights above an airport whose elevation would put them over the ones before
 * are dropped by the gap rule, as in the climb. */
static void add_descent(struct sim_profile *p, const struct sim_task *task)
{
    const struct sim_type *type = task->type;
    double ground = task->elevation_to_ft, off = level_off_ft(task, ground);
    double approach = type->approach_kt, low = type->low_kt, high = type->descent_kt;
    double cas = fmin(high, task->cruise_ft > 11500 ? high : low * 1.2);
    const struct waypoint way[] = {
        {36000, high, 0},
        {30000, high, 0},
        {24000, high, 0},
        {18000, high, 0},
        {11500, high, 0},
        {10000, low, 0},
        {ground + 5000, fmin(low, approach * 1.6), 0},
        {ground + 3000, fmin(low, approach * 1.3), 0},
        {ground + 1500, approach + 8, 0},
        {ground + 1000, approach, 0},
    };

    push_height(p, off, tas(type, cas, off), -GLIDE_FPM_PER_KT * tas(type, cas, off));
    for (size_t i = 0; i < ARRAY_LEN(way); i++) {
        double h = way[i].height_ft;
        bool over_the_field = h < ground + 5000 + NODE_GAP_FT;

        if (h > last_node(p)->height_ft - NODE_GAP_FT || (over_the_field && i < 6))
            continue;
        double speed = tas(type, way[i].cas_kt, h);

        if (is_reachable(p, h, speed))
            push_height(p, h, speed, -GLIDE_FPM_PER_KT * speed);
    }
    double speed = tas(type, approach, ground);

    push_height(p, ground + 50, speed, -GLIDE_FPM_PER_KT * speed);
    push_height(p, ground, speed - 4, 0); /* the flare */
    p->touchdown = p->count - 1;
}

static void add_roll_out(struct sim_profile *p, const struct sim_task *task,
                         double roll_out_nm)
{
    push_distance(p, roll_out_nm, TAXI_KT);
    push_distance(p, fmax(task->ground_in_nm - roll_out_nm, 0.02), TAXI_KT);
    push_time(p, TAXI_START_S, 0);
}

static void begin(struct sim_profile *p, double height_ft)
{
    p->count = 1;
    p->node[0] = (struct sim_node){.height_ft = height_ft};
}

int sim_profile_build(const struct sim_task *task, struct sim_profile *ret_profile)
{
    const struct sim_type *type = task->type;
    struct sim_profile *p = ret_profile;
    bool light = type->kind >= SIM_LIGHT;
    double rotate = tas(type, type->rotate_kt, task->elevation_from_ft);
    double cruise = tas(type, type->cruise_kt, task->cruise_ft);

    begin(p, task->elevation_from_ft);
    push_time(p, task->turnaround_s, 0);
    push_taxi(p, task->ground_out_nm);
    push_time(p, LINE_UP_S, 0);
    push_distance(p, light ? 0.15 : 0.8, rotate);
    p->lift_off = p->count - 1;
    add_climb(p, task);
    push_time(p, LEVEL_CHANGE_S, cruise);
    push_time(p, LEVEL_CHANGE_S, cruise);
    int resumed = p->count - 1;

    add_descent(p, task);
    add_roll_out(p, task, light ? 0.2 : 1.2);

    double rest_nm = task->path_nm - last_node(p)->s_nm;

    for (int i = resumed; i < p->count; i++) {
        p->node[i].s_nm += rest_nm;
        p->node[i].t_s += rest_nm * 3600.0 / cruise;
    }
    return rest_nm >= 0 ? 0 : -ERANGE;
}

double sim_profile_duration_s(const struct sim_profile *p)
{
    return p->node[p->count - 1].t_s;
}

struct sim_state sim_profile_at(const struct sim_profile *p, double t_s)
{
    int i = 0;

    while (i < p->count - 2 && t_s >= p->node[i + 1].t_s)
        i++;
    const struct sim_node *a = &p->node[i], *b = &p->node[i + 1];
    double span = b->t_s - a->t_s;
    double dt = fmin(fmax(t_s - a->t_s, 0), span);
    double part = span > 0 ? dt / span : 0;
    double speed = a->speed_kt + (b->speed_kt - a->speed_kt) * part;
    double rate = a->rate_fpm + (b->rate_fpm - a->rate_fpm) * part;

    return (struct sim_state){
        .s_nm = a->s_nm + (a->speed_kt + speed) / 2 * dt / 3600.0,
        .height_ft = a->height_ft + (a->rate_fpm + rate) / 2 * dt / 60.0,
        .speed_kt = speed,
        .rate_fpm = rate,
        .on_ground = i < p->lift_off || i >= p->touchdown,
        .climbing = i < p->top_of_climb,
    };
}
