#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "flight/airport.h"
#include "flight/country.h"
#include "flight/flight_fields.h"
#include "flight/flight_names.h"
#include "flight/geo.h"
#include "flight/operator.h"
#include "sources/sim_fleet.h"
#include "sources/sim_world.h"

#define NOON     INT64_C(1753012800000) /* 2025-07-20 12:00 UTC */
#define MINUTE   INT64_C(60000)
#define AIRCRAFT 400u

static struct sim_world *world(uint32_t aircraft, uint64_t seed, uint32_t emergencies)
{
    struct sim_config config = {aircraft, seed, emergencies};

    return sim_world_new(&config);
}

static struct observation observed(struct sim_world *w, uint32_t index, int64_t now_ms)
{
    struct observation o;

    sim_world_observe(w, index, now_ms, &o);
    return o;
}

static bool on_ground(const struct observation *o)
{
    return o->v.num[FLIGHT_ALT_BARO] == FLIGHT_ALT_GROUND;
}

static struct geo_point position(const struct observation *o)
{
    return (struct geo_point){o->v.num[FLIGHT_LAT] / 1e5, o->v.num[FLIGHT_LON] / 1e5};
}

/* Once second by second, once backwards, once from another world of that seed. */
static void the_same_question_has_the_same_answer(void **state)
{
    (void)state;
    struct sim_world *a = world(50, 7, 3), *b = world(50, 7, 3);
    const int minutes = 120;

    for (int64_t t = 0; t < minutes; t++)
        (void)observed(a, 0, NOON + t * MINUTE);
    for (int64_t t = minutes; t-- > 0;) {
        for (uint32_t i = 0; i < 50; i++) {
            struct observation x = observed(a, i, NOON + t * MINUTE);
            struct observation y = observed(b, i, NOON + (minutes - 1 - t) * MINUTE);
            struct observation z = observed(b, i, NOON + t * MINUTE);

            assert_memory_equal(&x, &z, sizeof x);
            assert_int_equal(x.icao, y.icao);
        }
    }
    sim_world_free(a);
    sim_world_free(b);
}

static void another_seed_is_another_world(void **state)
{
    (void)state;
    struct sim_world *a = world(50, 1, 0), *b = world(50, 2, 0);
    int same = 0;

    for (uint32_t i = 0; i < 50; i++) {
        struct observation x = observed(a, i, NOON), y = observed(b, i, NOON);

        same += x.v.num[FLIGHT_LAT] == y.v.num[FLIGHT_LAT];
    }
    assert_in_range(same, 0, 3);
    sim_world_free(a);
    sim_world_free(b);
}

/* Every field within what flight_fields.def accepts, and what must be there is. */
static void records_are_valid(void **state)
{
    (void)state;
    struct sim_world *w = world(AIRCRAFT, 3, 4);

    for (uint32_t i = 0; i < AIRCRAFT; i++) {
        struct observation o = observed(w, i, NOON + 97 * MINUTE * i);

        for (int f = 0; f < FLIGHT_NUM_COUNT; f++) {
            if (!(o.present & FLIGHT_BIT(f)) || (f == FLIGHT_ALT_BARO && on_ground(&o)))
                continue;
            assert_true(o.v.num[f] >= flight_field_info[f].min);
            assert_true(o.v.num[f] <= flight_field_info[f].max);
        }
        assert_int_equal(o.present & FLIGHT_POSITION_FIELDS, FLIGHT_POSITION_FIELDS);
        assert_in_range(strlen(o.v.callsign), 4, 8);
        assert_in_range(strlen(o.v.registration), 4, 9);
        assert_in_range(strlen(o.v.type_code), 3, 4);
        assert_int_equal(o.cleared, 0);
    }
    sim_world_free(w);
}

struct step {
    const struct observation *a, *b; /* one second apart */
    double nm, gs_kt;
};

static void assert_within(const struct step *s, const char *what, double off,
                          double limit)
{
    if (!(fabs(off) <= limit)) {
        fail_msg("%06x %s at %lld: %s off by %g, limit %g (%.1f kt)", s->a->icao,
                 s->a->v.type_code, (long long)s->a->now_ms, what, off, limit,
                 s->gs_kt);
    }
}

