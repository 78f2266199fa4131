/*
 * What other servers know: metrics, logs, traces, analytics. The answer comes
 * from the upstream thread. Handlers of routes.c.
 */
#pragma once

struct http_exchange;

void route_panels(struct http_exchange *x);
void route_metrics_query(struct http_exchange *x);
void route_logs(struct http_exchange *x);
void route_traces(struct http_exchange *x);
void route_analytics(struct http_exchange *x);
