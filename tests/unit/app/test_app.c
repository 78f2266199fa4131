/* Frames in, knowledge out; what is asked for goes out as the protocol says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/app.h"
#include "app/app_events.h"
#include "wire/wire_decode.h"

struct fixture {
    struct app app;
    char sent[16][2048];
    size_t sent_count;
};

static void record(void *data, const char *text, size_t len)
{
    struct fixture *f = data;
    assert_true(f->sent_count < 16);
    snprintf(f->sent[f->sent_count++], sizeof f->sent[0], "%.*s", (int)len, text);
}

static void say(struct fixture *f, const char *frame)
{
    struct wire_message m;
    struct strbuf error;
    strbuf_init(&error, 256);
    assert_int_equal(wire_decode(frame, strlen(frame), &m, &error), 0);
    app_apply(&f->app, &m, strlen(frame));
    wire_message_release(&m);
    strbuf_release(&error);
}

static bool was_sent(const struct fixture *f, const char *part)
{
    for (size_t i = 0; i < f->sent_count; i++) {
        if (strstr(f->sent[i], part) != NULL)
            return true;
    }
    return false;
}

#define WELCOME                                                                        \
    "{\"type\":\"welcome\",\"version\":1,\"epoch\":\"00112233aabbccdd\",\"tick\":10,"  \
    "\"tick_ms\":250,\"time\":1000,\"resumed\":false,\"server\":\"x\"}"
#define SNAPSHOT                                                                       \
    "{\"type\":\"snapshot\",\"id\":1,\"tick\":10,\"time\":1000,\"part\":1,"            \
    "\"last\":true,\"flights\":[{\"hex\":\"4b1814\",\"flight\":\"SWR14A\","            \
    "\"alt_baro\":23400,\"gs\":431.2,\"squawk\":\"1000\",\"lat\":47.1,\"lon\":8.5,"    \
    "\"seen\":2,\"seen_pos\":5},{\"hex\":\"~2c1f04\",\"alt_baro\":\"ground\"}]}"

static void setup_up(struct fixture *f)
{
    memset(f, 0, sizeof *f);
    app_init(&f->app);
    app_set_time(&f->app, 5000, 1000000);
    app_link_opened(&f->app, record, f);
    say(f, WELCOME);
    say(f, SNAPSHOT);
}

static const struct flight *flight(const struct fixture *f, uint32_t icao)
{
    return flight_table_find(f->app.flights, icao);
}

static void a_snapshot_fills_the_table(void **state)
{
    (void)state;
    struct fixture f;
    setup_up(&f);
    assert_int_equal(flight_table_count(f.app.flights), 2);
    const struct flight *a = flight(&f, 0x4b1814);
    assert_string_equal(a->v.callsign, "SWR14A");
    assert_int_equal(a->v.num[FLIGHT_GS], 4312);
    assert_int_equal(a->heard_at_ms, 998000);
    assert_int_equal(a->pos_at_ms, 995000);
    assert_true(flight_on_ground(flight(&f, 0x2c1f04 | FLIGHT_NON_ICAO)));
    app_release(&f.app);
}

static void it_asks_for_what_is_always_shown(void **state)
{
    (void)state;
    struct fixture f;
    setup_up(&f);
    assert_true(was_sent(&f, "\"type\":\"hello\",\"version\":1"));
    assert_true(was_sent(&f, "\"channel\":\"flights\""));
    assert_true(was_sent(&f, "\"channel\":\"health\""));
    assert_true(was_sent(&f, "\"channel\":\"alerts\""));
    assert_false(was_sent(&f, "resume"));
    app_release(&f.app);
}

static void a_delta_changes_clears_and_removes(void **state)
{
    (void)state;
    struct fixture f;
    setup_up(&f);
    say(&f, "{\"type\":\"delta\",\"id\":1,\"tick\":14,\"base_tick\":10,\"time\":1001,"
            "\"changed\":[{\"hex\":\"4b1814\",\"alt_baro\":23500,\"gs\":null}],"
            "\"removed\":[{\"hex\":\"~2c1f04\",\"reason\":\"expired\"}]}");
    const struct flight *a = flight(&f, 0x4b1814);
    assert_int_equal(a->v.num[FLIGHT_ALT_BARO], 23500);
    assert_false(flight_has(a, FLIGHT_GS));
    assert_int_equal(a->heard_at_ms, 1001000);
    assert_int_equal(a->pos_at_ms, 995000);
    assert_int_equal(flight_table_count(f.app.flights), 1);
    assert_int_equal(f.app.link.tick, 14);
    app_release(&f.app);
}

static void a_delta_from_beyond_asks_for_a_resync(void **state)
{
    (void)state;
    struct fixture f;
    setup_up(&f);
    say(&f, "{\"type\":\"delta\",\"id\":1,\"tick\":30,\"base_tick\":20,\"time\":1002,"
            "\"changed\":[{\"hex\":\"4b1814\",\"alt_baro\":100}]}");
    assert_true(was_sent(&f, "\"type\":\"resync\",\"id\":1"));
    assert_int_equal(flight(&f, 0x4b1814)->v.num[FLIGHT_ALT_BARO], 23400);
    say(&f, SNAPSHOT);
    assert_true(f.app.has_snapshot);
    app_release(&f.app);
}

static void it_resumes_after_a_break(void **state)
{
    (void)state;
    struct fixture f;
    setup_up(&f);
    app_link_closed(&f.app, "connection lost", 0);
    assert_int_equal(flight_table_count(f.app.flights), 2); /* the last data stays */
    assert_true(app_is_stale(&f.app));
    f.sent_count = 0;
    app_link_opened(&f.app, record, &f);
    assert_true(
        was_sent(&f, "\"resume\":{\"epoch\":\"00112233aabbccdd\",\"tick\":10}"));
    app_release(&f.app);
}

