#include "gateway/http_conn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/macros.h"
#include "gateway/auth.h"
#include "gateway/exchange.h"
#include "gateway/http_site.h"
#include "gateway/route.h"
#include "gateway/ws_upgrade.h"
#include "telemetry/metrics.h"

enum { HEAD_REPLY_MAX = 16384 };

void http_conn_init(struct http_conn *c, const struct http_site *site, const char *peer,
                    void *transport, void (*wake)(void *transport), int64_t now_ms)
{
    *c = (struct http_conn){
        .site = site, .transport = transport, .wake = wake, .since_ms = now_ms};
    snprintf(c->peer, sizeof c->peer, "%s", peer);
    strbuf_init(&c->in, HTTP_HEAD_MAX + HTTP_BODY_MAX + HTTP_PENDING_MAX);
    strbuf_init(&c->head, HEAD_REPLY_MAX);
}

void http_conn_release(struct http_conn *c)
{
    exchange_free(c->exchange);
    c->exchange = NULL;
    http_request_release(&c->request);
    strbuf_release(&c->in);
    strbuf_release(&c->head);
    free(c->body);
    c->body = NULL;
}

static void consume(struct http_conn *c, size_t n)
{
    memmove(c->in.data, c->in.data + n, c->in.len - n);
    strbuf_truncate(&c->in, c->in.len - n);
    if (c->in.len == 0)
        strbuf_release(&c->in); /* an idle connection holds no buffer */
}

/* --- replies ------------------------------------------------------------ */

static void add_cors(struct http_conn *c, const struct http_request *request)
{
    const char *origin = http_request_header(request, "origin");
    if (c->site->origin_count > 0)
        strbuf_add_text(&c->head, "Vary: Origin\r\n");
    if (origin == NULL || !http_origin_allowed(c->site, origin))
        return;
    strbuf_addf(&c->head,
                "Access-Control-Allow-Origin: %s\r\n"
                "Access-Control-Expose-Headers: ETag, Retry-After\r\n",
                origin);
}

static const char *row_name(const struct http_exchange *x)
{
    return x->hit.route != NULL ? x->hit.route->path : "none";
}

static void count_reply(const struct http_conn *c, const struct http_exchange *x)
{
    char status[12];
    snprintf(status, sizeof status, "%d", x->status);
    metric_add(
        metrics_cell_of(c->site->metrics, METRIC_HTTP_REQUESTS, row_name(x), status),
        1);
}

static void count_sent(const struct http_conn *c, int64_t now_ms)
{
    const struct http_exchange *x = c->exchange;
    metrics_add(c->site->metrics, METRIC_HTTP_BYTES, (int64_t)c->sent);
    metric_observe(
        metrics_cell_of(c->site->metrics, METRIC_HTTP_DURATION, row_name(x), NULL),
        (double)(now_ms - x->began_ms) / 1000.0);
}

/* Writes the head of the exchange's reply; what follows is its body, if any. */
static void write_head(struct http_conn *c, struct http_exchange *x)
{
    bool no_body = x->status == 204 || x->status == 304;
    bool head_only = strcmp(x->request.method, "HEAD") == 0;
    struct strbuf *h = &c->head;
    strbuf_addf(h, "HTTP/1.1 %d %s\r\nDate: %s\r\n", x->status, http_reason(x->status),
                c->site->date);
    if (!no_body)
        strbuf_addf(h, "Content-Length: %zu\r\n", x->reply_len);
    if (!no_body && x->content_type_text[0] != '\0')
        strbuf_addf(h, "Content-Type: %s\r\n", x->content_type_text);
    if (strcasestr(strbuf_text(&x->headers), "cache-control:") == NULL)
        strbuf_add_text(h, "Cache-Control: no-store\r\n");
    strbuf_add_text(h, "X-Content-Type-Options: nosniff\r\n");
    add_cors(c, &x->request);
    strbuf_add(h, strbuf_text(&x->headers), x->headers.len);
    c->close_after |= !x->request.keep_alive || c->site->draining;
    strbuf_addf(h, "Connection: %s\r\n\r\n", c->close_after ? "close" : "keep-alive");
    if (!no_body && !head_only) {
        c->body = x->reply;
        c->body_len = x->reply_len;
        x->reply = NULL;
    }
}

static void answered(void *data)
{
    struct http_conn *c = data;
    struct http_exchange *x = c->exchange;
    count_reply(c, x);
    write_head(c, x);
    c->sent = 0;
    if (!c->handling)
        c->wake(c->transport);
}

