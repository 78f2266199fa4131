/*
 * What a gateway hears of the platform: health objects (from Kafka, Redis and
 * its own probes) and alerts (from Kafka, and from services that fail), kept in
 * the service table and the alert table, and passed on as they change to whoever
 * streams them to clients. All take functions may be called from any thread;
 * they have the shape of the callbacks of bus and store.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct alert_table;
struct bus_record;
struct metrics;
struct news;
struct service_health;
struct service_table;

/*
 * json: one object, as /api/v1/services and /api/v1/alerts list them. Called on
 * the thread that brought the news; must not call back into news.
 */
struct news_sink {
    void (*on_service)(void *data, const char *service, const char *json, size_t len);
    void (*on_alert)(void *data, const char *id, const char *json, size_t len);
    void *data;
};

/* sink may be NULL, and is copied. */
struct news *news_new(const struct news_sink *sink, struct metrics *metrics);
void news_free(struct news *news); /* accepts NULL */

/* Sets the sink when it exists only later; before any take function is called. */
void news_set_sink(struct news *news, const struct news_sink *sink);

struct service_table *news_services(struct news *news);
struct alert_table *news_alerts(struct news *news);

/* Records of service-health and of flight-alerts (bus_records_fn). data: the news. */
void news_take_health_records(void *data, const struct bus_record *records, size_t n);
void news_take_alert_records(void *data, const struct bus_record *records, size_t n);

/* An object of Redis' health hash (health_mirror_fn); NULL json is ignored. */
void news_take_mirrored(void *data, const char *service, const char *json, size_t len);

/* An alert was acknowledged, here or elsewhere (sessions_ack_fn). */
void news_take_ack(void *data, const char *alert, int64_t at_ms);

/* What a probe of this process found. */
void news_take_probe(struct news *news, const struct service_health *health);