static void silence_and_stale_sources_are_told(void **state)
{
    (void)state;
    struct fixture f;
    setup_up(&f);
    assert_false(app_is_stale(&f.app));
    app_set_time(&f.app, 5000 + APP_SILENCE_MS + 1, 1003001);
    assert_true(app_is_stale(&f.app));
    say(&f, "{\"type\":\"stale\",\"source\":\"kafka\",\"since\":990,\"time\":1004}");
    assert_true(app_is_stale(&f.app));
    assert_int_equal(app_data_age_ms(&f.app), 14000);
    app_release(&f.app);
}

static void what_is_wrong_is_left_out_and_counted(void **state)
{
    (void)state;
    struct fixture f;
    setup_up(&f);
    say(&f, "{\"type\":\"delta\",\"id\":1,\"tick\":11,\"base_tick\":10,\"time\":1001,"
            "\"changed\":[{\"hex\":\"4b1814\",\"gs\":1e99,\"flight\":\"A\\u001b[2J\","
            "\"track\":90.5},{\"hex\":\"nope\"},7]}");
    const struct flight *a = flight(&f, 0x4b1814);
    assert_int_equal(a->v.num[FLIGHT_TRACK], 905);
    assert_int_equal(a->v.num[FLIGHT_GS], 4312);
    assert_string_equal(a->v.callsign, "SWR14A");
    assert_int_equal(f.app.link.refused, 4);
    app_release(&f.app);
}

static void services_logs_and_graphs_are_kept(void **state)
{
    (void)state;
    struct fixture f;
    setup_up(&f);
    say(&f, "{\"type\":\"health\",\"id\":2,\"services\":["
            "{\"service\":\"gateway\",\"status\":\"warn\",\"depends_on\":[\"kafka\"]},"
            "{\"service\":\"kafka\",\"status\":\"fail\",\"since\":990,\"output\":"
            "\"refused\"}]}");
    assert_int_equal(f.app.services.count, 2);
    assert_string_equal(f.app.services.rows[0].name, "kafka"); /* failing first */
    assert_string_equal(
        service_list_cause(&f.app.services, &f.app.services.rows[1])->name, "kafka");
    app_want_logs(&f.app, "level:error", "");
    assert_true(was_sent(&f, "\"channel\":\"logs\",\"query\":\"level:error\""));
    say(&f, "{\"type\":\"log\",\"id\":6,\"logs\":[{\"time\":1000,\"level\":\"error\","
            "\"service\":\"x\",\"message\":\"m\",\"fields\":{\"a.b\":1}}]}");
    assert_int_equal(f.app.logs.count, 1);
    assert_string_equal(log_ring_at(&f.app.logs, 0)->fields, "a.b: 1\n");
    const struct app_graph_question q = {"t", NULL, "up", "", 900};
    app_want_metrics(&f.app);
    app_ask_graph(&f.app, 0, &q);
    say(&f, "{\"type\":\"metrics\",\"id\":16,\"series\":[{\"labels\":{\"job\":\"j\"},"
            "\"points\":[[1000,\"1.5\"],[1015,\"NaN\"],[1030,2]]}]}");
    assert_int_equal(f.app.graphs[0].series_count, 1);
    assert_int_equal(f.app.graphs[0].series[0].count, 2);
    assert_string_equal(f.app.graphs[0].series[0].label, "job=j");
    app_release(&f.app);
}

#define EMERGENCY(tick, squawk)                                                        \
    "{\"type\":\"delta\",\"id\":1,\"tick\":" tick ",\"base_tick\":10,\"time\":1001,"   \
    "\"changed\":[{\"hex\":\"4b1814\",\"squawk\":\"" squawk "\"}]}"
