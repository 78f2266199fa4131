/*
 * Every aircraft repeats a rotation of four legs: hub, out, hub, out elsewhere,
 * hub. The lengths of the legs are worked out once, when the world is made; the
 * time modulo the rotation then names the leg and the second of it, and profile
 * and path answer for that second. Nothing is integrated and nothing drifts.
 */
#include "sources/sim_world.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/macros.h"
#include "flight/flight_fields.h"
#include "flight/flight_names.h"
#include "sources/sim_fleet.h"
#include "sources/sim_path.h"
#include "sources/sim_plan.h"
#include "sources/sim_profile.h"
#include "sources/sim_random.h"

#define EMERGENCY_WINDOW_MS (INT64_C(15) * 60 * 1000)
#define EMERGENCY_TRIES     64
#define MS_PER_S            1000.0

/* An aircraft in trouble for a while; each slot has one per window of time. */
struct emergency {
    int64_t window; /* number of the window that it was drawn for */
    int64_t from_ms, until_ms;
    uint32_t aircraft;
    bool radio_failure; /* 7600, else 7700 */
};

struct sim_world {
    struct sim_config config;
    struct sim_aircraft *aircraft;
    struct sim_field *fields; /* by index of airport */
    struct emergency emergencies[SIM_EMERGENCIES_MAX];
    int64_t drawn_from_ms, drawn_until_ms; /* the emergencies stand in between */
};

/* One moment of one aircraft. */
struct moment {
    uint64_t flight; /* number of the leg since the beginning of time */
    unsigned leg;
    double t_s; /* into the leg */
    struct sim_state state;
};

struct sim_world *sim_world_new(const struct sim_config *config)
{
    assert(config->aircraft >= 1 && config->aircraft <= SIM_AIRCRAFT_MAX);
    assert(config->emergencies <= SIM_EMERGENCIES_MAX);
    struct sim_world *w = xcalloc(1, sizeof *w);

    w->config = *config;
    w->fields = sim_plan_fields();
    w->aircraft = sim_plan_fleet(config->seed, config->aircraft, w->fields);
    if (w->config.emergencies > w->config.aircraft)
        w->config.emergencies = w->config.aircraft;
    return w;
}

void sim_world_free(struct sim_world *w)
{
    if (!w)
        return;
    free(w->aircraft);
    free(w->fields);
    free(w);
}

uint32_t sim_world_count(const struct sim_world *w)
{
    return w->config.aircraft;
}

/* ------------------------------------------------------- what and when --- */

static struct moment moment_of(const struct sim_world *w, uint32_t index,
                               int64_t now_ms)
{
    const struct sim_aircraft *a = &w->aircraft[index];
    uint64_t at = (uint64_t)now_ms + a->offset_ms;
    uint32_t rest = (uint32_t)(at % a->period_ms);
    struct moment m = {.flight = at / a->period_ms * SIM_LEGS};

    while (rest >= a->legs[m.leg].duration_ms)
        rest -= a->legs[m.leg++].duration_ms;
    m.flight += m.leg;
    m.t_s = rest / MS_PER_S;

    struct sim_profile profile;
    struct sim_task task = sim_plan_task(a, m.leg, w->fields);

    /* a negative result was ruled out when the leg was planned */
    (void)sim_profile_build(&task, &profile);
    m.state = sim_profile_at(&profile, m.t_s);
    return m;
}

static struct sim_place place_of(const struct sim_world *w,
                                 const struct sim_aircraft *a, const struct moment *m)
{
    const struct sim_leg *leg = &a->legs[m->leg];
    struct sim_room room = sim_plan_room(a);

    return sim_path_at(&w->fields[sim_plan_from(a, m->leg)],
                       &w->fields[sim_plan_to(a, m->leg)], &room, leg->turns,
                       (double)leg->path_nm, m->state.s_nm);
}

/* ---------------------------------------------------------- emergencies --- */

static bool flies_throughout(const struct sim_world *w, uint32_t index, int64_t from_ms,
                             int64_t until_ms)
{
    struct moment begin = moment_of(w, index, from_ms);
    struct moment end = moment_of(w, index, until_ms);

    return begin.flight == end.flight && !begin.state.on_ground && !end.state.on_ground;
}

