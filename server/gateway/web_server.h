/*
 * HTTP and WebSocket listener of a role, on libwebsockets; the only file that
 * knows it. Runs on the loops that it is given, one libwebsockets context each
 * (several share the port by SO_REUSEPORT). Create it before the loops run, free
 * it after they stopped; functions marked so may be called from any thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/route_context.h"

struct auth;
struct frame_set;
struct loop;
struct provider;
struct route;
struct strbuf;
struct web_server;

struct web_config {
    const char *address;  /* "127.0.0.1", "::1", "0.0.0.0" */
    uint16_t port;        /* 0 = any free one */
    const char *tls_cert; /* NULL or "" = plain text */
    const char *tls_key;
    const char *const *origins; /* allowed Origin values; "*" = all */
    size_t origin_count;
    struct auth *auth; /* borrowed; NULL = no tokens asked */
    const struct route *routes;
    size_t route_count;
    struct route_context context; /* index and loop are filled in per io thread */
    struct loop *const *loops;
    size_t loop_count;
    bool websocket;    /* serve /ws: the gateway only */
    const char *epoch; /* state_epoch */
    uint32_t tick_ms;
    unsigned connections_max;         /* 0 = 20,000 */
    unsigned connections_per_address; /* 0 = no limit (127.0.0.1, ::1: never) */
    const struct provider *provider;  /* borrowed; NULL = none */
    /* What clients tell the rest of the process; NULL = not supported. Io thread. */
    void (*on_ack)(void *data, const char *alert);
    void *ack_data;
};

/* NULL with the reason in ret_error (port in use, bad certificate). */
struct web_server *web_server_new(const struct web_config *config,
                                  struct strbuf *ret_error);
void web_server_free(struct web_server *server); /* accepts NULL */

/* The real port. */
uint16_t web_server_port(const struct web_server *server);

/* Any thread: a tick for every io thread. The reference is taken. */
void web_server_post_frame(struct web_server *server, struct frame_set *take_frame_set);

/*
 * Any thread: calls fn(data) once when every io thread has taken the frames that were
 * posted before; on the last one's thread. Not at all when the server ends first.
 * One question at a time.
 */
void web_server_when_seen(struct web_server *server, void (*fn)(void *data),
                          void *data);

/*
 * Any thread: stops listening, sends every client `goaway` (reconnect_ms with
 * jitter) and closes with 1012. web_server_clients is 0 when all have gone.
 */
void web_server_drain(struct web_server *server, const char *reason);
unsigned web_server_clients(const struct web_server *server);

/*
 * Any thread: reads the certificate and key of these files for connections to come;
 * 0, or -EINVAL with the reason and the old ones kept. A server without TLS stays so.
 */
int web_server_reload_tls(struct web_server *server, const char *cert_file,
                          const char *key_file, struct strbuf *ret_error);

/* Any thread: who may connect from a page from now on; copied. */
void web_server_set_origins(struct web_server *server, const char *const *origins,
                            size_t count);