#define ALERT(acked)                                                                   \
    "{\"type\":\"alert\",\"id\":3,\"alerts\":[{\"id\":\"emergency:4b1814:1001\","      \
    "\"kind\":\"emergency\",\"severity\":\"critical\",\"icao24\":\"4b1814\","          \
    "\"since\":1001,\"text\":\"SWR14A squawks 7700\"" acked "}]}"

static void what_another_viewer_acknowledged_is_not_pinned(void **state)
{
    (void)state;
    struct fixture f;
    setup_up(&f);
    say(&f, EMERGENCY("11", "7700"));
    say(&f, ALERT(""));
    app_update_list(&f.app);
    assert_true(f.app.list.entries[0].pinned);
    say(&f, ALERT(",\"acked\":1002"));
    app_update_list(&f.app);
    assert_false(f.app.list.entries[0].pinned);
    assert_int_equal(f.app.list.emergencies, 0);
    say(&f, EMERGENCY("12", "1000")); /* it ends, and begins again */
    app_update_list(&f.app);
    say(&f, EMERGENCY("13", "7700"));
    app_update_list(&f.app);
    assert_int_equal(f.app.list.emergencies, 1);
    app_release(&f.app);
}

static void an_acknowledgement_goes_to_everyone_or_says_that_it_cannot(void **state)
{
    (void)state;
    struct fixture f;
    setup_up(&f);
    say(&f, ALERT(""));
    app_link_closed(&f.app, "gone", 9000);
    app_acknowledge_alert(&f.app, 0);
    assert_non_null(strstr(f.app.notice, "no link"));
    assert_false(was_sent(&f, "\"type\":\"ack\""));
    app_link_opened(&f.app, record, &f);
    app_acknowledge_alert(&f.app, 0);
    assert_true(was_sent(&f, "{\"type\":\"ack\",\"alert\":\"emergency:4b1814:1001\"}"));
    app_release(&f.app);
}

static void events_are_told_once_with_a_bell(void **state)
{
    (void)state;
    struct fixture f;
    setup_up(&f);
    app_look_for_events(&f.app);
    assert_int_equal(f.app.bells, 0);
    say(&f, EMERGENCY("11", "7700"));
    app_set_time(&f.app, 7000, 1002000);
    app_look_for_events(&f.app);
    assert_string_equal(f.app.notice, "SWR14A: emergency, squawk 7700, 23 400 ft");
    assert_true(f.app.notice_is_alarm);
    assert_int_equal(f.app.bells, 1);
    app_set_time(&f.app, 9000, 1004000);
    say(&f, EMERGENCY("12", "7700"));
    app_look_for_events(&f.app);
    assert_int_equal(f.app.bells, 1);
    app_release(&f.app);
}

static void a_viewers_own_rows_stand_below_the_open_ones_and_stay(void **state)
{
    (void)state;
    struct fixture f;
    setup_up(&f);
    const struct alert_row here = {
        .id = "watch:1:9", .kind = "watch", .local = true, .since_ms = 9000000};
    alert_list_tell(&f.app.alerts, &here);
    say(&f, ALERT(""));
    assert_int_equal(f.app.alerts.count, 2);
    assert_string_equal(f.app.alerts.rows[0].kind, "emergency");
    assert_int_equal(alert_list_open(&f.app.alerts), 1);
    alert_list_forget(&f.app.alerts);
    assert_int_equal(f.app.alerts.count, 1);
    assert_string_equal(f.app.alerts.rows[0].kind, "watch");
    app_release(&f.app);
}

static void volatile_fields_are_asked_for_by_name(void **state)
{
    (void)state;
    struct fixture f;
    setup_up(&f);
    app_want_volatile(&f.app, false);
    assert_false(was_sent(&f, "\"fields\""));
    app_want_volatile(&f.app, true);
    assert_true(was_sent(&f, "\"rssi\""));
    assert_true(was_sent(&f, "\"lat\""));
    app_release(&f.app);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_snapshot_fills_the_table),
        cmocka_unit_test(it_asks_for_what_is_always_shown),
        cmocka_unit_test(a_delta_changes_clears_and_removes),
        cmocka_unit_test(a_delta_from_beyond_asks_for_a_resync),
        cmocka_unit_test(it_resumes_after_a_break),
        cmocka_unit_test(silence_and_stale_sources_are_told),
        cmocka_unit_test(what_is_wrong_is_left_out_and_counted),
        cmocka_unit_test(services_logs_and_graphs_are_kept),
        cmocka_unit_test(what_another_viewer_acknowledged_is_not_pinned),
        cmocka_unit_test(an_acknowledgement_goes_to_everyone_or_says_that_it_cannot),
        cmocka_unit_test(events_are_told_once_with_a_bell),
        cmocka_unit_test(a_viewers_own_rows_stand_below_the_open_ones_and_stay),
        cmocka_unit_test(volatile_fields_are_asked_for_by_name),
    };
    return cmocka_run_group_tests_name("app", tests, NULL, NULL);
}