/* Refuses what is not even a request. */
static void refuse(struct http_conn *c, int status)
{
    struct http_request none = {.method = "GET"};
    c->close_after = true;
    c->state = HTTP_ANSWERING;
    c->exchange =
        exchange_new(c->site->context, c->peer, &none, c->since_ms, answered, c);
    const char *code = status == 408   ? "rate_limited"
                       : status == 413 ? "too_large"
                       : status == 414 ? "too_large"
                       : status == 431 ? "too_large"
                                       : "bad_request";
    c->handling = true;
    const char *what = status == 400
                           ? "the request line, a header or a percent-encoding "
                             "of UTF-8 is malformed"
                           : http_reason(status);
    exchange_error(c->exchange, status, code, what, 0);
    c->handling = false;
}

/* --- requests ----------------------------------------------------------- */

static void answer_options(struct http_exchange *x, const struct http_conn *c)
{
    const char *origin = http_request_header(&x->request, "origin");
    char methods[ROUTE_METHODS_SIZE];
    route_methods(c->site->routes, c->site->route_count, x->request.path, methods);
    exchange_set_header(x, "Allow", methods);
    if (origin != NULL && http_origin_allowed(c->site, origin)) {
        exchange_set_header(x, "Access-Control-Allow-Methods", methods);
        exchange_set_header(x, "Access-Control-Allow-Headers", "Authorization");
        exchange_set_header(x, "Access-Control-Max-Age", "600");
    }
    exchange_reply(x, 204, NULL, "", 0);
}

static void answer_unknown(struct http_exchange *x, const struct http_conn *c,
                           enum route_match match)
{
    if (match == ROUTE_NO_METHOD) {
        char methods[ROUTE_METHODS_SIZE];
        route_methods(c->site->routes, c->site->route_count, x->request.path, methods);
        exchange_set_header(x, "Allow", methods);
        exchange_error(x, 405, "bad_request", "this method is not served here", 0);
    } else {
        exchange_error(x, 404, "not_found", "there is no such path", 0);
    }
}

static bool may(const struct http_conn *c, const struct http_exchange *x)
{
    return c->site->auth == NULL || (x->hit.route->flags & ROUTE_PUBLIC) != 0 ||
           auth_check_header(c->site->auth,
                             http_request_header(&x->request, "authorization"));
}

static void serve(struct http_conn *c, struct http_exchange *x)
{
    if (strcmp(x->request.method, "OPTIONS") == 0) {
        answer_options(x, c);
        return;
    }
    x->segments = xstrdup(x->request.path);
    enum route_match match = route_find(c->site->routes, c->site->route_count,
                                        x->request.method, x->segments, &x->hit);
    if (match != ROUTE_FOUND) {
        answer_unknown(x, c, match);
    } else if (x->request.query_too_long) {
        exchange_error(x, 414, "too_large", "the query is longer than 4096 bytes", 0);
    } else if (!may(c, x)) {
        exchange_set_header(x, "WWW-Authenticate", "Bearer");
        exchange_error(x, 401, "unauthorized", "a valid bearer token is wanted", 0);
    } else {
        x->hit.route->handle(x);
        if (!x->answered && x->deferred == NULL)
            exchange_error(x, 500, "internal", "the route gave no answer", 0);
    }
}

static void upgrade(struct http_conn *c, struct http_exchange *x)
{
    struct strbuf reply;
    strbuf_init(&reply, HEAD_REPLY_MAX);
    if (ws_upgrade(c->site, x, &c->authorized, &reply)) {
        strbuf_add(&c->head, strbuf_text(&reply), reply.len);
        c->sent = 0;
        c->state = HTTP_UPGRADED;
    }
    strbuf_release(&reply);
}

static void dispatch(struct http_conn *c, int64_t now_ms)
{
    struct http_exchange *x =
        exchange_new(c->site->context, c->peer, &c->request, now_ms, answered, c);
    c->have_head = false;
    c->exchange = x;
    c->state = HTTP_ANSWERING;
    c->since_ms = now_ms;
    if (x->request.body_len > 0) {
        x->body = xstrndup(c->in.data, x->request.body_len);
        consume(c, x->request.body_len);
    }
    c->handling = true;
    if (c->shut_out) {
        x->request.keep_alive = false;
        exchange_error(x, 503, "limit", "too many connections", 2000);
    } else if (c->site->websocket && strcmp(x->request.path, "/ws") == 0) {
        upgrade(c, x);
    } else {
        serve(c, x);
    }
    c->handling = false;
}

