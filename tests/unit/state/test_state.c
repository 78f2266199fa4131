#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "state/flight_index.h"
#include "state/frame_set.h"
#include "state/state.h"
#include "telemetry/metrics.h"

enum { NOW = 1700000000 }; /* epoch s */
#define NOW_MS (INT64_C(1000) * NOW)

struct fixture {
    struct state *state;
    struct metrics *metrics;
    struct frame_set *frame; /* the last */
    enum observation_reason refused;
};

static void keep_frame(void *data, struct frame_set *take_frame)
{
    struct fixture *fixture = data;
    frame_set_unref(fixture->frame);
    fixture->frame = take_frame;
}

static void keep_reason(void *data, const struct state_record *record,
                        enum observation_reason reason)
{
    struct fixture *fixture = data;
    (void)record;
    fixture->refused = reason;
}

static int set_up(void **state)
{
    static struct fixture fixture;
    fixture = (struct fixture){.metrics = metrics_new()};
    const struct state_config config = {.metrics = fixture.metrics,
                                        .tick_ms = 250,
                                        .expire_ms = 60000,
                                        .adsc_expire_ms = 600000,
                                        .on_frame = keep_frame,
                                        .frame_data = &fixture,
                                        .on_invalid = keep_reason,
                                        .invalid_data = &fixture};
    fixture.state = state_new(&config);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    frame_set_unref(fixture->frame);
    state_free(fixture->state);
    metrics_free(fixture->metrics);
    return 0;
}

static void say(struct fixture *fixture, const char *key, const char *value)
{
    const struct state_record record = {
        .key = key, .key_len = strlen(key), .value = value, .value_len = strlen(value)};
    state_apply_records(fixture->state, &record, 1, NOW_MS);
}

