#include "sources/sim_plan.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/macros.h"
#include "flight/airport.h"
#include "flight/country.h"
#include "sources/sim_random.h"

#define STRIDE         7919u /* prime: numbers handed out in this step do not repeat */
#define FLIGHT_NUMBERS 9800u
#define GOLDEN         0.6180339887498949
#define TRIES          400
#define LEVEL_STEP_FT  2000.0

/* What the making of a fleet needs besides the record being filled. */
struct planner {
    const struct sim_field *fields;
    uint32_t weight; /* of all operators */
    uint32_t *registered;
    uint16_t *serials;
};

/* ------------------------------------------------------------- fields --- */

struct sim_field *sim_plan_fields(void)
{
    size_t n = airport_count();
    struct sim_field *fields = xcalloc(n, sizeof *fields);

    for (size_t i = 0; i < n; i++) {
        const struct airport *a = airport_at(i);

        fields[i] = sim_field_at(airport_position(a), a->elevation_ft);
    }
    return fields;
}

static uint16_t random_airport(uint64_t bits)
{
    return (uint16_t)sim_below(bits, (uint32_t)airport_count());
}

static bool same_country(uint16_t airport, const char *country)
{
    return strcmp(airport_at(airport)->country, country) == 0;
}

/* The bits-th of the codes in a list. */
static uint16_t listed_airport(const char *codes, uint64_t bits)
{
    size_t n = (strlen(codes) + 1) / 5;
    char code[5] = "";

    memcpy(code, codes + 5 * (size_t)sim_below(bits, (uint32_t)n), 4);
    const struct airport *airport = airport_by_icao(code);

    assert(airport);
    return (uint16_t)(airport - airport_at(0));
}

static uint16_t hub_of(const struct sim_operator *operator, uint64_t bits)
{
    if (*operator->hubs)
        return listed_airport(operator->hubs, bits);
    uint64_t i = 0;
    uint16_t airport = random_airport(bits);

    while (!same_country(airport, operator->registry))
        airport = random_airport(sim_hash(bits, ++i));
    return airport;
}

/* ------------------------------------------------------- destinations --- */

/* Small airports see few large aircraft, and far ones fewer flights. */
static double attraction(const struct sim_type *type, uint16_t airport, double nm)
{
    bool large = airport_at(airport)->size == AIRPORT_LARGE;
    double span = type->range_max_nm - type->range_min_nm;
    double near = 1 - 0.6 * (nm - type->range_min_nm) / span;

    if (large)
        return near * (type->kind == SIM_LIGHT ? 0.3 : 1);
    return near * (type->category == 0xA5 ? 0.08 : type->category == 0xA3 ? 0.35 : 1);
}

static uint16_t destination(const struct planner *plan, const struct sim_aircraft *a,
                            uint64_t bits)
{
    const struct sim_type *type = sim_type_at(a->type);
    const struct sim_operator *operator= sim_operator_at(a->operator_row);
    const struct geo_point hub = plan->fields[a->hub].reference;
    bool stay = sim_below(sim_hash(bits, 0), 100) < operator->domestic_pct;

    for (uint64_t i = 1; i <= UINT64_C(3) * TRIES; i++) {
        uint16_t there = random_airport(sim_hash(bits, i));

        /* countries too small for the type are left after a while */
        if (stay && i <= TRIES && !same_country(there, airport_at(a->hub)->country))
            continue;
        double nm = geo_distance_nm(hub, plan->fields[there].reference);

        if (nm >= type->range_min_nm && nm <= type->range_max_nm &&
            sim_uniform(sim_hash(~bits, i)) < attraction(type, there, nm)) {
            return there;
        }
    }
    /* nothing suitable was drawn: the nearest that is far enough */
    size_t best = a->hub;
    double best_nm = HUGE_VAL;

    for (size_t i = 0; i < airport_count(); i++) {
        double nm = geo_distance_nm(hub, plan->fields[i].reference);

        if (nm >= type->range_min_nm && nm < best_nm) {
            best_nm = nm;
            best = i;
        }
    }
    return (uint16_t)best;
}

/* --------------------------------------------------------------- legs --- */

uint16_t sim_plan_from(const struct sim_aircraft *a, unsigned leg)
{
    return leg % 2 == 0 ? a->hub : a->away[leg / 2];
}

uint16_t sim_plan_to(const struct sim_aircraft *a, unsigned leg)
{
    return leg % 2 == 0 ? a->away[leg / 2] : a->hub;
}

struct sim_room sim_plan_room(const struct sim_aircraft *a)
{
    static const struct sim_room rooms[] = {
        [SIM_JET] = {0, -0.8, -0.65, 0.75, 0.12, 5.0, 10.0, 1.8},
        [SIM_PROP] = {0, -0.8, -0.65, 0.75, 0.12, 3.0, 8.0, 1.1},
        [SIM_LIGHT] = {0, -0.3, -0.25, 0.15, 0.06, 1.0, 2.0, 0.35},
        [SIM_HELICOPTER] = {0, -0.3, -0.25, 0.15, 0.06, 0.5, 1.0, 0.25},
    };
    const struct sim_type *type = sim_type_at(a->type);
    struct sim_room room = rooms[type->kind];
    double place = sim_uniform(sim_hash(a->icao, 77));

