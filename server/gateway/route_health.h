/*
 * The routes that every role has: is it alive, is it ready, how is it, what does
 * it count. Handlers of routes.c.
 */
#pragma once

struct http_exchange;

void route_livez(struct http_exchange *x);
void route_readyz(struct http_exchange *x);
void route_healthz(struct http_exchange *x);
void route_metrics(struct http_exchange *x);
