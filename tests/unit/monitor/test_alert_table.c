#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/strbuf.h"
#include "monitor/alert_table.h"
#include "monitor/service_health.h"

#define ASSERT_HAS(text, part) assert_non_null(strstr(text, part))

static struct strbuf out;
static struct strbuf error;

static int setup(void **state)
{
    (void)state;
    strbuf_init(&out, 1 << 20);
    strbuf_init(&error, 1024);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    strbuf_release(&out);
    strbuf_release(&error);
    return 0;
}

static bool put(struct alert_table *table, const char *json)
{
    return alert_table_put_json(table, json, strlen(json), &error);
}

static void an_emergency_begins_and_ends_as_one_alert(void **state)
{
    (void)state;
    struct alert_table *table = alert_table_new();
    assert_true(put(
        table,
        "{\"kind\":\"emergency\",\"severity\":\"critical\",\"since\":1700000000,"
        "\"icao24\":\"4b1814\",\"squawk\":\"7700\",\"text\":\"SWR12 squawks 7700\"}"));
    assert_int_equal(alert_table_open_count(table), 1);
    assert_true(put(
        table, "{\"kind\":\"emergency\",\"severity\":\"critical\",\"since\":1700000000,"
               "\"until\":1700000060,\"icao24\":\"4b1814\",\"squawk\":\"7700\","
               "\"text\":\"over\"}"));
    assert_int_equal(alert_table_open_count(table), 0);
    strbuf_clear(&out);
    assert_int_equal(alert_table_write(table, 0, ALERT_ANY, 10, &out), 1);
    ASSERT_HAS(strbuf_text(&out), "\"id\":\"emergency:4b1814:1700000000\"");
    ASSERT_HAS(strbuf_text(&out), "\"until\":1700000060,");
    ASSERT_HAS(strbuf_text(&out), "\"active\":false");
    assert_int_equal(alert_table_write(table, 0, ALERT_ACTIVE, 10, &out), 0);
    assert_int_equal(alert_table_write(table, 0, ALERT_ENDED, 10, &out), 1);
    alert_table_free(table);
}

static void records_without_what_matters_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "", "[]", "{\"kind\":\"emergency\"}",
        "{\"kind\":\"emergency\",\"icao24\":\"4b1814\",\"since\":\"yesterday\"}",
        "{\"kind\":\"\",\"icao24\":\"4b1814\",\"since\":1700000000}"};
    struct alert_table *table = alert_table_new();
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        strbuf_clear(&error);
        assert_false(put(table, bad[i]));
        assert_true(error.len > 0);
    }
    assert_int_equal(alert_table_version(table), 0);
    alert_table_free(table);
}

static void an_acknowledgement_is_kept(void **state)
{
    (void)state;
    struct alert_table *table = alert_table_new();
    put(table, "{\"kind\":\"emergency\",\"since\":1700000000,\"icao24\":\"4b1814\"}");
    assert_false(alert_table_ack(table, "emergency:000000:1", 1));
    strbuf_clear(&out);
    assert_int_equal(alert_table_write(table, 0, ALERT_ENDED, 10, &out), 0);
    assert_true(
        alert_table_ack(table, "emergency:4b1814:1700000000", INT64_C(1700000005000)));
    assert_int_equal(alert_table_open_count(table), 0);
    put(table, "{\"kind\":\"emergency\",\"since\":1700000000,\"icao24\":\"4b1814\","
               "\"text\":\"still\"}");
    strbuf_clear(&out);
    alert_table_write(table, 0, ALERT_ACTIVE, 10, &out);
    ASSERT_HAS(strbuf_text(&out), "\"acked\":1700000005,");
    alert_table_free(table);
}

static void an_acknowledgement_may_come_before_its_alert(void **state)
{
    (void)state;
    struct alert_table *table = alert_table_new();
    const char *id = "emergency:4b1814:1700000000";
    assert_false(alert_table_ack(table, id, INT64_C(1700000005000)));
    assert_false(alert_table_has(table, id));
    put(table, "{\"kind\":\"emergency\",\"since\":1700000000,\"icao24\":\"4b1814\"}");
    assert_true(alert_table_has(table, id));
    assert_int_equal(alert_table_open_count(table), 0);
    put(table, "{\"kind\":\"emergency\",\"since\":1700000099,\"icao24\":\"4b1814\"}");
    assert_int_equal(alert_table_open_count(table), 1);
    alert_table_free(table);
}

