#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tracker/holdings.h"
#include "tracker/minute_counts.h"

enum { T0 = 10000000, EXPIRE_MS = 300000, ADSC_MS = 2100000, MINE = 2, OTHERS = 3 };

struct seen {
    int published;
    int heard;
    int gone;
    uint32_t last_icao;
    char counts[4][512];
    int dimensions;
};

static void on_publish(void *data, const struct flight *f)
{
    struct seen *seen = data;
    seen->published++;
    seen->last_icao = f->icao;
}

static void on_heard(void *data, const struct flight *f)
{
    struct seen *seen = data;
    (void)f;
    seen->heard++;
}

static void on_gone(void *data, uint32_t icao, int64_t heard_at_ms)
{
    struct seen *seen = data;
    (void)heard_at_ms;
    seen->gone++;
    seen->last_icao = icao;
}

static const struct holdings_events events = {
    .on_heard = on_heard, .on_publish = on_publish, .on_gone = on_gone};

static struct observation at_altitude(uint32_t icao, int64_t now_ms,
                                      int32_t altitude_ft)
{
    struct observation obs = {.icao = icao, .now_ms = now_ms, .heard_at_ms = now_ms};
    obs.present = FLIGHT_BIT(FLIGHT_ALT_BARO);
    obs.v.num[FLIGHT_ALT_BARO] = altitude_ft;
    return obs;
}

static void hear(struct holdings *h, uint32_t icao, int64_t now_ms, int32_t altitude_ft,
                 int32_t partition)
{
    struct observation obs = at_altitude(icao, now_ms, altitude_ft);
    holdings_apply(h, &obs, partition);
}

static void step(struct holdings *h, int64_t now_ms, bool all)
{
    holdings_step(h, now_ms, EXPIRE_MS, ADSC_MS, all);
}

static void what_changed_is_published_once_a_step(void **state)
{
    (void)state;
    struct seen seen = {.published = 0};
    struct holdings *h = holdings_new(&events, &seen);
    holdings_own(h, MINE);
    hear(h, 1, T0, 1000, MINE);
    hear(h, 1, T0 + 1, 1100, MINE);
    step(h, T0 + 1000, false);
    assert_int_equal(seen.published, 1);
    hear(h, 1, T0 + 1001, 1100, MINE);
    step(h, T0 + 2000, false);
    assert_int_equal(seen.published, 1); /* heard, nothing new */
    assert_int_equal(seen.heard, 2);
    step(h, T0 + 3000, true);
    assert_int_equal(seen.published, 2); /* everything again */
    holdings_free(h);
}

static void what_is_only_heard_is_published_now_and_then(void **state)
{
    (void)state;
    struct seen seen = {.published = 0};
    struct holdings *h = holdings_new(&events, &seen);
    holdings_own(h, MINE);
    for (int i = 0; i <= HOLDINGS_REFRESH_TICKS; i++) {
        hear(h, 1, T0 + i * 1000, 1000, MINE);
        step(h, T0 + i * 1000, false);
    }
    assert_int_equal(seen.published, 2);
    holdings_free(h);
}

static void others_aircraft_are_neither_published_nor_told_gone(void **state)
{
    (void)state;
    struct seen seen = {.published = 0};
    struct holdings *h = holdings_new(&events, &seen);
    holdings_own(h, MINE);
    hear(h, 1, T0, 1000, MINE);
    hear(h, 2, T0, 1000, OTHERS);
    assert_true(holdings_has(h, 1));
    assert_false(holdings_has(h, 2));
    step(h, T0, false);
    assert_int_equal(seen.published, 1);
    step(h, T0 + EXPIRE_MS + 1000, false);
    assert_int_equal(seen.gone, 1);
    assert_int_equal(seen.last_icao, 1);
    holdings_free(h);
}

static void a_partition_that_goes_takes_its_aircraft_along(void **state)
{
    (void)state;
    struct seen seen = {.published = 0};
    struct holdings *h = holdings_new(&events, &seen);
    holdings_own(h, MINE);
    hear(h, 1, T0, 1000, MINE);
    step(h, T0, false);
    holdings_disown(h, MINE);
    assert_false(holdings_has(h, 1));
    step(h, T0 + EXPIRE_MS + 1000, false);
    assert_int_equal(seen.gone, 0);
    assert_int_equal(holdings_visit(h, NULL, NULL), 0);
    holdings_free(h);
}

static void a_slot_used_again_is_published_again(void **state)
{
    (void)state;
    struct seen seen = {.published = 0};
    struct holdings *h = holdings_new(&events, &seen);
    holdings_own(h, MINE);
    hear(h, 1, T0, 1000, MINE);
    step(h, T0, false);
    step(h, T0 + EXPIRE_MS + 1000, false);
    hear(h, 2, T0 + EXPIRE_MS + 2000, 1000, MINE);
    step(h, T0 + EXPIRE_MS + 2000, false);
    assert_int_equal(seen.published, 2);
    assert_int_equal(seen.last_icao, 2);
    holdings_free(h);
}

static void take_counts(void *data, const char *dimension, const char *json, size_t len)
{
    struct seen *seen = data;
    (void)dimension;
    snprintf(seen->counts[seen->dimensions++ % 4], 512, "%.*s", (int)len, json);
}

static void count(void *data, const struct flight *f)
{
    minute_counts_add(data, f);
}

static void a_minute_is_counted_by_all_dimensions(void **state)
{
    (void)state;
    static const int32_t partitions[] = {MINE, 5};
    struct seen seen = {.published = 0};
    struct holdings *h = holdings_new(&events, &seen);
    struct minute_counts *c = minute_counts_new();
    holdings_own(h, MINE);
    hear(h, 0x4b1814, T0, 35000, MINE); /* Switzerland */
    hear(h, 0x4b1815, T0, 31000, MINE);
    hear(h, 0x3c6444, T0, FLIGHT_ALT_GROUND, MINE); /* Germany */
    holdings_visit(h, count, c);
    minute_counts_tell(c, 60000, partitions, 2, take_counts, &seen);
    assert_int_equal(seen.dimensions, 4);
    assert_non_null(strstr(seen.counts[0], "{\"dimension\":\"country\",\"minute\":60,"
                                           "\"total\":3,\"partitions\":[2,5],"));
    assert_non_null(strstr(seen.counts[0], "\"CH\":2"));
    assert_non_null(strstr(seen.counts[0], "\"DE\":1"));
    assert_non_null(strstr(seen.counts[1], "\"unknown\":3"));
    assert_non_null(strstr(seen.counts[2], "\"ground\":1"));
    assert_non_null(strstr(seen.counts[3], "\"30000-40000\":2"));
    minute_counts_tell(c, 120000, partitions, 2, take_counts, &seen);
    assert_non_null(strstr(seen.counts[0], "\"total\":0")); /* it starts anew */
    minute_counts_free(c);
    holdings_free(h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_changed_is_published_once_a_step),
        cmocka_unit_test(what_is_only_heard_is_published_now_and_then),
        cmocka_unit_test(others_aircraft_are_neither_published_nor_told_gone),
        cmocka_unit_test(a_partition_that_goes_takes_its_aircraft_along),
        cmocka_unit_test(a_slot_used_again_is_published_again),
        cmocka_unit_test(a_minute_is_counted_by_all_dimensions),
    };
    return cmocka_run_group_tests_name("holdings", tests, NULL, NULL);
}
