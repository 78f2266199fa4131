#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/strbuf.h"
#include "telemetry/health.h"

static void only_a_critical_component_fails_the_process(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum health_status status;
        enum health_status overall;
    } rows[] = {
        {"redis", HEALTH_PASS, HEALTH_PASS}, {"redis", HEALTH_FAIL, HEALTH_WARN},
        {"redis", HEALTH_WARN, HEALTH_WARN}, {"kafka", HEALTH_WARN, HEALTH_WARN},
        {"kafka", HEALTH_FAIL, HEALTH_FAIL}, {"kafka", HEALTH_PASS, HEALTH_WARN},
        {"redis", HEALTH_PASS, HEALTH_PASS},
    };
    struct health_board *board = health_board_new();
    assert_int_equal(health_overall(board), HEALTH_PASS);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        health_set(board, rows[i].name, rows[i].status, HEALTH_NO_LATENCY, "%s", "");
        assert_int_equal(health_overall(board), rows[i].overall);
    }
    health_board_free(board);
}

static void since_is_kept_while_the_status_stays(void **state)
{
    (void)state;
    struct health_board *board = health_board_new();
    struct health_entry first;
    struct health_entry second;
    health_set(board, "redis", HEALTH_WARN, 3, "slow");
    assert_true(health_find(board, "redis", &first));
    const uint64_t version = health_version(board);
    health_set(board, "redis", HEALTH_WARN, 9, "slow");
    assert_true(health_find(board, "redis", &second));
    assert_int_equal(first.since_ms, second.since_ms);
    assert_int_equal(second.latency_ms, 9);
    assert_int_equal(health_version(board), version);
    health_set(board, "redis", HEALTH_PASS, 1, "%s", "");
    assert_int_equal(health_version(board), version + 1);
    health_board_free(board);
}

static void components_are_listed_by_name_and_can_go(void **state)
{
    (void)state;
    struct health_board *board = health_board_new();
    struct health_entry entries[HEALTH_COMPONENTS_MAX];
    health_set(board, "state", HEALTH_PASS, HEALTH_NO_LATENCY, "%s", "");
    health_set(board, "kafka", HEALTH_PASS, 2, "%s", "");
    health_set(board, "redis", HEALTH_FAIL, 2, "refused");
    assert_int_equal(health_snapshot(board, entries, HEALTH_COMPONENTS_MAX), 3);
    assert_string_equal(entries[0].name, "kafka");
    assert_string_equal(entries[1].name, "redis");
    assert_string_equal(entries[2].name, "state");
    health_remove(board, "redis");
    assert_false(health_find(board, "redis", &entries[0]));
    assert_int_equal(health_snapshot(board, entries, 1), 1);
    health_board_free(board);
}

static void the_board_is_bounded(void **state)
{
    (void)state;
    struct health_board *board = health_board_new();
    struct health_entry entry;
    for (int i = 0; i < HEALTH_COMPONENTS_MAX + 5; i++) {
        char name[100];
        snprintf(name, sizeof name, "source:%03d", i);
        health_set(board, name, HEALTH_PASS, HEALTH_NO_LATENCY, "%s", "");
    }
    assert_false(health_find(board, "source:068", &entry));
    health_set(board, "source:000", HEALTH_FAIL, HEALTH_NO_LATENCY, "late");
    assert_true(health_find(board, "source:000", &entry));
    assert_int_equal(entry.status, HEALTH_FAIL);
    health_board_free(board);
}

static void draining_is_never_ready_again(void **state)
{
    (void)state;
    struct health_board *board = health_board_new();
    assert_false(health_is_ready(board));
    health_board_ready(board, true);
    assert_true(health_is_ready(board));
    health_board_draining(board);
    health_board_ready(board, true);
    assert_false(health_is_ready(board));
    health_board_free(board);
}

static void the_document_is_health_json(void **state)
{
    (void)state;
    struct health_board *board = health_board_new();
    struct strbuf out;
    strbuf_init(&out, 1 << 16);
    health_set(board, "redis", HEALTH_FAIL, HEALTH_NO_LATENCY, "said \"no\"");
    health_write(board, "flightdashd", INT64_C(1700000000123), &out);
    assert_non_null(
        strstr(strbuf_text(&out), "{\"status\":\"warn\",\"version\":\"1\""));
    assert_non_null(strstr(strbuf_text(&out), "\"time\":\"2023-11-14T22:13:20.123Z\""));
    assert_non_null(strstr(strbuf_text(&out), "\"redis\":[{\"status\":\"fail\""));
    assert_non_null(strstr(strbuf_text(&out), "\"output\":\"said \\\"no\\\"\""));
    assert_null(strstr(strbuf_text(&out), "observedValue"));
    strbuf_release(&out);
    health_board_free(board);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_a_critical_component_fails_the_process),
        cmocka_unit_test(since_is_kept_while_the_status_stays),
        cmocka_unit_test(components_are_listed_by_name_and_can_go),
        cmocka_unit_test(the_board_is_bounded),
        cmocka_unit_test(draining_is_never_ready_again),
        cmocka_unit_test(the_document_is_health_json),
    };
    return cmocka_run_group_tests_name("health", tests, NULL, NULL);
}
