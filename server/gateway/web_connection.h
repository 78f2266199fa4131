/*
 * The connections of an io thread: each is an http_conn first and, after an
 * upgrade, a session; this moves their bytes through libwebsockets. The thread's
 * libwebsockets context has the struct web_connections as its user data. Io thread.
 */
#pragma once

#include <stdatomic.h>
#include <stdint.h>

struct address_count;
struct connection;
struct http_site;
struct hub;
struct lws_protocols;
struct session;
struct ssl_ctx_st;

#define WEB_CONNECTION_PROTOCOL "flightdash"

enum { WEB_CONNECTION_READ = 16384 }; /* bytes of one read, at most */

struct web_connections {
    struct connection *first;
    struct hub *hub; /* borrowed, as all that follows */
    const struct http_site *site;
    struct address_count *addresses; /* of all io threads */
    atomic_uint *count;              /* of all io threads */
    unsigned count_max;
    struct ssl_ctx_st *tls; /* libwebsockets' own; NULL = plain text, or not made yet */
};

/* For lws_create_context: WEB_CONNECTION_PROTOCOL, and the end of the list. */
const struct lws_protocols *web_connection_protocols(void);

/* Sends what the session has, as far as the socket takes it (hub_config.pump). */
void web_connection_pump(struct session *s);

/* Once a second: ends what takes too long, says what is due. */
void web_connections_tick(struct web_connections *all, int64_t now_ms);

/* Ends the connections that are no sessions after the answer that they wait for. */
void web_connections_drain(struct web_connections *all);