static void of_early_acknowledgements_the_newest_are_kept(void **state)
{
    (void)state;
    char text[128];
    struct alert_table *table = alert_table_new();
    for (int i = 0; i <= ALERT_EARLY_ACKS_MAX; i++) {
        snprintf(text, sizeof text, "emergency:%06x:1700000000", (unsigned)i);
        assert_false(alert_table_ack(table, text, 1 + i));
    }
    put(table, "{\"kind\":\"emergency\",\"since\":1700000000,\"icao24\":\"000000\"}");
    assert_int_equal(alert_table_open_count(table), 1);
    put(table, "{\"kind\":\"emergency\",\"since\":1700000000,\"icao24\":\"000001\"}");
    assert_int_equal(alert_table_open_count(table), 1);
    alert_table_free(table);
}

static void a_service_that_fails_and_recovers_is_one_alert(void **state)
{
    (void)state;
    struct alert_table *table = alert_table_new();
    struct service_health health = {.service = "redis",
                                    .status = HEALTH_FAIL,
                                    .since_ms = INT64_C(1700000000000),
                                    .output = "refused"};
    alert_table_put_service(table, &health);
    assert_int_equal(alert_table_open_count(table), 1);
    health.status = HEALTH_PASS;
    health.since_ms += 7000;
    alert_table_put_service(table, &health);
    strbuf_clear(&out);
    assert_int_equal(alert_table_write(table, 0, ALERT_ANY, 10, &out), 1);
    ASSERT_HAS(strbuf_text(&out), "\"service\":\"redis\"");
    ASSERT_HAS(strbuf_text(&out), "\"text\":\"redis: refused\"");
    ASSERT_HAS(strbuf_text(&out), "\"until\":1700000007,");
    alert_table_free(table);
}

static void ended_alerts_make_room_first(void **state)
{
    (void)state;
    struct alert_table *table = alert_table_new();
    struct alert alert = {.kind = "emergency", .severity = ALERT_CRITICAL};
    for (int i = 0; i < ALERT_TABLE_MAX + 10; i++) {
        snprintf(alert.subject, sizeof alert.subject, "%06x", (unsigned)i + 1);
        alert.since_ms = INT64_C(1700000000000) + (int64_t)i * 1000;
        alert.until_ms = i >= 100 && i < 110 ? alert.since_ms + 1 : 0;
        assert_true(alert_table_put(table, &alert));
    }
    assert_int_equal(alert_table_open_count(table), ALERT_TABLE_MAX);
    alert_table_free(table);
}

static void limit_counts_from_the_newest(void **state)
{
    (void)state;
    struct alert_table *table = alert_table_new();
    put(table, "{\"kind\":\"emergency\",\"since\":1700000000,\"icao24\":\"000001\"}");
    put(table, "{\"kind\":\"emergency\",\"since\":1700000002,\"icao24\":\"000003\"}");
    put(table, "{\"kind\":\"emergency\",\"since\":1700000001,\"icao24\":\"000002\"}");
    strbuf_clear(&out);
    assert_int_equal(alert_table_write(table, 0, ALERT_ANY, 1, &out), 3);
    ASSERT_HAS(strbuf_text(&out), "\"icao24\":\"000003\"");
    assert_null(strstr(strbuf_text(&out), "\"icao24\":\"000002\""));
    alert_table_free(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_emergency_begins_and_ends_as_one_alert),
        cmocka_unit_test(records_without_what_matters_are_refused),
        cmocka_unit_test(an_acknowledgement_is_kept),
        cmocka_unit_test(an_acknowledgement_may_come_before_its_alert),
        cmocka_unit_test(of_early_acknowledgements_the_newest_are_kept),
        cmocka_unit_test(a_service_that_fails_and_recovers_is_one_alert),
        cmocka_unit_test(ended_alerts_make_room_first),
        cmocka_unit_test(limit_counts_from_the_newest),
    };
    return cmocka_run_group_tests_name("alert_table", tests, setup, teardown);
}
