/*
 * libwebsockets does sockets, TLS and the libuv loop; HTTP and WebSocket framing
 * are ours (http_conn, ws_frame), on its raw role. That is what makes strictness
 * possible: in 4.1 its WebSocket role accepts unmasked frames and does not show
 * frame headers. A connection's memory is allocated by libwebsockets with it.
 */
#include "gateway/web_connection.h"

#include <stdlib.h>
#include <sys/socket.h>

#include <libwebsockets.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/macros.h"
#include "base/strbuf.h"
#include "gateway/address_count.h"
#include "gateway/http_conn.h"
#include "gateway/http_site.h"
#include "gateway/listener.h"
#include "gateway/session.h"
#include "gateway/ws_frame.h"
#include "telemetry/metrics.h"
#include "wire/wire_limits.h"

enum {
    SLICE = 65536,        /* bytes of one write */
    SLICE_OF_SLOW = 8192, /* small steps show that a slow client still reads */
    SHUT_OUT_MAX = 256,   /* connections over the ceiling that are told so */
    LINGER_S = 2
};

struct connection {
    struct web_connections *all; /* NULL until the first callback */
    struct lws *wsi;
    struct connection *next;
    struct connection *previous;
    char peer[PEER_SIZE];
    bool counted;
    bool dead;
    bool slow;
    bool lingering;
    bool peer_said_close;
    struct http_conn *http;  /* until the upgrade */
    struct session *session; /* from then on */
    struct ws_decoder decoder;
};

/* --- connections -------------------------------------------------------- */

static void wake(void *transport);

/* Over a ceiling: the client hears so; far over it, there is no time for that. */
static void enforce_ceilings(struct connection *c, unsigned count)
{
    struct web_connections *all = c->all;
    c->counted = address_count_enter(all->addresses, c->peer);
    if (c->counted && count <= all->count_max)
        return;
    metrics_add_to(all->site->metrics, METRIC_CLIENT_REFUSED,
                   c->counted ? "too_many" : "address", 1);
    http_conn_shut_out(c->http);
    c->dead = count > all->count_max + SHUT_OUT_MAX;
}

static void connection_open(struct connection *c, struct lws *wsi)
{
    struct web_connections *all = lws_context_user(lws_get_context(wsi));
    c->all = all;
    c->wsi = wsi;
    peer_address(lws_get_socket_fd(wsi), c->peer);
    c->next = all->first;
    if (all->first != NULL)
        all->first->previous = c;
    all->first = c;
    unsigned count = atomic_fetch_add(all->count, 1) + 1;
    c->http = xcalloc(1, sizeof *c->http);
    http_conn_init(c->http, all->site, c->peer, c, wake, clock_mono_ms());
    enforce_ceilings(c, count);
}

static void connection_close(struct connection *c)
{
    struct web_connections *all = c->all;
    if (all == NULL)
        return;
    if (c->previous != NULL)
        c->previous->next = c->next;
    else
        all->first = c->next;
    if (c->next != NULL)
        c->next->previous = c->previous;
    atomic_fetch_sub(all->count, 1);
    if (c->counted)
        address_count_leave(all->addresses, c->peer);
    if (c->http != NULL) {
        http_conn_release(c->http);
        free(c->http);
    }
    if (c->session != NULL)
        ws_decoder_release(&c->decoder);
    session_free(c->session);
    *c = (struct connection){0};
}

