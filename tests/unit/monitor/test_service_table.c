#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/strbuf.h"
#include "monitor/service_table.h"

static const int64_t NOW_MS = INT64_C(1700000100000);

#define ASSERT_HAS(text, part)   assert_non_null(strstr(text, part))
#define ASSERT_LACKS(text, part) assert_null(strstr(text, part))

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

static bool put(struct service_table *table, enum service_origin origin,
                const char *json)
{
    return service_table_put_json(table, origin, json, strlen(json), NOW_MS, &error);
}

static const char *all(struct service_table *table)
{
    strbuf_clear(&out);
    service_table_write(table, 0, 100, &out);
    return strbuf_text(&out);
}

static void objects_that_cannot_be_used_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        bool usable;
    } rows[] = {
        {"{\"service\":\"a\",\"status\":\"pass\"}", true},
        {"{\"service\":\"a\",\"status\":\"pass\",\"since\":\"2023-11-14T22:13:20Z\"}",
         true},
        {"{\"service\":\"a\",\"status\":\"fail\",\"latency_ms\":null,\"depends_on\":7}",
         true},
        {"{\"service\":\"\",\"status\":\"pass\"}", false},
        {"{\"service\":7,\"status\":\"pass\"}", false},
        {"{\"service\":\"a\",\"status\":\"up\"}", false},
        {"{\"service\":\"a\",\"service\":\"b\",\"status\":\"pass\"}", false},
        {"{\"status\":\"pass\"}", false},
        {"[]", false},
        {"", false},
        {"{\"service\":\"a\",", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct service_table *table = service_table_new();
        strbuf_clear(&error);
        assert_int_equal(put(table, SERVICE_FROM_REDIS, rows[i].json), rows[i].usable);
        assert_int_equal(error.len == 0, rows[i].usable);
        service_table_free(table);
    }
}

static void an_object_reads_back_as_it_was_written(void **state)
{
    (void)state;
    static const char json[] =
        "{\"service\":\"kafka\",\"status\":\"warn\",\"since\":1700000000.5,"
        "\"latency_ms\":12,\"output\":\"slow\",\"depends_on\":[\"disk\",\"net\"]}";
    struct service_health health;
    assert_int_equal(service_health_parse(json, strlen(json), &health, &error), 0);
    strbuf_clear(&out);
    service_health_write(&health, &out);
    assert_string_equal(strbuf_text(&out), json);
}

static void an_older_word_of_another_origin_does_not_count(void **state)
{
    (void)state;
    static const struct {
        enum service_origin origin;
        const char *json;
        bool taken;
        enum health_status then;
    } rows[] = {
        {SERVICE_FROM_PROBE,
         "{\"service\":\"a\",\"status\":\"pass\",\"since\":1700000000}", true,
         HEALTH_PASS},
        {SERVICE_FROM_PROBE,
         "{\"service\":\"a\",\"status\":\"fail\",\"since\":1700000050}", true,
         HEALTH_FAIL},
        {SERVICE_FROM_KAFKA,
         "{\"service\":\"a\",\"status\":\"pass\",\"since\":1700000000}", false,
         HEALTH_FAIL},
        {SERVICE_FROM_KAFKA,
         "{\"service\":\"a\",\"status\":\"fail\",\"since\":1700000050}", true,
         HEALTH_FAIL},
        {SERVICE_FROM_REDIS,
         "{\"service\":\"a\",\"status\":\"warn\",\"since\":1700000060}", true,
         HEALTH_WARN},
        {SERVICE_FROM_REDIS,
         "{\"service\":\"a\",\"status\":\"pass\",\"since\":1600000000}", true,
         HEALTH_PASS},
    };
    struct service_table *table = service_table_new();
    struct service_health health;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(put(table, rows[i].origin, rows[i].json), rows[i].taken);
        assert_true(service_table_find(table, "a", &health));
        assert_int_equal(health.status, rows[i].then);
    }
    service_table_free(table);
}

static void a_time_of_tomorrow_becomes_now(void **state)
{
    (void)state;
    struct service_table *table = service_table_new();
    struct service_health health;
    put(table, SERVICE_FROM_REDIS,
        "{\"service\":\"a\",\"status\":\"pass\",\"since\":1800000000}");
    assert_true(service_table_find(table, "a", &health));
    assert_int_equal(health.since_ms, NOW_MS);
    service_table_free(table);
}

