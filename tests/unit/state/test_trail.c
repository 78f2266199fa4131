#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "flight/flight.h"
#include "state/trail.h"

#define START_MS INT64_C(1700000000000)
enum { POINTS = 4096 };

static struct trail_point points[POINTS];

/* An aircraft straight east at constant height, `second` seconds after START_MS. */
static struct flight at_second(uint32_t slot, int second)
{
    struct flight f = {.icao = 0x4b0000 + slot, .slot = slot};
    f.known = FLIGHT_BIT(FLIGHT_LAT) | FLIGHT_BIT(FLIGHT_LON) |
              FLIGHT_BIT(FLIGHT_ALT_BARO) | FLIGHT_BIT(FLIGHT_TRACK);
    f.pos_at_ms = START_MS + 1000 * (int64_t)second;
    f.v.num[FLIGHT_LAT] = 4700000;
    f.v.num[FLIGHT_LON] = 800000 + second * 100;
    f.v.num[FLIGHT_ALT_BARO] = 35000;
    f.v.num[FLIGHT_TRACK] = 900;
    return f;
}

static void straight_flight_takes_few_points(void **state)
{
    (void)state;
    struct trail_store *store = trail_store_new(100);
    struct flight f;
    for (int s = 0; s <= 300; s++) {
        f = at_second(1, s);
        trail_store_note(store, &f, 1);
    }
    assert_int_equal(trail_store_points(store), 300000 / TRAIL_STRAIGHT_MS + 1);
    size_t n = trail_store_read(store, &f, START_MS + 100000, points, POINTS);
    assert_true(n > 10 && n < 20);
    assert_true(points[0].at_ms >= START_MS + 100000);
    assert_int_equal(points[n - 1].at_ms, f.pos_at_ms); /* the newest is always there */
    assert_int_equal(points[n - 1].lon, f.v.num[FLIGHT_LON]);
    assert_int_equal(points[n - 1].alt_ft, 35000);
    trail_store_free(store);
}

static void turns_take_more(void **state)
{
    (void)state;
    struct trail_store *store = trail_store_new(100);
    for (int s = 0; s <= 60; s++) {
        struct flight f = at_second(1, s);
        f.v.num[FLIGHT_TRACK] = s * 30 % 3600;
        trail_store_note(store, &f, 1);
    }
    assert_true(trail_store_points(store) >= 60000 / TRAIL_TURN_MS);
    trail_store_free(store);
}

static void memory_has_a_ceiling_and_the_oldest_points_go(void **state)
{
    (void)state;
    enum { CHUNKS = 10 };
    struct trail_store *store = trail_store_new(CHUNKS);
    struct flight f;
    for (int s = 0; s < 20000; s += 15)
        for (uint32_t slot = 1; slot <= 3; slot++) {
            f = at_second(slot, s);
            trail_store_note(store, &f, 3);
        }
    assert_true(trail_store_points(store) <= (size_t)CHUNKS * TRAIL_CHUNK_POINTS);
    size_t n = trail_store_read(store, &f, 0, points, POINTS);
    assert_true(n > TRAIL_CHUNK_POINTS);
    for (size_t i = 1; i < n; i++)
        assert_true(points[i].at_ms > points[i - 1].at_ms);
    trail_store_free(store);
}

static void another_aircraft_in_the_slot_begins_anew(void **state)
{
    (void)state;
    struct trail_store *store = trail_store_new(10);
    struct flight f;
    for (int s = 0; s < 600; s += 15) {
        f = at_second(1, s);
        trail_store_note(store, &f, 1);
    }
    struct flight other = at_second(1, 700);
    other.icao = 0x3c0001;
    trail_store_note(store, &other, 1);
    assert_int_equal(trail_store_read(store, &other, 0, points, POINTS), 1);
    trail_store_free(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(straight_flight_takes_few_points),
        cmocka_unit_test(turns_take_more),
        cmocka_unit_test(memory_has_a_ceiling_and_the_oldest_points_go),
        cmocka_unit_test(another_aircraft_in_the_slot_begins_anew),
    };
    return cmocka_run_group_tests_name("trail", tests, NULL, NULL);
}