/* Ends the connection soon; not inside this call, which may be deep in its use. */
static void kill_soon(struct connection *c)
{
    c->dead = true;
    /* Its end is read at once; the timeout alone is looked at once a second. */
    shutdown(lws_get_socket_fd(c->wsi), SHUT_RD);
    lws_set_timeout(c->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
}

/* All is said: tells the client so, and waits a moment for it to close. */
static void linger(struct connection *c)
{
    if (c->lingering)
        return;
    c->lingering = true;
    if (c->peer_said_close) {
        kill_soon(c);
        return;
    }
    if (lws_is_ssl(c->wsi) == 0)
        shutdown(lws_get_socket_fd(c->wsi), SHUT_WR);
    lws_set_timeout(c->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LINGER_S);
}

static const char *peek(struct connection *c, int64_t now_ms, size_t *ret_len)
{
    if (c->session != NULL)
        return session_peek(c->session, now_ms, ret_len);
    return http_conn_peek(c->http, ret_len);
}

static void sent(struct connection *c, size_t n, bool blocked, int64_t now_ms)
{
    if (c->session != NULL)
        session_sent(c->session, n, blocked, now_ms);
    else
        http_conn_sent(c->http, n, now_ms);
}

/* Gives libwebsockets one slice; false when the socket takes no more for now. */
static bool write_slice(struct connection *c, const char *data, size_t len,
                        int64_t now_ms)
{
    size_t n = MIN_OF(len, (size_t)(c->slow ? SLICE_OF_SLOW : SLICE));
    /* The raw role neither changes the bytes nor writes before them. */
    unsigned char *bytes = (unsigned char *)(uintptr_t)data;
    if (lws_write(c->wsi, bytes, n, LWS_WRITE_RAW) < 0) {
        kill_soon(c);
        return false;
    }
    bool blocked = lws_partial_buffered(c->wsi) != 0;
    sent(c, n, blocked, now_ms);
    if (!blocked)
        return true;
    c->slow = true;
    lws_callback_on_writable(c->wsi);
    return false;
}

/* The kernel's queue is full, although nothing is waiting in libwebsockets. */
static bool is_choked(struct connection *c, int64_t now_ms)
{
    if (!lws_send_pipe_choked(c->wsi))
        return false;
    c->slow = true;
    if (c->session != NULL)
        session_sent(c->session, 0, true, now_ms);
    lws_callback_on_writable(c->wsi);
    return true;
}

static void send_all(struct connection *c, int64_t now_ms)
{
    size_t len;
    const char *data;
    bool first = true;
    while ((data = peek(c, now_ms, &len)) != NULL) {
        if (!first && is_choked(c, now_ms))
            return;
        first = false;
        if (!write_slice(c, data, len, now_ms))
            return;
    }
    c->slow = false;
}

/* After the 101 the connection is a session. */
static void become_websocket(struct connection *c, int64_t now_ms)
{
    struct http_conn *http = c->http;
    c->session = session_new(c->all->hub, http->authorized, c, now_ms);
    ws_decoder_init(&c->decoder, WIRE_REQUEST_MAX);
    c->http = NULL;
    http_conn_release(http);
    free(http);
}

/* Sends what there is, as far as the socket takes it. */
static void pump(struct connection *c)
{
    int64_t now_ms = clock_mono_ms();
    if (c->dead || lws_partial_buffered(c->wsi))
        return;
    send_all(c, now_ms);
    if (c->dead)
        return;
    bool over = c->http != NULL ? c->http->state == HTTP_LINGERING
                                : session_is_over(c->session, now_ms);
    if (c->http != NULL && c->http->state == HTTP_DEAD)
        kill_soon(c);
    else if (over)
        linger(c);
}

static void wake(void *transport)
{
    pump(transport);
}

void web_connection_pump(struct session *s)
{
    pump(s->transport);
}

/* --- input -------------------------------------------------------------- */

static bool on_ws_event(void *data, const struct ws_event *event)
{
    struct connection *c = data;
    int64_t now_ms = clock_mono_ms();
    enum wire_close code = (enum wire_close)event->code;
    switch (event->kind) {
    case WS_EVENT_TEXT:
        session_receive(c->session, event->data, event->len, now_ms);
        break;
    case WS_EVENT_PING:
        session_receive_ping(c->session, event->data, event->len, now_ms);
        break;
    case WS_EVENT_PONG: session_receive_pong(c->session, now_ms); break;
    case WS_EVENT_CLOSE:
        c->peer_said_close = true;
        session_close(c->session, code, "", now_ms);
        break;
    case WS_EVENT_FAIL:
        session_close(c->session, code, wire_close_reason(code), now_ms);
        break;
    }
    return c->session->phase != SESSION_CLOSING || event->kind == WS_EVENT_PONG;
}

static void receive_ws(struct connection *c, const char *bytes, size_t n)
{
    if (c->session->phase == SESSION_CLOSING && !c->decoder.failed)
        c->decoder.failed = true; /* nothing that comes now matters */
    ws_decoder_feed(&c->decoder, (const uint8_t *)bytes, n, on_ws_event, c);
}

static void receive(struct connection *c, const char *bytes, size_t n)
{
    if (c->session != NULL) {
        receive_ws(c, bytes, n);
        return;
    }
    int64_t now_ms = clock_mono_ms();
    http_conn_feed(c->http, bytes, n, now_ms);
    if (c->http->state != HTTP_UPGRADED)
        return;
    pump(c); /* the 101 */
    size_t len;
    const char *rest = http_conn_rest(c->http, &len);
    struct strbuf early; /* frames that came right behind the request */
    strbuf_init(&early, len);
    strbuf_add(&early, rest, len);
    become_websocket(c, now_ms);
    if (len > 0)
        receive_ws(c, early.data, early.len);
    strbuf_release(&early);
}

/* libwebsockets shows the context of its certificate once, while it is made. */
static void keep_tls(struct web_connections *all, struct ssl_ctx_st *tls)
{
    all->tls = tls;
}

static int on_lws(struct lws *wsi, enum lws_callback_reasons reason, void *user,
                  void *in, size_t len)
{
    struct connection *c = user;
    switch (reason) {
    case LWS_CALLBACK_OPENSSL_LOAD_EXTRA_SERVER_VERIFY_CERTS:
        keep_tls(lws_context_user(lws_get_context(wsi)), user);
        return 0; /* user is no connection here */
    case LWS_CALLBACK_RAW_ADOPT: connection_open(c, wsi); break;
    case LWS_CALLBACK_RAW_RX:
        if (!c->dead && !c->lingering)
            receive(c, in, len);
        pump(c);
        break;
    case LWS_CALLBACK_RAW_WRITEABLE:
        if (c->session != NULL)
            session_unblocked(c->session, clock_mono_ms());
        pump(c);
        break;
    case LWS_CALLBACK_RAW_CLOSE: connection_close(c); return 0;
    default: return 0;
    }
    return c->dead ? -1 : 0;
}

const struct lws_protocols *web_connection_protocols(void)
{
    static const struct lws_protocols protocols[2] = {
        {
            .name = WEB_CONNECTION_PROTOCOL,
            .callback = on_lws,
            .per_session_data_size = sizeof(struct connection),
            .rx_buffer_size = WEB_CONNECTION_READ,
            .tx_packet_size = SLICE,
        },
    };
    return protocols;
}

/* --- all of a thread ------------------------------------------------------ */

void web_connections_tick(struct web_connections *all, int64_t now_ms)
{
    struct connection *next;
    for (struct connection *c = all->first; c != NULL; c = next) {
        next = c->next;
        if (c->dead)
            continue;
        if (c->http != NULL)
            http_conn_tick(c->http, now_ms);
        else if (c->session != NULL)
            session_tick(c->session, now_ms);
        pump(c);
    }
}

void web_connections_drain(struct web_connections *all)
{
    struct connection *next;
    for (struct connection *c = all->first; c != NULL; c = next) {
        next = c->next;
        if (c->http == NULL)
            continue;
        http_conn_drain(c->http);
        pump(c);
    }
}
