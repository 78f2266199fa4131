#include "monitor/news.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/strbuf.h"
#include "bus/bus.h"
#include "monitor/alert_table.h"
#include "monitor/service_table.h"
#include "telemetry/metrics.h"

enum { ERROR_MAX = 256 };

struct news {
    struct service_table *services;
    struct alert_table *alerts;
    struct metrics *metrics;
    struct news_sink sink;
};

static void tell_alerts(struct news *news, uint64_t after)
{
    if (news->sink.on_alert)
        alert_table_visit(news->alerts, after, news->sink.on_alert, news->sink.data);
}

static void tell_services(struct news *news, uint64_t after)
{
    if (news->sink.on_service)
        service_table_visit(news->services, after, news->sink.on_service,
                            news->sink.data);
}

/* A service turned: that is an alert, or the end of one. */
static void on_turn(void *data, const struct service_health *health)
{
    struct news *news = data;
    const uint64_t before = alert_table_version(news->alerts);
    alert_table_put_service(news->alerts, health);
    tell_alerts(news, before);
}

struct news *news_new(const struct news_sink *sink, struct metrics *metrics)
{
    struct news *news = xcalloc(1, sizeof *news);
    news->services = service_table_new();
    news->alerts = alert_table_new();
    news->metrics = metrics;
    if (sink)
        news->sink = *sink;
    service_table_on_change(news->services, on_turn, news);
    return news;
}

void news_free(struct news *news)
{
    if (!news)
        return;
    service_table_free(news->services);
    alert_table_free(news->alerts);
    free(news);
}

void news_set_sink(struct news *news, const struct news_sink *sink)
{
    news->sink = *sink;
}

struct service_table *news_services(struct news *news)
{
    return news->services;
}

struct alert_table *news_alerts(struct news *news)
{
    return news->alerts;
}

static void refuse(struct news *news, const char *kind, const struct strbuf *why)
{
    metrics_add_to(news->metrics, METRIC_NEWS_REFUSED, kind, 1);
    log_warn("news", "%s refused: %s", kind, strbuf_text(why));
}

static void take_health(struct news *news, enum service_origin origin, const char *json,
                        size_t len)
{
    struct service_health health;
    struct strbuf error;
    strbuf_init(&error, ERROR_MAX);
    const uint64_t before = service_table_version(news->services);
    if (service_health_parse(json, len, &health, &error) != 0)
        refuse(news, "health", &error);
    else if (service_table_put(news->services, origin, &health, clock_wall_ms()))
        tell_services(news, before);
    strbuf_release(&error);
}

/* Nobody tells of the service any more: what was wrong with it is over. */
static void forget(struct news *news, enum service_origin origin, const char *service)
{
    struct service_health last;
    const uint64_t services = service_table_version(news->services);
    const uint64_t alerts = alert_table_version(news->alerts);
    if (!service_table_remove(news->services, origin, service, &last))
        return;
    tell_services(news, services);
    last.status = HEALTH_PASS;
    last.since_ms = clock_wall_ms();
    alert_table_put_service(news->alerts, &last);
    tell_alerts(news, alerts);
}

static void take_tombstone(struct news *news, const struct bus_record *record)
{
    char service[SERVICE_NAME_SIZE];
    if (record->key == NULL || record->key_len >= sizeof service)
        return;
    snprintf(service, sizeof service, "%.*s", (int)record->key_len, record->key);
    forget(news, SERVICE_FROM_KAFKA, service);
}

void news_take_health_records(void *data, const struct bus_record *records, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (records[i].value)
            take_health(data, SERVICE_FROM_KAFKA, records[i].value,
                        records[i].value_len);
        else
            take_tombstone(data, &records[i]);
    }
}

void news_take_mirrored(void *data, const char *service, const char *json, size_t len)
{
    if (json)
        take_health(data, SERVICE_FROM_REDIS, json, len);
    else
        forget(data, SERVICE_FROM_REDIS, service);
}

void news_take_probe(struct news *news, const struct service_health *health)
{
    const uint64_t before = service_table_version(news->services);
    if (service_table_put(news->services, SERVICE_FROM_PROBE, health, clock_wall_ms()))
        tell_services(news, before);
}

static void take_alert(struct news *news, const char *json, size_t len)
{
    struct strbuf error;
    strbuf_init(&error, ERROR_MAX);
    const uint64_t before = alert_table_version(news->alerts);
    if (alert_table_put_json(news->alerts, json, len, &error))
        tell_alerts(news, before);
    else
        refuse(news, "alert", &error);
    strbuf_release(&error);
}

void news_take_alert_records(void *data, const struct bus_record *records, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (records[i].value)
            take_alert(data, records[i].value, records[i].value_len);
}

void news_take_ack(void *data, const char *alert, int64_t at_ms)
{
    struct news *news = data;
    const uint64_t before = alert_table_version(news->alerts);
    if (alert_table_ack(news->alerts, alert, at_ms))
        tell_alerts(news, before);
}