static void the_root_cause_is_the_deepest_failure(void **state)
{
    (void)state;
    struct service_table *table = service_table_new();
    put(table, SERVICE_FROM_KAFKA,
        "{\"service\":\"gateway\",\"status\":\"fail\",\"depends_on\":[\"tracker\","
        "\"redis\"]}");
    put(table, SERVICE_FROM_KAFKA,
        "{\"service\":\"tracker\",\"status\":\"fail\",\"depends_on\":[\"kafka\"]}");
    put(table, SERVICE_FROM_KAFKA, "{\"service\":\"kafka\",\"status\":\"fail\"}");
    put(table, SERVICE_FROM_KAFKA, "{\"service\":\"redis\",\"status\":\"pass\"}");
    strbuf_clear(&out);
    assert_true(service_table_write_one(table, "gateway", &out));
    ASSERT_HAS(strbuf_text(&out), "\"root_cause\":[\"kafka\"]");
    strbuf_clear(&out);
    assert_true(service_table_write_one(table, "kafka", &out));
    ASSERT_HAS(strbuf_text(&out), "\"root_cause\":[]");
    assert_false(service_table_write_one(table, "nobody", &out));
    service_table_free(table);
}

static void a_ring_of_dependencies_ends(void **state)
{
    (void)state;
    struct service_table *table = service_table_new();
    put(table, SERVICE_FROM_KAFKA,
        "{\"service\":\"a\",\"status\":\"fail\",\"depends_on\":[\"b\",\"a\"]}");
    put(table, SERVICE_FROM_KAFKA,
        "{\"service\":\"b\",\"status\":\"fail\",\"depends_on\":[\"a\"]}");
    ASSERT_HAS(all(table), "\"root_cause\":[]");
    service_table_free(table);
}

static void only_what_changed_since_is_written(void **state)
{
    (void)state;
    struct service_table *table = service_table_new();
    put(table, SERVICE_FROM_KAFKA,
        "{\"service\":\"a\",\"status\":\"pass\",\"since\":1700000000}");
    put(table, SERVICE_FROM_KAFKA,
        "{\"service\":\"b\",\"status\":\"pass\",\"since\":1700000000}");
    const uint64_t seen = service_table_version(table);
    put(table, SERVICE_FROM_REDIS,
        "{\"service\":\"a\",\"status\":\"pass\",\"since\":1700000000}");
    assert_int_equal(service_table_version(table), seen);
    put(table, SERVICE_FROM_KAFKA,
        "{\"service\":\"b\",\"status\":\"fail\",\"since\":1700000009}");
    strbuf_clear(&out);
    assert_int_equal(service_table_write(table, seen, 100, &out), 1);
    ASSERT_HAS(strbuf_text(&out), "\"service\":\"b\"");
    ASSERT_LACKS(strbuf_text(&out), "\"service\":\"a\"");
    service_table_free(table);
}

static void history_and_table_are_bounded(void **state)
{
    (void)state;
    struct service_table *table = service_table_new();
    char json[128];
    for (int i = 0; i < 2 * SERVICE_HISTORY_MAX + 1; i++) {
        snprintf(json, sizeof json,
                 "{\"service\":\"a\",\"status\":\"%s\",\"since\":%d}",
                 i % 2 ? "fail" : "pass", 1700000000 + i);
        assert_true(put(table, SERVICE_FROM_KAFKA, json));
    }
    strbuf_clear(&out);
    assert_true(service_table_write_one(table, "a", &out));
    ASSERT_HAS(strbuf_text(&out), "{\"at\":1700000064,");
    ASSERT_HAS(strbuf_text(&out), "{\"at\":1700000033,");
    ASSERT_LACKS(strbuf_text(&out), "{\"at\":1700000032,");
    for (int i = 0; i < SERVICE_TABLE_MAX - 1; i++) {
        snprintf(json, sizeof json, "{\"service\":\"s%d\",\"status\":\"pass\"}", i);
        assert_true(put(table, SERVICE_FROM_KAFKA, json));
    }
    assert_false(put(table, SERVICE_FROM_KAFKA,
                     "{\"service\":\"one too many\",\"status\":\"pass\"}"));
    service_table_free(table);
}

