/*
 * The table of routes as an OpenAPI 3.1 document, so that what is served and
 * what is described cannot differ. Handler of routes.c.
 */
#pragma once

struct http_exchange;

void route_openapi(struct http_exchange *x);
