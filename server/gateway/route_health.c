#include "gateway/route_health.h"

#include "base/clock.h"
#include "gateway/route.h"
#include "gateway/route_args.h"
#include "gateway/route_context.h"
#include "telemetry/health.h"
#include "telemetry/metrics.h"
#include "telemetry/process_metrics.h"

#define HEALTH_TYPE      "application/health+json"
#define TEXT_TYPE        "text/plain; version=0.0.4; charset=utf-8"
#define OPENMETRICS_TYPE "application/openmetrics-text; version=1.0.0; charset=utf-8"

static void reply_text(struct http_exchange *x, int status, const char *body)
{
    exchange_set_header(x, "Cache-Control", "no-store");
    exchange_reply(x, status, HEALTH_TYPE, body, strlen(body));
}

void route_livez(struct http_exchange *x)
{
    if (route_args_known(x))
        reply_text(x, 200, "{\"status\":\"pass\"}");
}

void route_readyz(struct http_exchange *x)
{
    const struct health_board *board = exchange_context(x)->health;
    if (!route_args_known(x))
        return;
    if (health_is_draining(board))
        reply_text(x, 503, "{\"status\":\"fail\",\"output\":\"draining\"}");
    else if (!health_is_ready(board))
        reply_text(x, 503, "{\"status\":\"fail\",\"output\":\"catching up\"}");
    else
        reply_text(x, 200, "{\"status\":\"pass\"}");
}

void route_healthz(struct http_exchange *x)
{
    const struct route_context *context = exchange_context(x);
    struct strbuf body;
    if (!route_args_known(x))
        return;
    route_body_init(&body);
    health_write(context->health, context->role, clock_wall_ms(), &body);
    const int status = health_overall(context->health) == HEALTH_FAIL ? 503 : 200;
    exchange_set_header(x, "Cache-Control", "no-store");
    exchange_reply(x, status, HEALTH_TYPE, strbuf_text(&body), body.len);
    strbuf_release(&body);
}

void route_metrics(struct http_exchange *x)
{
    struct metrics *metrics = exchange_context(x)->metrics;
    const char *accept = exchange_header(x, "accept");
    const bool openmetrics = accept && strstr(accept, "application/openmetrics-text");
    struct strbuf body;
    if (!route_args_known(x))
        return;
    process_metrics_update(metrics, clock_wall_ms());
    route_body_init(&body);
    metrics_write(metrics, openmetrics, &body);
    route_send(x, openmetrics ? OPENMETRICS_TYPE : TEXT_TYPE, &body);
}