/*
 * Slots share the aircraft out by remainder, so that no slot needs to know what
 * another has drawn: the draw depends on the window alone.
 */
static void draw_emergency(struct sim_world *w, uint32_t slot, int64_t window,
                           int64_t begin_ms)
{
    struct emergency *e = &w->emergencies[slot];
    uint64_t bits = sim_hash(w->config.seed ^ slot, (uint64_t)window);
    uint32_t share = w->config.aircraft / w->config.emergencies;

    if (w->aircraft[e->aircraft].emergency == slot + 1)
        w->aircraft[e->aircraft].emergency = 0;
    *e = (struct emergency){
        .window = window,
        .from_ms = begin_ms + sim_below(sim_hash(bits, 1), 120) * INT64_C(1000),
        .radio_failure = sim_below(sim_hash(bits, 2), 4) == 0,
    };
    e->until_ms =
        e->from_ms + (480 + sim_below(sim_hash(bits, 3), 240)) * INT64_C(1000);
    for (uint32_t i = 0; i < EMERGENCY_TRIES; i++) {
        uint32_t pick = sim_below(sim_hash(bits, 4 + i), share);
        uint32_t index = pick * w->config.emergencies + slot;

        if (flies_throughout(w, index, e->from_ms, e->until_ms)) {
            e->aircraft = index;
            w->aircraft[index].emergency = (uint8_t)(slot + 1);
            return;
        }
    }
    e->until_ms = e->from_ms; /* everyone is on the ground: none this time */
    e->aircraft = slot;
}

/* Brings the emergencies to the windows that hold now_ms. */
static void draw_emergencies(struct sim_world *w, int64_t now_ms)
{
    if (now_ms >= w->drawn_from_ms && now_ms < w->drawn_until_ms)
        return;
    w->drawn_from_ms = INT64_MIN;
    w->drawn_until_ms = INT64_MAX;
    for (uint32_t slot = 0; slot < w->config.emergencies; slot++) {
        /* windows begin one after the other, not all at once */
        int64_t phase = slot * EMERGENCY_WINDOW_MS / w->config.emergencies;
        int64_t window = (now_ms + phase) / EMERGENCY_WINDOW_MS + 1;
        int64_t begin_ms = (window - 1) * EMERGENCY_WINDOW_MS - phase;

        if (w->emergencies[slot].window != window)
            draw_emergency(w, slot, window, begin_ms);
        w->drawn_from_ms = MAX_OF(w->drawn_from_ms, begin_ms);
        w->drawn_until_ms = MIN_OF(w->drawn_until_ms, begin_ms + EMERGENCY_WINDOW_MS);
    }
}

static const struct emergency *
emergency_of(const struct sim_world *w, const struct sim_aircraft *a, int64_t now_ms)
{
    if (!a->emergency)
        return NULL;
    const struct emergency *e = &w->emergencies[a->emergency - 1];

    return now_ms >= e->from_ms && now_ms < e->until_ms ? e : NULL;
}

/* -------------------------------------------------------- what is heard --- */

static void put(struct observation *o, enum flight_field field, double value)
{
    o->v.num[field] = (int32_t)lround(value);
    o->present |= FLIGHT_BIT(field);
}

static void put_text(struct observation *o, enum flight_field field, const char *text)
{
    if (flight_values_set_text(&o->v, field, text, strlen(text)))
        o->present |= FLIGHT_BIT(field);
}

static double rounded(double value, double step)
{
    return round(value / step) * step;
}

static void put_identity(struct observation *o, const struct sim_aircraft *a,
                         const struct moment *m)
{
    char callsign[SIM_CALLSIGN_SIZE];

    sim_plan_callsign(a, m->leg, callsign);
    put_text(o, FLIGHT_CALLSIGN, callsign);
    put_text(o, FLIGHT_REGISTRATION, a->registration);
    put_text(o, FLIGHT_TYPE_CODE, sim_type_at(a->type)->code);
    put(o, FLIGHT_CATEGORY, sim_type_at(a->type)->category);
    put(o, FLIGHT_ADDR_TYPE, FLIGHT_ADDR_ADSB_ICAO);
    put(o, FLIGHT_ADSB_VERSION, 2);
}