    room.gate_nm = room.roll_nm * 0.6 + place * (room.exit_nm - room.roll_nm) * 0.6;
    room.apron_radius_nm *= 1 + 0.5 * sim_uniform(sim_hash(a->icao, 78));
    return room;
}

struct sim_task sim_plan_task(const struct sim_aircraft *a, unsigned leg,
                              const struct sim_field *fields)
{
    struct sim_room room = sim_plan_room(a);

    return (struct sim_task){
        .type = sim_type_at(a->type),
        .elevation_from_ft = fields[sim_plan_from(a, leg)].elevation_ft,
        .elevation_to_ft = fields[sim_plan_to(a, leg)].elevation_ft,
        .cruise_ft = a->legs[leg].cruise_hft * 100.0,
        .path_nm = (double)a->legs[leg].path_nm,
        .ground_out_nm = sim_path_ground_out_nm(&room),
        .ground_in_nm = sim_path_ground_in_nm(&room),
        .turnaround_s = a->legs[leg].turnaround_s,
    };
}

/*
 * Semicircular rule, ICAO Annex 2 Appendix 3: odd thousands eastbound, even ones
 * westbound, and 500 ft more under visual rules. The highest not above `want`.
 */
static double cruising_level_ft(double want_ft, double course_deg, bool visual)
{
    double extra = visual ? 500 : 0;
    double odd = course_deg < 180 ? 1000 : 0;

    return floor((want_ft - odd - extra) / LEVEL_STEP_FT) * LEVEL_STEP_FT + odd + extra;
}

static double first_choice_ft(const struct sim_type *type, double nm, double ground_ft,
                              uint64_t bits)
{
    double below_top = 2000.0 * sim_below(bits, 3);
    double reachable = 8000 + 85 * nm;

    if (type->kind == SIM_HELICOPTER)
        return ground_ft + 1000 * type->floor_kft + 500.0 * sim_below(bits, 4);
    return fmax(fmin(type->ceiling_kft * 1000.0 - below_top, reachable),
                fmax(type->floor_kft * 1000.0, ground_ft + 3000));
}

/* Fills a leg; lowers the level until climb and descent fit the distance. */
static void plan_leg(const struct planner *plan, struct sim_aircraft *a, unsigned leg)
{
    const struct sim_type *type = sim_type_at(a->type);
    const struct sim_field *from = &plan->fields[sim_plan_from(a, leg)];
    const struct sim_field *to = &plan->fields[sim_plan_to(a, leg)];
    const struct sim_room room = sim_plan_room(a);
    struct sim_leg *l = &a->legs[leg];
    uint64_t bits = sim_hash(a->icao, leg);
    double ground_ft = fmax(from->elevation_ft, to->elevation_ft);
    double course = geo_bearing_deg(from->reference, to->reference);
    bool visual = type->kind >= SIM_LIGHT;
    struct sim_profile profile;

    l->turns = sim_path_plan(from, to, &room);
    l->path_nm = (float)sim_path_length_nm(from, to, &room, l->turns);
    /* shorter than in life, where transponders sleep through most of it */
    uint32_t least_s = visual ? 300 : type->category == 0xA5 ? 1800 : 1200;

    l->turnaround_s = (uint16_t)(least_s + sim_below(sim_hash(bits, 1), 600));
    double level = first_choice_ft(type, (double)l->path_nm, ground_ft, bits);

    if (type->kind != SIM_HELICOPTER)
        level = cruising_level_ft(level, course, visual);
    while (level > ground_ft + 500) {
        l->cruise_hft = (uint16_t)lround(level / 100);
        struct sim_task task = sim_plan_task(a, leg, plan->fields);

        if (sim_profile_build(&task, &profile) == 0) {
            l->duration_ms = (uint32_t)ceil(sim_profile_duration_s(&profile) * 1000);
            return;
        }
        level -= visual ? 500 : LEVEL_STEP_FT;
    }
    /* a leg within the type's range has room for climb and descent */
    assert(l->duration_ms > 0);
}

/* ------------------------------------------------------------ the fleet --- */

static uint8_t choose_operator(const struct planner *plan, double share)
{
    double left = share * plan->weight;
    uint8_t row = 0;

    while (row + 1u < sim_operator_count() && left >= sim_operator_at(row)->weight)
        left -= sim_operator_at(row++)->weight;
    return row;
}

static uint8_t choose_type(const struct sim_operator *operator, uint64_t bits)
{
    size_t n = 1;

    for (const char *s = operator->types; *s; s++)
        n += *s == ' ';
    const char *code = operator->types;

    for (uint32_t skip = sim_below(bits, (uint32_t)n); skip > 0; skip--)
        code = strchr(code, ' ') + 1;
    const struct sim_type *type = sim_type_by_code(code, strcspn(code, " "));

    assert(type);
    return (uint8_t)sim_type_index(type);
}

