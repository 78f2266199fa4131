/*
 * What is known about the whole: statistics, services, alerts. Handlers of
 * routes.c.
 */
#pragma once

struct http_exchange;

void route_stats(struct http_exchange *x);
void route_services(struct http_exchange *x);
void route_service(struct http_exchange *x);
void route_alerts(struct http_exchange *x);