static double change(const struct step *s, enum flight_field field)
{
    return (double)s->b->v.num[field] - s->a->v.num[field];
}

static void check_step(const struct step *s)
{
    double expected_nm = s->gs_kt / 3600;
    uint64_t track = FLIGHT_BIT(FLIGHT_TRACK);

    /* coordinates are rounded to about a metre, the plane near airports is flat */
    assert_within(s, "distance", s->nm - expected_nm, 0.002 + expected_nm * 0.02);
    assert_within(s, "speed", change(s, FLIGHT_GS) / 10, 7);
    if ((s->a->present & s->b->present & track) && !on_ground(s->a))
        assert_within(s, "track", remainder(change(s, FLIGHT_TRACK) / 10, 360), 5);
    if (on_ground(s->a) || on_ground(s->b))
        return;
    double rate_fpm =
        (s->a->v.num[FLIGHT_BARO_RATE] + s->b->v.num[FLIGHT_BARO_RATE]) / 2.0;

    /* heights come in steps of 25 ft */
    assert_within(s, "height", change(s, FLIGHT_ALT_BARO) - rate_fpm / 60, 30);
    assert_within(s, "vertical rate", rate_fpm, 4500);
}

/* Distances fit speeds and heights fit rates, second by second, whole legs long. */
static void nothing_jumps(void **state)
{
    (void)state;
    struct sim_world *w = world(40, 11, 2);

    for (uint32_t i = 0; i < 40; i++) {
        struct observation a = observed(w, i, NOON);

        for (int t = 1; t <= 4 * 3600; t++) {
            struct observation b = observed(w, i, NOON + t * INT64_C(1000));
            struct step step = {&a, &b, geo_distance_nm(position(&a), position(&b)),
                                ((double)a.v.num[FLIGHT_GS] + b.v.num[FLIGHT_GS]) / 20};

            check_step(&step);
            a = b;
        }
    }
    sim_world_free(w);
}

/* What one aircraft did in a day. */
struct log {
    unsigned landings, take_offs, level_s, slow_and_low;
    int32_t highest_ft;
    double farthest_from_airport_on_ground_nm;
};

static struct log follow(struct sim_world *w, uint32_t index)
{
    struct log log = {0};
    bool was_down = true;

    for (int t = 0; t < 24 * 360; t++) {
        struct observation o = observed(w, index, NOON + t * INT64_C(10000));
        bool down = on_ground(&o);
        int32_t alt_ft = down ? 0 : o.v.num[FLIGHT_ALT_BARO];

        log.take_offs += was_down && !down;
        log.landings += !was_down && down && t > 0;
        was_down = down;
        log.highest_ft = MAX_OF(log.highest_ft, alt_ft);
        log.level_s += !down && o.v.num[FLIGHT_BARO_RATE] == 0 ? 10 : 0;
        log.slow_and_low += !down && alt_ft < 10000 && o.v.num[FLIGHT_GS] > 3100;
        double nm = HUGE_VAL;

        if (down && t % 36 == 0) {
            (void)airport_nearest(position(&o), &nm);
            log.farthest_from_airport_on_ground_nm =
                fmax(log.farthest_from_airport_on_ground_nm, nm);
        }
    }
    return log;
}

static void aircraft_fly_from_airport_to_airport(void **state)
{
    (void)state;
    struct sim_world *w = world(60, 5, 0);

    for (uint32_t i = 0; i < 60; i++) {
        struct log log = follow(w, i);

        assert_in_range(log.take_offs, 1, 60);
        assert_in_range(log.landings + 1 - log.take_offs, 0, 2);
        assert_true(log.farthest_from_airport_on_ground_nm < 2);
        assert_in_range(log.highest_ft, 700, 47000);
        assert_in_range(log.level_s, 60, 86400);
        assert_int_equal(log.slow_and_low, 0); /* 250 kt indicated below 10,000 ft */
    }
    sim_world_free(w);
}

static bool is_octal(int squawk)
{
    for (; squawk > 0; squawk /= 10) {
        if (squawk % 10 > 7)
            return false;
    }
    return true;
}

