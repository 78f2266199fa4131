#include "pipeline.h"

#include <string.h>

#include "base/clock.h"
#include "base/macros.h"
#include "base/strbuf.h"
#include "bus/bus.h"
#include "bus/producer.h"
#include "gateway/web_server.h"
#include "ingest/ingest.h"
#include "telemetry/metrics.h"

/* The counters that must add up: consumed = the sum of the others. */
static const struct {
    const char *name;
    enum metric_id metric;
} record_rows[] = {
    {"consumed", METRIC_RECORDS_CONSUMED},   {"applied", METRIC_RECORDS_APPLIED},
    {"stale", METRIC_RECORDS_STALE},         {"invalid", METRIC_RECORDS_INVALID},
    {"unchanged", METRIC_RECORDS_UNCHANGED},
};

static void write_records(struct pipeline *p, struct strbuf *out)
{
    int64_t now_ms = clock_mono_ms();
    double consumed = metrics_sum(p->metrics, METRIC_RECORDS_CONSUMED);
    double seconds = (double)(now_ms - p->last_ms) / 1000;
    double rate =
        p->last_ms != 0 && seconds > 0 ? (consumed - p->last_consumed) / seconds : 0;
    strbuf_add_text(out, "\"records\":{");
    for (size_t i = 0; i < ARRAY_LEN(record_rows); i++)
        strbuf_addf(out, "\"%s\":%.0f,", record_rows[i].name,
                    metrics_sum(p->metrics, record_rows[i].metric));
    strbuf_addf(out, "\"per_s\":%.1f}", rate);
    p->last_consumed = consumed;
    p->last_ms = now_ms;
}

static void write_kafka(const struct pipeline *p, struct strbuf *out)
{
    const char *brokers = bus_brokers(p->bus);
    int64_t silent_ms = bus_silent_since_ms(p->bus);
    strbuf_add_text(out, ",\"kafka\":{\"brokers\":");
    strbuf_add_json(out, brokers, strlen(brokers));
    strbuf_addf(out, ",\"embedded\":%s,\"partitions\":%d,\"lag\":%.0f,\"queued\":%zu",
                bus_embedded(p->bus) ? "true" : "false",
                bus_partitions(p->bus, TOPIC_FLIGHT_UPDATES),
                metrics_sum(p->metrics, METRIC_KAFKA_CONSUMER_LAG),
                producer_queued(p->producer));
    strbuf_add_text(out, ",\"silent_since\":");
    if (silent_ms != 0)
        strbuf_add_fixed(out, silent_ms, 3);
    else
        strbuf_add_text(out, "null");
    strbuf_add_char(out, '}');
}

static void write_source(const struct source_status *source, struct strbuf *out)
{
    strbuf_add_text(out, "{\"name\":");
    strbuf_add_json(out, source->name, strlen(source->name));
    strbuf_addf(out, ",\"kind\":\"%s\",\"status\":\"%s\",\"since\":", source->kind,
                health_status_text(source->status));
    strbuf_add_fixed(out, source->since_ms, 3);
    strbuf_add_text(out, ",\"heard\":");
    if (source->heard_ms != 0)
        strbuf_add_fixed(out, source->heard_ms, 3);
    else
        strbuf_add_text(out, "null");
    strbuf_addf(out,
                ",\"per_s\":%.1f,\"records\":%llu,\"sent\":%llu,\"refused\":%llu,"
                "\"errors\":%llu,\"text\":",
                source->records_per_s, (unsigned long long)source->records,
                (unsigned long long)source->sent, (unsigned long long)source->refused,
                (unsigned long long)source->errors);
    strbuf_add_json(out, source->text, strlen(source->text));
    if (source->quota_left >= 0)
        strbuf_addf(out, ",\"quota_left\":%lld", (long long)source->quota_left);
    if (source->latency_ms >= 0)
        strbuf_addf(out, ",\"latency_ms\":%lld", (long long)source->latency_ms);
    strbuf_add_char(out, '}');
}

static void write_sources(const struct pipeline *p, struct strbuf *out)
{
    struct source_status sources[INGEST_SOURCES_MAX];
    size_t count = 0;
    if (p->ingest != NULL)
        count = ingest_sources(p->ingest, sources, INGEST_SOURCES_MAX);
    strbuf_add_text(out, ",\"sources\":[");
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            strbuf_add_char(out, ',');
        write_source(&sources[i], out);
    }
    strbuf_add_char(out, ']');
}

void pipeline_write(void *data, struct strbuf *out)
{
    struct pipeline *p = data;
    strbuf_add_text(out, "{\"time\":");
    strbuf_add_fixed(out, clock_wall_ms(), 3);
    strbuf_add_char(out, ',');
    write_records(p, out);
    write_kafka(p, out);
    strbuf_addf(out, ",\"clients\":%u", web_server_clients(p->web));
    write_sources(p, out);
    strbuf_add_char(out, '}');
}