static void process(struct http_conn *c, int64_t now_ms)
{
    if (!c->have_head && c->in.len > 0) {
        long n = http_request_parse(c->in.data, c->in.len, &c->request);
        if (n < 0)
            refuse(c, (int)-n);
        if (n <= 0)
            return;
        consume(c, (size_t)n);
        c->have_head = true;
        c->since_ms = now_ms;
        if (c->request.expects_continue && c->request.body_len > 0)
            strbuf_add_text(&c->head, "HTTP/1.1 100 Continue\r\n\r\n");
    }
    if (c->have_head && c->in.len >= c->request.body_len)
        dispatch(c, now_ms);
}

void http_conn_feed(struct http_conn *c, const char *bytes, size_t n, int64_t now_ms)
{
    if (c->state == HTTP_LINGERING || c->state == HTTP_DEAD)
        return;
    if (c->state == HTTP_READING && c->in.len == 0 && !c->have_head)
        c->since_ms = now_ms; /* the head's time begins with its first byte */
    bool fits = strbuf_add(&c->in, bytes, n);
    if (!fits || (c->state == HTTP_ANSWERING && c->in.len > HTTP_PENDING_MAX)) {
        c->state = HTTP_DEAD; /* pipelines without reading */
        return;
    }
    if (c->state == HTTP_READING)
        process(c, now_ms);
}

const char *http_conn_peek(const struct http_conn *c, size_t *ret_len)
{
    if (c->sent < c->head.len) {
        *ret_len = c->head.len - c->sent;
        return c->head.data + c->sent;
    }
    size_t at = c->sent - c->head.len;
    if (c->body == NULL || at >= c->body_len)
        return NULL;
    *ret_len = c->body_len - at;
    return c->body + at;
}

static void finish_reply(struct http_conn *c, int64_t now_ms)
{
    count_sent(c, now_ms);
    exchange_free(c->exchange);
    c->exchange = NULL;
    strbuf_release(&c->head);
    free(c->body);
    c->body = NULL;
    c->body_len = c->sent = 0;
    c->since_ms = now_ms;
    if (c->state == HTTP_UPGRADED)
        return;
    c->state = c->close_after ? HTTP_LINGERING : HTTP_READING;
    if (c->state == HTTP_READING)
        process(c, now_ms);
}

void http_conn_sent(struct http_conn *c, size_t n, int64_t now_ms)
{
    c->sent += n;
    c->since_ms = now_ms;
    if (c->sent < c->head.len + c->body_len)
        return;
    bool replied =
        c->exchange != NULL && (c->exchange->answered || c->state == HTTP_UPGRADED);
    if (replied) {
        finish_reply(c, now_ms);
    } else { /* 100 Continue */
        strbuf_release(&c->head);
        c->sent = 0;
    }
}

/* --- time --------------------------------------------------------------- */

static void tick_reading(struct http_conn *c, int64_t waited_ms)
{
    bool idle = c->in.len == 0 && !c->have_head;
    if (idle && waited_ms > HTTP_IDLE_MS)
        c->state = HTTP_DEAD;
    else if (!idle && waited_ms > (c->have_head ? HTTP_BODY_MS : HTTP_HEAD_MS)) {
        refuse(c, 408);
        c->wake(c->transport);
    }
}

void http_conn_tick(struct http_conn *c, int64_t now_ms)
{
    int64_t waited_ms = now_ms - c->since_ms;
    bool waits_for_route = c->exchange != NULL && !c->exchange->answered;
    switch (c->state) {
    case HTTP_READING: tick_reading(c, waited_ms); break;
    case HTTP_ANSWERING:
        if (waits_for_route && waited_ms > HTTP_DEFER_MS)
            exchange_error(c->exchange, 504, "backend_unavailable", "no answer in time",
                           1000);
        else if (!waits_for_route && waited_ms > HTTP_STUCK_MS)
            c->state = HTTP_DEAD;
        break;
    case HTTP_UPGRADED:
        if (waited_ms > HTTP_STUCK_MS)
            c->state = HTTP_DEAD;
        break;
    case HTTP_LINGERING:
        if (waited_ms > HTTP_LINGER_MS)
            c->state = HTTP_DEAD;
        break;
    case HTTP_DEAD: break;
    }
}

void http_conn_shut_out(struct http_conn *c)
{
    c->shut_out = true;
}

void http_conn_drain(struct http_conn *c)
{
    if (c->state == HTTP_READING && c->in.len == 0 && !c->have_head)
        c->state = HTTP_DEAD;
    else
        c->close_after = true;
}

const char *http_conn_rest(struct http_conn *c, size_t *ret_len)
{
    *ret_len = c->in.len;
    return strbuf_text(&c->in);
}