static void every_record_counts_once(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *key;
        const char *value;
    } rows[] = {
        {"4b1814", "{\"hex\":\"4b1814\",\"now\":1700000000,\"gs\":100}"},
        {"4b1814", "{\"hex\":\"4b1814\",\"now\":1700000001,\"gs\":101}"}, /* applied */
        {"4b1814",
         "{\"hex\":\"4b1814\",\"now\":1700000002,\"gs\":101}"},          /* unchanged */
        {"4b1814", "{\"hex\":\"4b1814\",\"now\":1699999999,\"gs\":99}"}, /* stale */
        {"4b1814", "{\"hex\":\"4b1814\",\"now\":1700000999}"},           /* future */
        {"4b1815", "{\"hex\":\"4b1814\",\"now\":1700000002}"},           /* wrong key */
        {"4b1814", "no JSON"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        say(f, rows[i].key, rows[i].value);
    state_tick(f->state, NOW_MS);
    assert_int_equal(metrics_value(f->metrics, METRIC_RECORDS_CONSUMED), 7);
    assert_int_equal(metrics_value(f->metrics, METRIC_RECORDS_APPLIED), 2);
    assert_int_equal(metrics_value(f->metrics, METRIC_RECORDS_UNCHANGED), 1);
    assert_int_equal(metrics_value(f->metrics, METRIC_RECORDS_STALE), 1);
    assert_int_equal(metrics_sum(f->metrics, METRIC_RECORDS_INVALID), 3);
    assert_int_equal(f->refused, OBSERVATION_NOT_JSON);
}

static void a_tick_publishes_what_was_touched_and_no_more(void **state)
{
    struct fixture *f = *state;
    say(f, "4b1814", "{\"hex\":\"4b1814\",\"now\":1700000000,\"lat\":47,\"lon\":8}");
    say(f, "4b1815", "{\"hex\":\"4b1815\",\"now\":1700000000,\"gs\":3}");
    state_tick(f->state, NOW_MS);
    assert_int_equal(f->frame->row_count, 2);
    assert_int_equal(f->frame->total, 2);
    assert_true(f->frame->rows[0].flags & FRAME_NEW);
    say(f, "4b1814", "{\"hex\":\"4b1814\",\"now\":1700000001,\"gs\":5}");
    state_tick(f->state, NOW_MS + 250);
    assert_int_equal(f->frame->row_count, 1);
    assert_int_equal(f->frame->rows[0].changed, FLIGHT_BIT(FLIGHT_GS));
    assert_false(f->frame->rows[0].flags & FRAME_NEW);
    state_tick(f->state, NOW_MS + 500);
    assert_int_equal(f->frame->row_count, 0);
    assert_int_equal(f->frame->tick, 3);
}

static void who_crosses_tiles_is_listed_where_it_was(void **state)
{
    struct fixture *f = *state;
    say(f, "4b1814", "{\"hex\":\"4b1814\",\"now\":1700000000,\"lat\":47,\"lon\":8.9}");
    state_tick(f->state, NOW_MS);
    uint16_t before = f->frame->rows[0].tile;
    say(f, "4b1814", "{\"hex\":\"4b1814\",\"now\":1700000001,\"lat\":47,\"lon\":9.1}");
    state_tick(f->state, NOW_MS + 250);
    const struct frame_row *row = &f->frame->rows[0];
    assert_int_equal(row->tile, before + 1);
    assert_int_equal(f->frame->places[0].lon, 910000);
    assert_int_equal(f->frame->places[0].was_lon, 890000);
    assert_int_equal(f->frame->mover_count, 1);
    assert_int_equal(f->frame->movers[0].left_tile, before);
    assert_int_equal(
        f->frame->tile_first[row->tile + 1] - f->frame->tile_first[row->tile], 1);
    assert_int_equal(f->frame->tile_came[row->tile], f->frame->tile_first[row->tile]);
}

static void the_age_of_a_position_that_stands_is_told_in_time(void **state)
{
    struct fixture *f = *state;
    char text[120];
    unsigned told = 0;
    for (int i = 0; i <= 20; i++) { /* parked, and heard with its place each second */
        snprintf(text, sizeof text,
                 "{\"hex\":\"4b1814\",\"now\":%d,\"lat\":47,\"lon\":8}", NOW + i);
        say(f, "4b1814", text);
        state_tick(f->state, NOW_MS + 1000 * i);
        told += (f->frame->rows[0].flags & FRAME_SEEN_POS) != 0;
    }
    assert_int_equal(told, 4); /* after 5, 10, 15 and 20 s */
}

static void who_is_silent_expires_and_the_index_follows(void **state)
{
    struct fixture *f = *state;
    struct flight_index *index = flight_index_new();
    say(f, "4b1814", "{\"hex\":\"4b1814\",\"now\":1700000000,\"lat\":47,\"lon\":8}");
    state_tick(f->state, NOW_MS);
    flight_index_apply(index, f->frame);
    assert_non_null(flight_index_find(index, 0x4b1814));
    state_tick(f->state, NOW_MS + 61000);
    assert_int_equal(f->frame->removed_count, 1);
    flight_index_apply(index, f->frame);
    assert_null(flight_index_find(index, 0x4b1814));
    assert_int_equal(flight_index_removed_count(index), 1);
    assert_int_equal(flight_index_removed(index, 0)->tick, 2);
    assert_int_equal(flight_index_oldest_cursor(index), 0);
    state_tick(f->state, NOW_MS + 61000 + 600001);
    flight_index_apply(index, f->frame);
    assert_int_equal(flight_index_removed_count(index), 0);
    assert_int_equal(flight_index_oldest_cursor(index), 2);
    flight_index_free(index);
}

static void statistics_count_what_flies(void **state)
{
    struct fixture *f = *state;
    say(f, "4b1814",
        "{\"hex\":\"4b1814\",\"now\":1700000000,\"flight\":\"SWR12\",\"t\":\"A320\","
        "\"alt_baro\":35000,\"baro_rate\":1200,\"src\":\"roof\"}");
    say(f, "4b1815", "{\"hex\":\"4b1815\",\"now\":1700000000,\"alt_baro\":\"ground\"}");
    state_tick(f->state, NOW_MS);
    const char *json = f->frame->stats->text;
    assert_non_null(strstr(json, "\"total\":2"));
    assert_non_null(
        strstr(json, "{\"key\":\"CH\",\"name\":\"Switzerland\",\"count\":2}"));
    assert_non_null(strstr(json, "{\"key\":\"A320\",\"count\":1}"));
    assert_non_null(strstr(json, "{\"key\":\"climb\",\"count\":1}"));
    assert_non_null(strstr(json, "{\"key\":\"30000-40000\",\"count\":1}"));
    assert_non_null(strstr(json, "\"name\":\"roof\""));
}

static void lag_and_silence_are_told_with_the_tick(void **state)
{
    struct fixture *f = *state;
    state_tick(f->state, NOW_MS);
    assert_int_equal(f->frame->lag_ms, -1);
    assert_int_equal(f->frame->stale_since_ms, 0);
    state_set_lag(f->state, 40);
    state_set_stale(f->state, "kafka", NOW_MS);
    state_tick(f->state, NOW_MS + 250);
    assert_int_equal(f->frame->lag_ms, 40);
    assert_int_equal(f->frame->stale_since_ms, NOW_MS);
    assert_string_equal(f->frame->stale_source, "kafka");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_record_counts_once),
        TEST(a_tick_publishes_what_was_touched_and_no_more),
        TEST(who_crosses_tiles_is_listed_where_it_was),
        TEST(the_age_of_a_position_that_stands_is_told_in_time),
        TEST(who_is_silent_expires_and_the_index_follows),
        TEST(statistics_count_what_flies),
        TEST(lag_and_silence_are_told_with_the_tick),
    };
    return cmocka_run_group_tests_name("state", tests, NULL, NULL);
}
