#include "gateway/route_platform.h"

#include "base/clock.h"
#include "gateway/route.h"
#include "gateway/route_args.h"
#include "gateway/route_context.h"
#include "monitor/alert_table.h"
#include "monitor/service_table.h"
#include "state/flight_index.h"

#define JSON_TYPE "application/json"

static void begin(struct strbuf *body)
{
    route_body_init(body);
    strbuf_add_text(body, "{\"now\":");
    strbuf_add_fixed(body, clock_wall_ms(), 3);
}

/* The state thread's counts, and the sources where they are in this process. */
void route_stats(struct http_exchange *x)
{
    const struct route_context *context = exchange_context(x);
    size_t len = 0;
    if (!route_args_known(x))
        return;
    const char *stats = flight_index_stats(context->index, &len);
    struct strbuf body;
    route_body_init(&body);
    strbuf_add(&body, stats, len);
    if (context->write_sources != NULL && len > 2) {
        strbuf_truncate(&body, len - 1); /* its closing brace */
        /* Not "sources": those are counted by what their flights name. */
        strbuf_add_text(&body, ",\"ingest\":");
        context->write_sources(context->sources_data, &body);
        strbuf_add_char(&body, '}');
    }
    exchange_reply(x, 200, JSON_TYPE, strbuf_text(&body), body.len);
    strbuf_release(&body);
}

void route_services(struct http_exchange *x)
{
    struct service_table *table = exchange_context(x)->services;
    struct strbuf body;
    size_t limit = 0;
    if (!route_args_known(x) ||
        !route_args_limit(x, SERVICE_TABLE_MAX, SERVICE_TABLE_MAX, &limit))
        return;
    begin(&body);
    strbuf_add_text(&body, ",\"services\":");
    const size_t total = table ? service_table_write(table, 0, limit, &body) : 0;
    strbuf_addf(&body, "%s,\"total\":%zu}\n", table ? "" : "[]", total);
    route_send(x, JSON_TYPE, &body);
}

void route_service(struct http_exchange *x)
{
    struct service_table *table = exchange_context(x)->services;
    struct strbuf body;
    if (!route_args_known(x))
        return;
    route_body_init(&body);
    if (table && service_table_write_one(table, exchange_param(x, "name"), &body)) {
        route_send(x, JSON_TYPE, &body);
        return;
    }
    strbuf_release(&body);
    exchange_error(x, 404, "not_found", "no service of this name is known", 0);
}

void route_alerts(struct http_exchange *x)
{
    struct alert_table *table = exchange_context(x)->alerts;
    struct strbuf body;
    size_t limit = 0;
    bool active = false;
    enum alert_choice choice = ALERT_ANY;
    if (!route_args_known(x) ||
        !route_args_limit(x, ALERT_TABLE_MAX, ALERT_TABLE_MAX, &limit) ||
        !route_args_flag(x, "active", &active))
        return;
    if (exchange_param(x, "active"))
        choice = active ? ALERT_ACTIVE : ALERT_ENDED;
    begin(&body);
    strbuf_add_text(&body, ",\"alerts\":");
    const size_t total = table ? alert_table_write(table, 0, choice, limit, &body) : 0;
    strbuf_addf(&body, "%s,\"total\":%zu,\"open\":%zu}\n", table ? "" : "[]", total,
                table ? alert_table_open_count(table) : 0);
    route_send(x, JSON_TYPE, &body);
}