static void squawks_are_octal_and_never_an_emergency_by_chance(void **state)
{
    (void)state;
    struct sim_world *w = world(AIRCRAFT, 9, 0);

    for (uint32_t i = 0; i < AIRCRAFT; i++) {
        for (int64_t hour = 0; hour < 48; hour++) {
            struct observation o = observed(w, i, NOON + hour * 60 * MINUTE);
            int32_t squawk = o.v.num[FLIGHT_SQUAWK];

            assert_in_range(squawk, 1, 7776);
            assert_true(is_octal(squawk));
            assert_true(squawk != 7500 && squawk != 7600 && squawk != 7700);
            assert_int_equal(o.v.num[FLIGHT_EMERGENCY], FLIGHT_EMERGENCY_NONE);
        }
    }
    sim_world_free(w);
}

static unsigned count_emergencies(struct sim_world *w, int64_t now_ms)
{
    unsigned count = 0;

    for (uint32_t i = 0; i < sim_world_count(w); i++) {
        struct observation o = observed(w, i, now_ms);
        int32_t kind = o.v.num[FLIGHT_EMERGENCY];

        if (kind == FLIGHT_EMERGENCY_NONE)
            continue;
        assert_int_equal(o.v.num[FLIGHT_SQUAWK],
                         kind == FLIGHT_EMERGENCY_NORDO ? 7600 : 7700);
        assert_false(on_ground(&o));
        count++;
    }
    return count;
}

static void emergencies_begin_and_end(void **state)
{
    (void)state;
    struct sim_world *w = world(AIRCRAFT, 13, 3);
    unsigned most = 0, none = 0, sum = 0;
    bool ever[AIRCRAFT] = {false};

    for (int64_t t = 0; t < 240; t++) {
        unsigned now = count_emergencies(w, NOON + t * MINUTE);

        most = MAX_OF(most, now);
        none += now == 0;
        sum += now;
        for (uint32_t i = 0; i < AIRCRAFT; i++) {
            struct observation o = observed(w, i, NOON + t * MINUTE);

            ever[i] |= o.v.num[FLIGHT_EMERGENCY] != FLIGHT_EMERGENCY_NONE;
        }
    }
    unsigned different = 0;

    for (uint32_t i = 0; i < AIRCRAFT; i++)
        different += ever[i];
    assert_int_equal(most, 3);
    assert_in_range(none, 0, 60);
    assert_in_range(sum, 240, 720);
    assert_in_range(different, 20, 60); /* 3 at a time for 16 quarters of an hour */
    sim_world_free(w);
}

static int by_value(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return x < y ? -1 : x > y;
}

static void addresses_belong_to_the_country_of_the_registration(void **state)
{
    (void)state;
    static const struct {
        const char *country, *prefix;
    } marks[] = {{"US", "N"},   {"DE", "D-"},  {"GB", "G-"}, {"FR", "F-"},
                 {"CH", "HB-"}, {"CN", "B-"},  {"JP", "JA"}, {"CA", "C-"},
                 {"TR", "TC-"}, {"BR", "PR-"}, {"IN", "VT-"}};
    struct sim_world *w = world(AIRCRAFT, 17, 0);
    unsigned checked = 0;

    for (uint32_t i = 0; i < AIRCRAFT; i++) {
        struct observation o = observed(w, i, NOON);
        const char *country = country_of_icao24(o.icao);

        assert_non_null(country);
        assert_false(icao24_is_military(o.icao));
        for (size_t k = 0; k < ARRAY_LEN(marks); k++) {
            if (strcmp(country, marks[k].country) != 0)
                continue;
            assert_memory_equal(o.v.registration, marks[k].prefix,
                                strlen(marks[k].prefix));
            checked++;
        }
    }
    assert_in_range(checked, AIRCRAFT / 3, AIRCRAFT);
    sim_world_free(w);
}