static void put_height(struct observation *o, const struct sim_world *w,
                       const struct sim_aircraft *a, const struct moment *m)
{
    const struct sim_state *s = &m->state;

    if (s->on_ground) {
        o->v.num[FLIGHT_ALT_BARO] = FLIGHT_ALT_GROUND;
        o->present |= FLIGHT_BIT(FLIGHT_ALT_BARO);
        return;
    }
    /* warm or cold air: pressure and geometric height part as one climbs */
    double warm = sim_uniform(sim_hash(a->icao, m->flight)) * 0.05 - 0.015;
    double to_ft = w->fields[sim_plan_to(a, m->leg)].elevation_ft;
    double cruise_ft = a->legs[m->leg].cruise_hft * 100.0;
    bool descending = s->rate_fpm < -100;

    put(o, FLIGHT_ALT_BARO, rounded(s->height_ft, 25));
    put(o, FLIGHT_ALT_GEOM, rounded(s->height_ft * (1 + warm), 25));
    put(o, FLIGHT_BARO_RATE, rounded(s->rate_fpm, 64));
    put(o, FLIGHT_NAV_ALTITUDE_MCP,
        descending ? rounded(fmin(to_ft + 3000, cruise_ft), 100) : cruise_ft);
}

static void put_squawk(struct observation *o, const struct sim_world *w,
                       const struct sim_aircraft *a, const struct moment *m)
{
    const struct emergency *e = emergency_of(w, a, o->now_ms);

    if (!e) {
        put(o, FLIGHT_SQUAWK, sim_plan_squawk(a, m->flight));
        put(o, FLIGHT_EMERGENCY, FLIGHT_EMERGENCY_NONE);
    } else {
        put(o, FLIGHT_SQUAWK, e->radio_failure ? 7600 : 7700);
        put(o, FLIGHT_EMERGENCY,
            e->radio_failure ? FLIGHT_EMERGENCY_NORDO : FLIGHT_EMERGENCY_GENERAL);
    }
}

/* Quality of position and signal, which wander slowly. */
static void put_reception(struct observation *o, const struct sim_aircraft *a,
                          const struct moment *m)
{
    static const struct {
        uint8_t nic, nac_p;
        uint16_t rc_m;
    } quality[] = {{8, 9, 186}, {8, 10, 186}, {9, 10, 75}, {8, 9, 186}, {7, 8, 371}};
    uint64_t minute = (uint64_t)o->now_ms / 60000;
    uint32_t q = sim_below(sim_hash(a->icao, minute), ARRAY_LEN(quality));
    double heard_per_s = 3 + a->icao % 8;
    double rssi = -6 - sim_uniform(sim_hash(~a->icao, (uint64_t)o->now_ms / 4000)) * 4 -
                  a->icao % 23;

    put(o, FLIGHT_NIC, quality[q].nic);
    put(o, FLIGHT_RC, quality[q].rc_m);
    put(o, FLIGHT_NAC_P, quality[q].nac_p);
    put(o, FLIGHT_SIL, 3);
    put(o, FLIGHT_MESSAGES, 1 + floor(m->t_s * heard_per_s));
    put(o, FLIGHT_RSSI, rssi * 10);
}

void sim_world_observe(struct sim_world *w, uint32_t index, int64_t now_ms,
                       struct observation *ret_observation)
{
    assert(index < w->config.aircraft && now_ms >= 0);
    draw_emergencies(w, now_ms);
    const struct sim_aircraft *a = &w->aircraft[index];
    struct moment m = moment_of(w, index, now_ms);
    struct sim_place place = place_of(w, a, &m);
    struct observation *o = ret_observation;

    memset(o, 0, sizeof *o);
    o->icao = a->icao;
    o->now_ms = o->heard_at_ms = o->pos_at_ms = now_ms;
    put(o, FLIGHT_LAT, place.at.lat_deg * GEO_E5);
    put(o, FLIGHT_LON, place.at.lon_deg * GEO_E5);
    put(o, FLIGHT_GS, m.state.speed_kt * 10);
    if (m.state.speed_kt >= 0.5)
        put(o, FLIGHT_TRACK, fmod(round(place.track_deg * 10), 3600));
    put_height(o, w, a, &m);
    put_squawk(o, w, a, &m);
    put_identity(o, a, &m);
    put_reception(o, a, &m);
}
