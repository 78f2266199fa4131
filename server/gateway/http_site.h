/*
 * What all connections of an io thread share: routes, tokens, origins, the state
 * of the server. Borrowed by http_conn and ws_upgrade; kept by the transport. Io
 * thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct auth;
struct metrics;
struct route;
struct route_context;

enum { HTTP_DATE_SIZE = 32 };

struct http_site {
    const struct route_context *context;
    const struct route *routes;
    size_t route_count;
    const char *const *origins;
    size_t origin_count;
    struct auth *auth; /* NULL = no tokens asked */
    struct metrics *metrics;
    bool websocket; /* GET /ws is served */
    bool draining;
    char date[HTTP_DATE_SIZE]; /* of the Date header; kept by the transport */
    unsigned client_max;       /* WebSocket clients of this thread */
    const size_t *client_count;
    /* Sec-WebSocket-Accept of a key (RFC 6455, 4.2.2); ret holds 32 bytes. */
    void (*accept_key)(const char *key, char *ret_text);
};

/* True when an Origin may use this server (none given = not a browser: yes). */
bool http_origin_allowed(const struct http_site *site, const char *origin);
