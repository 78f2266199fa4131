#include "gateway/pipeline.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/macros.h"
#include "base/strbuf.h"
#include "gateway/hub_shared.h"
#include "gateway/route_context.h"
#include "state/flight_index.h"
#include "telemetry/health.h"
#include "telemetry/metrics.h"

/* A counter that is told as a total and a rate. */
static const struct {
    const char *name;
    enum metric_id metric;
} counters[] = {
    {"consumed", METRIC_RECORDS_CONSUMED},   {"applied", METRIC_RECORDS_APPLIED},
    {"stale", METRIC_RECORDS_STALE},         {"invalid", METRIC_RECORDS_INVALID},
    {"unchanged", METRIC_RECORDS_UNCHANGED}, {"ticks", METRIC_TICKS},
    {"frames", METRIC_CLIENT_FRAMES},        {"bytes", METRIC_CLIENT_BYTES},
    {"conflated", METRIC_CLIENT_CONFLATED},  {"slow_closed", METRIC_CLIENT_SLOW_CLOSED},
};

struct pipeline {
    const struct hub *hub;
    double before[ARRAY_LEN(counters)];
    int64_t before_ms;
    struct strbuf text;
};

struct pipeline *pipeline_new(const struct hub *hub)
{
    struct pipeline *pipeline = xcalloc(1, sizeof *pipeline);
    pipeline->hub = hub;
    strbuf_init(&pipeline->text, 65536);
    return pipeline;
}

void pipeline_free(struct pipeline *pipeline)
{
    if (pipeline == NULL)
        return;
    strbuf_release(&pipeline->text);
    free(pipeline);
}

static void add_counters(struct pipeline *pipeline, int64_t wall_ms)
{
    struct strbuf *out = &pipeline->text;
    struct metrics *m = pipeline->hub->config.context->metrics;
    int64_t passed_ms = wall_ms - pipeline->before_ms;
    bool known = pipeline->before_ms > 0 && passed_ms > 0;
    strbuf_add_text(out, ",\"counters\":{");
    for (size_t i = 0; i < ARRAY_LEN(counters); i++) {
        double now = metrics_sum(m, counters[i].metric);
        strbuf_addf(out, "%s\"%s\":{\"total\":%.0f", i > 0 ? "," : "", counters[i].name,
                    now);
        if (known)
            strbuf_addf(out, ",\"per_s\":%.1f",
                        (now - pipeline->before[i]) * 1000 / (double)passed_ms);
        strbuf_add_char(out, '}');
        pipeline->before[i] = now;
    }
    strbuf_add_char(out, '}');
    pipeline->before_ms = wall_ms;
}

/* The parts of this process: Kafka, Redis, each source, with their state. */
static void add_parts(struct pipeline *pipeline, int64_t wall_ms)
{
    struct strbuf *out = &pipeline->text;
    struct health_board *board = pipeline->hub->config.context->health;
    struct health_entry *entries = xcalloc(HEALTH_COMPONENTS_MAX, sizeof *entries);
    size_t count =
        board != NULL ? health_snapshot(board, entries, HEALTH_COMPONENTS_MAX) : 0;
    strbuf_add_text(out, ",\"parts\":[");
    for (size_t i = 0; i < count; i++) {
        const struct health_entry *e = &entries[i];
        strbuf_add_text(out, i > 0 ? ",{\"name\":" : "{\"name\":");
        strbuf_add_json(out, e->name, strlen(e->name));
        strbuf_addf(out,
                    ",\"status\":\"%s\",\"since\":", health_status_text(e->status));
        strbuf_add_fixed(out, e->since_ms, 3);
        strbuf_add_text(out, ",\"age\":");
        strbuf_add_fixed(out, MAX_OF(wall_ms - e->checked_ms, 0) / 100, 1);
        strbuf_add_text(out, ",\"output\":");
        strbuf_add_json(out, e->output, strlen(e->output));
        strbuf_add_char(out, '}');
    }
    strbuf_add_char(out, ']');
    free(entries);
}

void pipeline_refresh(struct pipeline *pipeline, int64_t wall_ms)
{
    const struct flight_index *index = pipeline->hub->index;
    struct strbuf *out = &pipeline->text;
    strbuf_clear(out);
    strbuf_addf(out, "{\"tick\":%u,\"tick_ms\":%u,\"flights\":%zu",
                flight_index_tick(index), flight_index_tick_ms(index),
                flight_index_count(index));
    strbuf_addf(out, ",\"lag_ms\":%" PRId64 ",\"clients\":%.0f",
                flight_index_lag_ms(index),
                metric_value(pipeline->hub->metrics.clients));
    const char *source;
    int64_t stale_ms = flight_index_stale_since_ms(index, &source);
    if (stale_ms > 0) {
        strbuf_addf(out, ",\"stale\":{\"source\":\"%s\",\"since\":", source);
        strbuf_add_fixed(out, stale_ms, 3);
        strbuf_add_char(out, '}');
    }
    add_counters(pipeline, wall_ms);
    add_parts(pipeline, wall_ms);
    const struct route_context *context = pipeline->hub->config.context;
    if (context->metrics != NULL)
        strbuf_addf(out, ",\"kafka_lag\":%.0f",
                    metrics_sum(context->metrics, METRIC_KAFKA_CONSUMER_LAG));
    if (context->write_sources != NULL) {
        strbuf_add_text(out, ",\"sources\":");
        context->write_sources(context->sources_data, out);
    }
    strbuf_add_char(out, '}');
}

const char *pipeline_text(const struct pipeline *pipeline, size_t *ret_len)
{
    *ret_len = pipeline->text.len;
    return strbuf_text(&pipeline->text);
}