static void count_change(void *data, const struct service_health *health)
{
    int *counts = data;
    counts[health->status]++;
}

static void the_listener_hears_turns_not_repeats(void **state)
{
    (void)state;
    int counts[3] = {0};
    struct service_table *table = service_table_new();
    service_table_on_change(table, count_change, counts);
    put(table, SERVICE_FROM_KAFKA,
        "{\"service\":\"a\",\"status\":\"pass\",\"since\":1700000000}");
    put(table, SERVICE_FROM_KAFKA,
        "{\"service\":\"a\",\"status\":\"pass\",\"since\":1700000000,\"latency_ms\":"
        "3}");
    put(table, SERVICE_FROM_KAFKA,
        "{\"service\":\"a\",\"status\":\"fail\",\"since\":1700000001}");
    assert_int_equal(counts[HEALTH_PASS], 1);
    assert_int_equal(counts[HEALTH_FAIL], 1);
    service_table_free(table);
}

static void what_is_taken_back_is_told_once_and_listed_no_more(void **state)
{
    (void)state;
    struct service_table *table = service_table_new();
    struct service_health last;
    put(table, SERVICE_FROM_REDIS, "{\"service\":\"a\",\"status\":\"fail\"}");
    put(table, SERVICE_FROM_REDIS, "{\"service\":\"b\",\"status\":\"pass\"}");
    const uint64_t seen = service_table_version(table);
    assert_false(service_table_remove(table, SERVICE_FROM_KAFKA, "a", &last));
    assert_true(service_table_remove(table, SERVICE_FROM_REDIS, "a", &last));
    assert_int_equal(last.status, HEALTH_FAIL);
    assert_false(service_table_remove(table, SERVICE_FROM_REDIS, "a", &last));
    strbuf_clear(&out);
    assert_int_equal(service_table_write(table, seen, 100, &out), 1);
    assert_string_equal(strbuf_text(&out), "[{\"service\":\"a\",\"removed\":true}]");
    ASSERT_LACKS(all(table), "\"a\"");
    assert_false(service_table_write_one(table, "a", &out));
    put(table, SERVICE_FROM_REDIS, "{\"service\":\"a\",\"status\":\"warn\"}");
    ASSERT_HAS(all(table), "\"a\"");
    service_table_free(table);
}

static void the_place_of_one_that_is_gone_is_taken(void **state)
{
    (void)state;
    char json[64];
    struct service_table *table = service_table_new();
    struct service_health last;
    for (int i = 0; i < SERVICE_TABLE_MAX; i++) {
        snprintf(json, sizeof json, "{\"service\":\"s%d\",\"status\":\"pass\"}", i);
        assert_true(put(table, SERVICE_FROM_REDIS, json));
    }
    assert_false(
        put(table, SERVICE_FROM_REDIS, "{\"service\":\"z\",\"status\":\"pass\"}"));
    assert_true(service_table_remove(table, SERVICE_FROM_REDIS, "s7", &last));
    assert_true(
        put(table, SERVICE_FROM_REDIS, "{\"service\":\"z\",\"status\":\"pass\"}"));
    assert_true(service_table_find(table, "s8", &last));
    assert_true(service_table_find(table, "z", &last));
    assert_false(service_table_find(table, "s7", &last));
    service_table_free(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(objects_that_cannot_be_used_are_refused),
        cmocka_unit_test(an_object_reads_back_as_it_was_written),
        cmocka_unit_test(an_older_word_of_another_origin_does_not_count),
        cmocka_unit_test(a_time_of_tomorrow_becomes_now),
        cmocka_unit_test(the_root_cause_is_the_deepest_failure),
        cmocka_unit_test(a_ring_of_dependencies_ends),
        cmocka_unit_test(only_what_changed_since_is_written),
        cmocka_unit_test(history_and_table_are_bounded),
        cmocka_unit_test(the_listener_hears_turns_not_repeats),
        cmocka_unit_test(what_is_taken_back_is_told_once_and_listed_no_more),
        cmocka_unit_test(the_place_of_one_that_is_gone_is_taken),
    };
    return cmocka_run_group_tests_name("service_table", tests, setup, teardown);
}
