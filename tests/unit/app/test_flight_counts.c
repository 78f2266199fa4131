/* Counts of an overview, from a handful of flights. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "app/flight_counts.h"
#include "base/macros.h"
#include "flight/flight_fields.h"

#define NOW_MS INT64_C(1767268800000)

struct row {
    uint32_t icao;
    const char *callsign, *type, *src;
    int32_t altitude_ft, rate_fpm, squawk;
    int age_s;
};

static const struct row rows[] = {
    {0x4b1814, "SWR14A", "B77W", "roof", 23400, 2100, 1000, 1},
    {0x4b1815, "SWR15", "A320", "roof", 36000, 0, 1000, 2},
    {0x3c6752, "DLH4TN", "A320", "opensky", 41000, 0, 2167, 40},
    {0x400a2b, "BAW256", "A35K", "roof", 4000, -1800, 7700, 0},
    {0x3c0001, "DLH1", "A320", "roof", FLIGHT_ALT_GROUND, 0, 7600, 20},
};

static void set_text(struct observation *obs, enum flight_field field, const char *text)
{
    obs->present |= FLIGHT_BIT(field);
    flight_values_set_text(&obs->v, field, text, strlen(text));
}

static void set_number(struct observation *obs, enum flight_field field, int32_t v)
{
    obs->present |= FLIGHT_BIT(field);
    obs->v.num[field] = v;
}

static struct flight_counts count(void)
{
    struct flight_table *table = flight_table_new();
    const struct flight_view_context context = {.now_ms = NOW_MS};
    struct flight_counts counts;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int64_t at_ms = NOW_MS - rows[i].age_s * 1000;
        struct observation obs = {
            .icao = rows[i].icao, .now_ms = at_ms, .heard_at_ms = at_ms};
        set_text(&obs, FLIGHT_CALLSIGN, rows[i].callsign);
        set_text(&obs, FLIGHT_TYPE_CODE, rows[i].type);
        set_text(&obs, FLIGHT_SRC, rows[i].src);
        set_number(&obs, FLIGHT_ALT_BARO, rows[i].altitude_ft);
        set_number(&obs, FLIGHT_BARO_RATE, rows[i].rate_fpm);
        set_number(&obs, FLIGHT_SQUAWK, rows[i].squawk);
        flight_table_put(table, &obs, true, 1);
    }
    flight_counts_take(&counts, table, &context);
    flight_table_free(table);
    return counts;
}

static void phases_and_bands(void **state)
{
    (void)state;
    const struct flight_counts c = count();
    assert_int_equal(c.total, 5);
    assert_int_equal(c.positioned, 0);
    assert_int_equal(c.climbing, 1);
    assert_int_equal(c.level, 2);
    assert_int_equal(c.descending, 1);
    assert_int_equal(c.ground, 1);
    assert_int_equal(c.stale, 2);
    const unsigned bands[COUNTS_BANDS] = {1, 0, 1, 1, 1};
    assert_memory_equal(c.bands, bands, sizeof bands);
}

static void the_busiest_come_first(void **state)
{
    (void)state;
    const struct flight_counts c = count();
    assert_string_equal(c.types[0].name, "A320");
    assert_int_equal(c.types[0].count, 3);
    assert_string_equal(c.countries[0].name, "CH"); /* as many as DE: by name */
    assert_int_equal(c.countries[0].count, 2);
    assert_string_equal(c.countries[1].name, "DE");
    assert_string_equal(c.countries[2].name, "GB");
    assert_string_equal(c.countries[3].name, "");
}

static void sources_know_their_age(void **state)
{
    (void)state;
    const struct flight_counts c = count();
    assert_string_equal(c.sources[0].name, "roof");
    assert_int_equal(c.sources[0].count, 4);
    assert_true(c.sources[0].newest_ms == NOW_MS);
    assert_string_equal(c.sources[1].name, "opensky");
    assert_true(c.sources[1].newest_ms == NOW_MS - 40000);
}

static void emergencies_in_order_of_address(void **state)
{
    (void)state;
    const struct flight_counts c = count();
    assert_int_equal(c.urgent[0], 0x3c0001);
    assert_int_equal(c.urgent[1], 0x400a2b);
    assert_int_equal(c.urgent[2], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(phases_and_bands),
        cmocka_unit_test(the_busiest_come_first),
        cmocka_unit_test(sources_know_their_age),
        cmocka_unit_test(emergencies_in_order_of_address),
    };
    return cmocka_run_group_tests_name("flight_counts", tests, NULL, NULL);
}
