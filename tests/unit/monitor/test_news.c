#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bus/bus.h"
#include "monitor/alert_table.h"
#include "monitor/news.h"
#include "monitor/service_table.h"
#include "telemetry/metrics.h"

/* What went out to clients. */
struct out {
    int services;
    int alerts;
    char service[512];
    char alert[512];
};

static void on_service(void *data, const char *service, const char *json, size_t len)
{
    struct out *out = data;
    (void)service;
    out->services++;
    snprintf(out->service, sizeof out->service, "%.*s", (int)len, json);
}

static void on_alert(void *data, const char *id, const char *json, size_t len)
{
    struct out *out = data;
    (void)id;
    out->alerts++;
    snprintf(out->alert, sizeof out->alert, "%.*s", (int)len, json);
}

static struct bus_record record_of(const char *value)
{
    return (struct bus_record){.value = value, .value_len = value ? strlen(value) : 0};
}

static void a_failure_goes_out_as_health_and_as_alert(void **state)
{
    (void)state;
    struct out out = {0};
    const struct news_sink sink = {on_service, on_alert, &out};
    struct metrics *m = metrics_new();
    struct news *news = news_new(&sink, m);
    const struct bus_record records[] = {
        record_of("{\"service\":\"redis\",\"status\":\"pass\",\"since\":1700000000}"),
        record_of("{\"service\":\"redis\",\"status\":\"fail\",\"since\":1700000050,"
                  "\"output\":\"gone\"}"),
        record_of(NULL),
        record_of("rubbish"),
    };
    news_take_health_records(news, records, 4);
    assert_int_equal(out.services, 2);
    assert_non_null(strstr(out.service, "\"status\":\"fail\""));
    assert_int_equal(out.alerts, 1);
    assert_non_null(strstr(out.alert, "\"id\":\"service:redis:1700000050\""));
    assert_int_equal((int)metrics_sum(m, METRIC_NEWS_REFUSED), 1);
    news_take_ack(news, "service:redis:1700000050", INT64_C(1700000060000));
    assert_non_null(strstr(out.alert, "\"acked\":1700000060"));
    news_free(news);
    metrics_free(m);
}

static void redis_and_kafka_feed_the_same_table(void **state)
{
    (void)state;
    struct out out = {0};
    const struct news_sink sink = {on_service, on_alert, &out};
    struct metrics *m = metrics_new();
    struct news *news = news_new(&sink, m);
    struct service_health health;
    static const char json[] = "{\"service\":\"weather\",\"status\":\"warn\"}";
    news_take_mirrored(news, "weather", json, sizeof json - 1);
    assert_true(service_table_find(news_services(news), "weather", &health));
    assert_int_equal(health.status, HEALTH_WARN);
    assert_int_equal(out.services, 1);
    news_take_mirrored(news, "weather", NULL, 0);
    assert_false(service_table_find(news_services(news), "weather", &health));
    assert_int_equal(out.services, 2); /* told as removed */
    const struct bus_record emergency =
        record_of("{\"kind\":\"emergency\",\"severity\":\"critical\",\"since\":"
                  "1700000000,\"icao24\":\"4b1814\"}");
    news_take_alert_records(news, &emergency, 1);
    assert_int_equal(alert_table_open_count(news_alerts(news)), 1);
    news_free(news);
    metrics_free(m);
}

static void who_is_gone_has_no_open_alert(void **state)
{
    (void)state;
    struct metrics *m = metrics_new();
    struct news *news = news_new(NULL, m);
    struct service_health health;
    struct bus_record record = record_of("{\"service\":\"oven\",\"status\":\"fail\"}");
    record.key = "oven";
    record.key_len = 4;
    news_take_health_records(news, &record, 1);
    news_take_mirrored(news, "oven", record.value, record.value_len);
    assert_int_equal(alert_table_open_count(news_alerts(news)), 1);
    news_take_mirrored(news, "oven", NULL, 0); /* Kafka still tells of it */
    assert_true(service_table_find(news_services(news), "oven", &health));
    record.value = NULL;
    news_take_health_records(news, &record, 1);
    assert_false(service_table_find(news_services(news), "oven", &health));
    assert_int_equal(alert_table_open_count(news_alerts(news)), 0);
    news_free(news);
    metrics_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failure_goes_out_as_health_and_as_alert),
        cmocka_unit_test(redis_and_kafka_feed_the_same_table),
        cmocka_unit_test(who_is_gone_has_no_open_alert),
    };
    return cmocka_run_group_tests_name("news", tests, NULL, NULL);
}
