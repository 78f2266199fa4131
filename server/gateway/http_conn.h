/*
 * One HTTP/1.1 connection without its socket: bytes in, bytes out. Requests are
 * answered in order, one at a time; a request for a WebSocket ends it with an
 * upgrade. Slow and oversized clients are answered and closed. Io thread; times
 * are monotonic milliseconds.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/strbuf.h"
#include "gateway/http_request.h"

struct http_exchange;
struct http_site;

enum {
    HTTP_HEAD_MS = 10000,    /* for a whole head, from its first byte */
    HTTP_BODY_MS = 15000,    /* for a whole body */
    HTTP_IDLE_MS = 60000,    /* between requests */
    HTTP_STUCK_MS = 30000,   /* no byte of a reply taken */
    HTTP_LINGER_MS = 2000,   /* after the last reply, for the client to read it */
    HTTP_PENDING_MAX = 32768 /* bytes of further requests while one is answered */
};

enum http_state {
    HTTP_READING,
    HTTP_ANSWERING, /* a route works on it, or its reply is being sent */
    HTTP_UPGRADED,  /* the 101 is being sent; then it is a WebSocket */
    HTTP_LINGERING, /* the last reply is out: read on until the client closes */
    HTTP_DEAD
};

struct http_conn {
    const struct http_site *site;
    void *transport;
    void (*wake)(void *transport); /* there is something to send */
    enum http_state state;
    char peer[64];
    struct strbuf in;
    bool have_head;
    size_t head_len;
    struct http_request request; /* while its body is awaited */
    struct http_exchange *exchange;
    struct strbuf head; /* of the reply */
    char *body;
    size_t body_len;
    size_t sent; /* bytes of head and body */
    bool close_after;
    bool shut_out;    /* over a ceiling: whatever is asked is answered with 503 */
    bool handling;    /* inside a route's handler */
    bool authorized;  /* the upgrade came with a valid token */
    int64_t since_ms; /* of the current wait */
};

void http_conn_init(struct http_conn *c, const struct http_site *site, const char *peer,
                    void *transport, void (*wake)(void *transport), int64_t now_ms);
void http_conn_release(struct http_conn *c);

/* Bytes from the client. */
void http_conn_feed(struct http_conn *c, const char *bytes, size_t n, int64_t now_ms);

/* Bytes to send, NULL when there are none now; and how many of them were sent. */
const char *http_conn_peek(const struct http_conn *c, size_t *ret_len);
void http_conn_sent(struct http_conn *c, size_t n, int64_t now_ms);

/* Time-outs; about once a second. */
void http_conn_tick(struct http_conn *c, int64_t now_ms);

/* Ends the connection when it is idle, after the reply when it is not. */
void http_conn_drain(struct http_conn *c);

/* There are too many already: this one hears so, and is closed. */
void http_conn_shut_out(struct http_conn *c);

/* What the client sent after the upgrade, if anything; then forgotten. */
const char *http_conn_rest(struct http_conn *c, size_t *ret_len);
