/* Where aircraft were: samples by the clock, of the right aircraft, bounded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "app/flight_tails.h"

static void put(struct flight_table *table, uint32_t icao, int32_t lon_e5)
{
    struct observation obs = {.icao = icao, .now_ms = 1, .heard_at_ms = 1};
    obs.present = FLIGHT_BIT(FLIGHT_LAT) | FLIGHT_BIT(FLIGHT_LON);
    obs.pos_at_ms = 1;
    obs.v.num[FLIGHT_LAT] = 4700000;
    obs.v.num[FLIGHT_LON] = lon_e5;
    flight_table_put(table, &obs, true, 1);
}

static void a_sample_at_its_time(void **state)
{
    (void)state;
    struct flight_table *table = flight_table_new();
    struct flight_tails tails = {0};
    struct geo_point places[FLIGHT_TAILS_POINTS];
    for (int i = 0; i < 20; i++) { /* every second a little further east */
        put(table, 0x4b1814, 800000 + i * 100);
        flight_tails_sample(&tails, table, 1000 + i * 1000);
    }
    const struct flight *f = flight_table_find(table, 0x4b1814);
    assert_int_equal(flight_tails_of(&tails, f, places), 3); /* at 0, 8 and 16 s */
    assert_true(places[0].lon_deg < places[1].lon_deg);
    assert_int_equal(geo_to_e5(places[2].lon_deg), 801600);
    flight_tails_release(&tails);
    flight_table_free(table);
}

static void the_last_ones_stay(void **state)
{
    (void)state;
    struct flight_table *table = flight_table_new();
    struct flight_tails tails = {0};
    struct geo_point places[FLIGHT_TAILS_POINTS];
    for (int i = 0; i < 30; i++) {
        put(table, 0x4b1814, 800000 + i * 100);
        flight_tails_sample(&tails, table, 1 + (int64_t)i * FLIGHT_TAILS_STEP_MS);
    }
    const struct flight *f = flight_table_find(table, 0x4b1814);
    assert_int_equal(flight_tails_of(&tails, f, places), FLIGHT_TAILS_POINTS);
    assert_int_equal(geo_to_e5(places[FLIGHT_TAILS_POINTS - 1].lon_deg), 802900);
    flight_tails_release(&tails);
    flight_table_free(table);
}

/* Standing still adds nothing; a jump, another aircraft, another table begin anew. */
static void what_is_not_a_way(void **state)
{
    (void)state;
    struct flight_table *table = flight_table_new();
    struct flight_table *past = flight_table_new();
    struct flight_tails tails = {0};
    struct geo_point places[FLIGHT_TAILS_POINTS];
    int64_t now_ms = 1;
    put(table, 0x4b1814, 800000);
    for (int i = 0; i < 3; i++, now_ms += FLIGHT_TAILS_STEP_MS)
        flight_tails_sample(&tails, table, now_ms);
    const struct flight *f = flight_table_find(table, 0x4b1814);
    assert_int_equal(flight_tails_of(&tails, f, places), 1);
    put(table, 0x4b1814, 5000000);
    flight_tails_sample(&tails, table, now_ms);
    f = flight_table_find(table, 0x4b1814);
    assert_int_equal(flight_tails_of(&tails, f, places), 1);
    assert_int_equal(geo_to_e5(places[0].lon_deg), 5000000);
    put(past, 0x400a2b, 100000);
    flight_tails_sample(&tails, past, now_ms + 1);
    assert_int_equal(flight_tails_of(&tails, f, places), 0);
    f = flight_table_find(past, 0x400a2b);
    assert_int_equal(flight_tails_of(&tails, f, places), 1);
    flight_tails_release(&tails);
    flight_table_free(table);
    flight_table_free(past);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sample_at_its_time),
        cmocka_unit_test(the_last_ones_stay),
        cmocka_unit_test(what_is_not_a_way),
    };
    return cmocka_run_group_tests_name("flight_tails", tests, NULL, NULL);
}
