#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "flight/flight.h"
#include "flight/flight_names.h"
#include "tracker/emergencies.h"

enum { T0 = 1000000 };

struct told {
    int count;
    uint32_t icao;
    char json[512];
};

static void take(void *data, uint32_t icao, const char *json, size_t len)
{
    struct told *told = data;
    told->count++;
    told->icao = icao;
    snprintf(told->json, sizeof told->json, "%.*s", (int)len, json);
}

/* The aircraft 4b1814 "SWR123" with a squawk, as heard at a time. */
static struct flight squawking(int squawk, int64_t at_ms)
{
    struct flight f = {.icao = 0x4b1814, .now_ms = at_ms};
    f.known = FLIGHT_BIT(FLIGHT_SQUAWK) | FLIGHT_BIT(FLIGHT_CALLSIGN);
    f.v.num[FLIGHT_SQUAWK] = squawk;
    snprintf(f.v.callsign, sizeof f.v.callsign, "SWR123");
    return f;
}

static void hear(struct emergencies *e, int squawk, int64_t at_ms)
{
    struct flight f = squawking(squawk, at_ms);
    emergencies_look(e, &f);
    emergencies_step(e, at_ms);
}

static void an_emergency_is_told_when_it_lasts_and_when_it_ends(void **state)
{
    (void)state;
    struct told told = {.count = 0};
    struct emergencies *e = emergencies_new(take, &told);
    hear(e, 7700, T0);
    hear(e, 7700, T0 + 1000);
    assert_int_equal(told.count, 0);
    hear(e, 7700, T0 + EMERGENCY_BEGIN_MS);
    assert_int_equal(told.count, 1);
    assert_string_equal(told.json,
                        "{\"kind\":\"emergency\",\"severity\":\"critical\","
                        "\"since\":1000,\"icao24\":\"4b1814\",\"squawk\":\"7700\","
                        "\"text\":\"SWR123 squawks 7700 (general emergency)\"}");
    hear(e, 7700, T0 + 60000);
    assert_int_equal(told.count, 1);
    hear(e, 1000, T0 + 61000);
    emergencies_step(e, T0 + 61000 + EMERGENCY_END_MS - 1);
    assert_int_equal(told.count, 1);
    emergencies_step(e, T0 + 61000 + EMERGENCY_END_MS);
    assert_int_equal(told.count, 2);
    assert_non_null(strstr(told.json, "\"since\":1000,\"until\":1061,"));
    assert_int_equal(emergencies_active(e), 0);
    emergencies_free(e);
}

static void a_code_that_passes_by_is_none(void **state)
{
    (void)state;
    struct told told = {.count = 0};
    struct emergencies *e = emergencies_new(take, &told);
    hear(e, 7500, T0);
    hear(e, 7501, T0 + 2000);
    emergencies_step(e, T0 + 60000);
    assert_int_equal(told.count, 0);
    emergencies_free(e);
}

static void a_gap_does_not_end_it(void **state)
{
    (void)state;
    struct told told = {.count = 0};
    struct emergencies *e = emergencies_new(take, &told);
    hear(e, 7600, T0);
    hear(e, 7600, T0 + 4000);
    hear(e, 1000, T0 + 5000);
    hear(e, 7600, T0 + 9000);
    emergencies_step(e, T0 + 60000);
    assert_int_equal(told.count, 1);
    hear(e, 7700, T0 + 61000); /* worse: an update of the same alert */
    assert_int_equal(told.count, 2);
    assert_non_null(strstr(told.json, "\"since\":1000,\"icao24\""));
    assert_non_null(strstr(told.json, "7700"));
    emergencies_free(e);
}

static void the_emergency_field_counts_too(void **state)
{
    (void)state;
    struct told told = {.count = 0};
    struct emergencies *e = emergencies_new(take, &told);
    struct flight f = {.icao = 0x4b1814 | FLIGHT_NON_ICAO, .now_ms = T0};
    f.known = FLIGHT_BIT(FLIGHT_EMERGENCY);
    f.v.num[FLIGHT_EMERGENCY] = FLIGHT_EMERGENCY_MINFUEL;
    emergencies_look(e, &f);
    emergencies_step(e, T0 + EMERGENCY_BEGIN_MS);
    assert_string_equal(told.json, "{\"kind\":\"emergency\",\"severity\":\"warning\","
                                   "\"since\":1000,\"icao24\":\"~4b1814\","
                                   "\"text\":\"~4b1814 reports minimum fuel\"}");
    emergencies_free(e);
}

static void an_aircraft_that_is_gone_ends_it(void **state)
{
    (void)state;
    struct told told = {.count = 0};
    struct emergencies *e = emergencies_new(take, &told);
    hear(e, 7700, T0);
    hear(e, 7700, T0 + 5000);
    emergencies_gone(e, 0x4b1814, T0 + 5000);
    emergencies_step(e, T0 + 5001);
    assert_int_equal(told.count, 2);
    assert_non_null(strstr(told.json, "\"until\":1005,"));
    assert_non_null(strstr(told.json, "no longer heard"));
    emergencies_free(e);
}

static enum emergency_fate stays(void *data, uint32_t icao)
{
    (void)data;
    return icao == 0x4b1814 ? EMERGENCY_STAYS : EMERGENCY_IS_FOREIGN;
}

static void another_trackers_alert_is_taken_over_with_its_beginning(void **state)
{
    (void)state;
    static const char *const before[] = {
        "{\"kind\":\"emergency\",\"severity\":\"critical\",\"since\":900.5,"
        "\"icao24\":\"4b1814\",\"squawk\":\"7700\",\"text\":\"x\"}",
        "{\"kind\":\"emergency\",\"severity\":\"critical\",\"since\":800,"
        "\"icao24\":\"aaaaaa\",\"squawk\":\"7700\",\"text\":\"x\"}",
        "{\"kind\":\"emergency\",\"severity\":\"critical\",\"since\":1,"
        "\"icao24\":\"bbbbbb\",\"squawk\":\"7700\",\"text\":\"x\"}",
        "{\"kind\":\"emergency\",\"severity\":\"critical\",\"since\":1,\"until\":2,"
        "\"icao24\":\"bbbbbb\",\"squawk\":\"7700\",\"text\":\"x\"}",
        "not json",
        "[]",
        "{\"kind\":\"emergency\",\"icao24\":7}",
    };
    struct told told = {.count = 0};
    struct emergencies *e = emergencies_new(take, &told);
    for (size_t i = 0; i < sizeof before / sizeof before[0]; i++)
        emergencies_restore(e, before[i], strlen(before[i]));
    assert_int_equal(emergencies_active(e), 2);
    emergencies_sort_out(e, T0, stays, NULL);
    assert_int_equal(emergencies_active(e), 1);
    hear(e, 7700, T0);
    assert_int_equal(told.count, 0); /* it was told */
    hear(e, 1000, T0 + 1000);
    emergencies_step(e, T0 + 1000 + EMERGENCY_END_MS);
    assert_int_equal(told.count, 1);
    assert_non_null(strstr(told.json, "\"since\":900.5,\"until\":1001,"));
    emergencies_free(e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_emergency_is_told_when_it_lasts_and_when_it_ends),
        cmocka_unit_test(a_code_that_passes_by_is_none),
        cmocka_unit_test(a_gap_does_not_end_it),
        cmocka_unit_test(the_emergency_field_counts_too),
        cmocka_unit_test(an_aircraft_that_is_gone_ends_it),
        cmocka_unit_test(another_trackers_alert_is_taken_over_with_its_beginning),
    };
    return cmocka_run_group_tests_name("emergencies", tests, NULL, NULL);
}