/* An address out of the block of the register's country, and the mark to it. */
static void enrol(const struct planner *plan, struct sim_aircraft *a,
                  const char *country)
{
    size_t reg = sim_register_of(country);
    uint32_t first = 0, count = 0;
    bool known = country_icao24_range(country, &first, &count);

    assert(known && reg < sim_register_count());
    (void)known;
    uint32_t number = plan->registered[reg]++;

    uint64_t place = (uint64_t)number * STRIDE + (uint32_t)sim_mix(reg);

    a->icao = first + 1 + (uint32_t)(place % (count - 1));
    sim_registration(reg, number, a->registration);
}

static void plan_aircraft(const struct planner *plan, struct sim_aircraft *a,
                          uint64_t bits, double share)
{
    a->operator_row = choose_operator(plan, share);
    const struct sim_operator *operator= sim_operator_at(a->operator_row);

    a->serial = plan->serials[a->operator_row]++;
    a->type = choose_type(operator, sim_hash(bits, 1));
    enrol(plan, a, operator->registry);
    a->hub = hub_of(operator, sim_hash(bits, 2));
    for (uint64_t i = 0; i < ARRAY_LEN(a->away); i++)
        a->away[i] = destination(plan, a, sim_hash(bits, 3 + i));
    for (unsigned leg = 0; leg < SIM_LEGS; leg++) {
        plan_leg(plan, a, leg);
        a->period_ms += a->legs[leg].duration_ms;
    }
    a->offset_ms = sim_below(sim_hash(bits, 5), a->period_ms);
}

struct sim_aircraft *sim_plan_fleet(uint64_t seed, uint32_t count,
                                    const struct sim_field *fields)
{
    struct sim_aircraft *fleet = xcalloc(count, sizeof *fleet);
    struct planner plan = {
        .fields = fields,
        .registered = xcalloc(sim_register_count(), sizeof *plan.registered),
        .serials = xcalloc(sim_operator_count(), sizeof *plan.serials),
    };
    double share = sim_uniform(sim_mix(seed));

    for (size_t i = 0; i < sim_operator_count(); i++)
        plan.weight += sim_operator_at(i)->weight;
    for (uint32_t i = 0; i < count; i++) {
        /* multiples of the golden ratio spread evenly, be they few or many */
        share = fmod(share + GOLDEN, 1);
        plan_aircraft(&plan, &fleet[i], sim_hash(seed, i), share);
    }
    free(plan.registered);
    free(plan.serials);
    return fleet;
}

/* ------------------------------------------------------------ identity --- */

/* Most European operators fly under a few digits and letters, not the number. */
static bool is_alphanumeric(const struct sim_operator *operator)
{
    static const char countries[] = "AT BE CH DE ES FR GB HU IE IT NL NO PL PT SE ";

    return strstr(countries, operator->registry) != NULL;
}

void sim_plan_callsign(const struct sim_aircraft *a, unsigned leg,
                       char ret_text[SIM_CALLSIGN_SIZE])
{
    static const char letters[] = "ABCDEFGHJKLMNPRTUVWXYZ";
    const unsigned n = sizeof letters - 1;
    const struct sim_operator *operator= sim_operator_at(a->operator_row);
    uint32_t first = (uint32_t)sim_mix(a->operator_row) % FLIGHT_NUMBERS;
    uint32_t number = ((a->serial * SIM_LEGS + leg) * STRIDE + first) % FLIGHT_NUMBERS;
    size_t k = 0;

    if (!*operator->icao) {
        for (const char *s = a->registration; *s && k < SIM_CALLSIGN_SIZE - 1; s++)
            if (*s != '-')
                ret_text[k++] = *s;
        ret_text[k] = '\0';
    } else if (is_alphanumeric(operator)) {
        (void)snprintf(ret_text, SIM_CALLSIGN_SIZE, "%s%u%c%c", operator->icao,
                       number / (n * n) + 1, letters[number / n % n],
                       letters[number % n]);
    } else {
        (void)snprintf(ret_text, SIM_CALLSIGN_SIZE, "%s%u", operator->icao,
                       number + 100);
    }
}

static bool is_reserved(int squawk)
{
    static const int reserved[] = {0, 1000, 1200, 2000, 7000, 7500, 7600, 7700, 7777};

    for (size_t i = 0; i < ARRAY_LEN(reserved); i++) {
        if (squawk == reserved[i])
            return true;
    }
    return false;
}

int sim_plan_squawk(const struct sim_aircraft *a, uint64_t flight)
{
    const char *country = sim_operator_at(a->operator_row)->registry;

    if (sim_type_at(a->type)->kind >= SIM_LIGHT)
        return strstr("US CA AU", country) ? 1200 : 7000;
    uint64_t bits = sim_hash(a->icao, flight);
    int squawk = (int)(bits >> 0 & 7) * 1000 + (int)(bits >> 3 & 7) * 100 +
                 (int)(bits >> 6 & 7) * 10 + (int)(bits >> 9 & 7);

    return is_reserved(squawk) ? squawk + 1 - 2 * (squawk == 7777) : squawk;
}