static void callsigns_name_an_operator_of_that_country(void **state)
{
    (void)state;
    struct sim_world *w = world(AIRCRAFT, 19, 0);
    unsigned airline = 0;

    for (uint32_t i = 0; i < AIRCRAFT; i++) {
        struct observation o = observed(w, i, NOON);
        const struct flight_operator *operator= operator_of_callsign(o.v.callsign);

        if (!operator) { /* then it is the registration */
            assert_int_equal(o.v.callsign[0], o.v.registration[0]);
            continue;
        }
        airline++;
        assert_string_equal(operator->country, country_of_icao24(o.icao));
    }
    assert_in_range(airline, AIRCRAFT * 8 / 10, AIRCRAFT * 98 / 100);
    sim_world_free(w);
}

static void no_two_aircraft_share_an_address(void **state)
{
    (void)state;
    struct sim_world *w = world(SIM_AIRCRAFT_MAX, 1, 0);
    uint32_t *addresses = calloc(SIM_AIRCRAFT_MAX, sizeof *addresses);

    assert_non_null(addresses);
    for (uint32_t i = 0; i < SIM_AIRCRAFT_MAX; i++)
        addresses[i] = observed(w, i, NOON).icao;
    qsort(addresses, SIM_AIRCRAFT_MAX, sizeof *addresses, by_value);
    for (uint32_t i = 1; i < SIM_AIRCRAFT_MAX; i++)
        assert_true(addresses[i - 1] != addresses[i]);
    free(addresses);
    sim_world_free(w);
}

/* Shares of the world's traffic, roughly as a map of it looks at any hour. */
static void the_busy_regions_are_busy(void **state)
{
    (void)state;
    static const struct geo_box europe = {-11, 35, 32, 66},
                                america = {-130, 22, -62, 54}, asia = {98, 18, 146, 46};
    struct sim_world *w = world(4000, 23, 0);
    unsigned in[3] = {0}, airborne = 0;

    for (uint32_t i = 0; i < 4000; i++) {
        struct observation o = observed(w, i, NOON);

        airborne += !on_ground(&o);
        in[0] += geo_box_contains(&europe, position(&o));
        in[1] += geo_box_contains(&america, position(&o));
        in[2] += geo_box_contains(&asia, position(&o));
    }
    assert_in_range(in[0], 600, 1600);
    assert_in_range(in[1], 800, 1800);
    assert_in_range(in[2], 350, 1200);
    assert_in_range(airborne, 2600, 3800);
    sim_world_free(w);
}

/* The tables of the fleet name only what exists. */
static void the_fleet_is_sound(void **state)
{
    (void)state;

    for (size_t i = 0; i < sim_operator_count(); i++) {
        const struct sim_operator *o = sim_operator_at(i);
        char mark[SIM_REGISTRATION_SIZE];
        char code[5] = "";

        assert_true(!*o->icao || operator_by_icao(o->icao));
        assert_true(sim_register_of(o->registry) < sim_register_count());
        sim_registration(sim_register_of(o->registry), 12345, mark);
        assert_in_range(strlen(mark), 5, SIM_REGISTRATION_SIZE - 1);
        for (const char *hub = o->hubs; *hub; hub += hub[4] ? 5 : 4) {
            memcpy(code, hub, 4);
            assert_non_null(airport_by_icao(code));
        }
        for (const char *t = o->types; *t; t += strspn(t, " ")) {
            assert_non_null(sim_type_by_code(t, strcspn(t, " ")));
            t += strcspn(t, " ");
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_question_has_the_same_answer),
        cmocka_unit_test(another_seed_is_another_world),
        cmocka_unit_test(records_are_valid),
        cmocka_unit_test(nothing_jumps),
        cmocka_unit_test(aircraft_fly_from_airport_to_airport),
        cmocka_unit_test(squawks_are_octal_and_never_an_emergency_by_chance),
        cmocka_unit_test(emergencies_begin_and_end),
        cmocka_unit_test(addresses_belong_to_the_country_of_the_registration),
        cmocka_unit_test(callsigns_name_an_operator_of_that_country),
        cmocka_unit_test(no_two_aircraft_share_an_address),
        cmocka_unit_test(the_busy_regions_are_busy),
        cmocka_unit_test(the_fleet_is_sound),
    };

    return cmocka_run_group_tests_name("sim_world", tests, NULL, NULL);
}
