/*
 * libwebsockets runs on our libuv loop as a foreign loop. Outgoing messages wait
 * in a short list until the socket takes them (one lws_write per WRITEABLE
 * callback); what does not fit into OUTGOING_MAX is dropped with the connection,
 * as a server that does not read is as good as gone.
 */
#include "app/server_link.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libwebsockets.h>

#include "app/record.h"
#include "base/alloc.h"
#include "base/backoff.h"
#include "base/clock.h"
#include "base/strbuf.h"
#include "net/loop.h"
#include "wire/wire_decode.h"

enum {
    OUTGOING_MAX = 64,
    RETRY_BASE_MS = 500,
    RETRY_MAX_MS = 15000,
    CONNECT_TIMEOUT_S = 10
};

struct outgoing {
    unsigned char *bytes; /* LWS_PRE bytes of room first */
    size_t len;
};

struct server_link {
    struct loop *loop;
    struct app *app;
    struct lws_context *context;
    struct lws *wsi; /* NULL while there is no connection */
    struct loop_timer *retry;
    struct backoff backoff;
    struct strbuf frame; /* fragments so far */
    struct outgoing out[OUTGOING_MAX];
    size_t out_count;
    char host[128];
    char path[192];
    int port;
    bool tls;
    bool open;
    bool leaving;
    char *ca_file;
    char *token;
    void (*on_frame)(void *data);
    void *data;
    struct record *record;
};

static void tell(struct server_link *link)
{
    if (!link->leaving)
        link->on_frame(link->data);
}

/* ---- outgoing --------------------------------------------------------------- */

static void forget_outgoing(struct server_link *link)
{
    for (size_t i = 0; i < link->out_count; i++)
        free(link->out[i].bytes);
    link->out_count = 0;
}

static void send_message(void *data, const char *text, size_t len)
{
    struct server_link *link = data;
    if (!link->open || link->wsi == NULL || link->out_count == OUTGOING_MAX)
        return;
    struct outgoing *o = &link->out[link->out_count++];
    o->bytes = xmalloc(LWS_PRE + len);
    o->len = len;
    memcpy(o->bytes + LWS_PRE, text, len);
    lws_callback_on_writable(link->wsi);
}

static int write_next(struct server_link *link)
{
    if (link->out_count == 0)
        return 0;
    struct outgoing o = link->out[0];
    link->out_count--;
    memmove(link->out, link->out + 1, link->out_count * sizeof link->out[0]);
    int sent = lws_write(link->wsi, o.bytes + LWS_PRE, o.len, LWS_WRITE_TEXT);
    free(o.bytes);
    if (link->out_count > 0)
        lws_callback_on_writable(link->wsi);
    return sent < 0 ? -1 : 0;
}

/* ---- state ------------------------------------------------------------------ */

static void now(struct server_link *link)
{
    app_set_time(link->app, clock_mono_ms(), clock_wall_ms());
}

static void lost(struct server_link *link, const char *why)
{
    if (link->leaving)
        return;
    link->wsi = NULL;
    link->open = false;
    forget_outgoing(link);
    strbuf_clear(&link->frame);
    now(link);
    int64_t delay_ms = backoff_next_ms(&link->backoff);
    loop_timer_arm(link->retry, delay_ms);
    app_link_closed(link->app, why, link->app->mono_ms + delay_ms);
    tell(link);
}

static void keep(struct server_link *link)
{
    if (link->record == NULL ||
        record_add(link->record, link->app->mono_ms, strbuf_text(&link->frame),
                   link->frame.len) == 0)
        return;
    link->record = NULL;
    app_notice(link->app, "the recording ends: its file cannot be written");
}

static void take_frame(struct server_link *link)
{
    struct wire_message m;
    struct strbuf error;
    strbuf_init(&error, 256);
    now(link);
    keep(link);
    if (wire_decode(strbuf_text(&link->frame), link->frame.len, &m, &error) == 0) {
        app_apply(link->app, &m, link->frame.len);
        if (m.type == WIRE_WELCOME)
            backoff_reset(&link->backoff);
        wire_message_release(&m);
    } else {
        link->app->link.refused++;
    }
    strbuf_release(&error);
    strbuf_clear(&link->frame);
    tell(link);
}

static int receive(struct server_link *link, const void *in, size_t len)
{
    if (!strbuf_add(&link->frame, in, len))
        return -1; /* over WIRE_FRAME_MAX: not our server */
    if (lws_is_final_fragment(link->wsi) &&
        lws_remaining_packet_payload(link->wsi) == 0)
        take_frame(link);
    return 0;
}

/* ---- the library's side ----------------------------------------------------- */

static int add_token(struct server_link *link, void *in, size_t len)
{
    unsigned char **p = in;
    char value[4096];
    if (link->token == NULL)
        return 0;
    int n = snprintf(value, sizeof value, "Bearer %s", link->token);
    if (n < 0 || (size_t)n >= sizeof value)
        return -1;
    return lws_add_http_header_by_token(link->wsi, WSI_TOKEN_HTTP_AUTHORIZATION,
                                        (unsigned char *)value, n, p, *p + len)
               ? -1
               : 0;
}

static void close_reason(struct server_link *link, const unsigned char *in, size_t len)
{
    if (len < 2)
        return;
    unsigned code = (unsigned)in[0] << 8 | in[1];
    snprintf(link->app->link.problem, sizeof link->app->link.problem,
             "the server closed the connection (%u%s%.*s)", code, len > 2 ? ", " : "",
             (int)(len - 2), (const char *)in + 2);
}

/* What the library says in its own words, in ours. */
static const char *plain_words(const char *why)
{
    static const struct {
        const char *start, *words;
    } rows[] = {
        {"closed before established",
         "nobody answers there, or the connection was closed"},
        {"conn fail", "connection refused"},
        {"connect failed", "connection refused"},
        {"connect SSL err",
         "TLS: the server's certificate is not trusted (--ca-file?)"},
        {"tls: ", "TLS: the server's certificate is not trusted (--ca-file?)"},
        {"HS: ws upgrade response not 101", "the server does not speak WebSocket here"},
        {"HS: ws upgrade unauthorized", "the server wants a token (--token-file)"},
        {"Timed out", "no answer in time"},
        {"getaddrinfo", "the name of the server is not known"},
        {"unable to lookup", "the name of the server is not known"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (strncmp(why, rows[i].start, strlen(rows[i].start)) == 0)
            return rows[i].words;
    }
    return why;
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user,
                    void *in, size_t len)
{
    struct server_link *link = user;
    if (link == NULL)
        return 0;
    switch (reason) {
    case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
        link->wsi = wsi;
        return add_token(link, in, len);
    case LWS_CALLBACK_CLIENT_ESTABLISHED:
        link->wsi = wsi;
        link->open = true;
        now(link);
        link->app->link.problem[0] = '\0';
        app_link_opened(link->app, send_message, link);
        return 0;
    case LWS_CALLBACK_CLIENT_RECEIVE: return receive(link, in, len);
    case LWS_CALLBACK_CLIENT_WRITEABLE: return write_next(link);
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE: close_reason(link, in, len); return 0;
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
        lost(link, in != NULL ? plain_words(in) : "cannot connect");
        return 0;
    case LWS_CALLBACK_CLIENT_CLOSED:
        if (wsi == link->wsi)
            lost(link, link->app->link.problem[0] != '\0' ? "" : "connection lost");
        return 0;
    default: return 0;
    }
}

static const struct lws_protocols protocols[] = {
    {.name = "flightdash.v1.json", .callback = on_event, .rx_buffer_size = 16384},
    {0},
};

/* Made with the first connection, so that the first screen does not wait for it. */
static struct lws_context *new_context(struct server_link *link)
{
    void *loops[] = {loop_uv(link->loop)};
    struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN,
        .protocols = protocols,
        .gid = (gid_t)-1,
        .uid = (uid_t)-1,
        .foreign_loops = loops,
        .options = LWS_SERVER_OPTION_LIBUV |
                   LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT * link->tls |
                   LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS * (link->ca_file != NULL),
        .client_ssl_ca_filepath = link->ca_file,
        .timeout_secs = CONNECT_TIMEOUT_S,
        .connect_timeout_secs = CONNECT_TIMEOUT_S,
        .fd_limit_per_thread = 16,
    };
    lws_set_log_level(0, NULL); /* what matters comes by callback */
    return lws_create_context(&info);
}

static void connect_now(void *data)
{
    struct server_link *link = data;
    if (link->context == NULL)
        link->context = new_context(link);
    if (link->context == NULL) {
        lost(link, link->ca_file != NULL ? "cannot use the file of --ca-file"
                                         : "cannot set up the connection");
        return;
    }
    struct lws_client_connect_info info = {
        .context = link->context,
        .address = link->host,
        .port = link->port,
        .path = link->path,
        .host = link->host,
        .origin = NULL,
        .protocol = protocols[0].name,
        .local_protocol_name = protocols[0].name,
        .ssl_connection = link->tls ? LCCSCF_USE_SSL : 0,
        .userdata = link,
        .alpn = "http/1.1",
    };
    now(link);
    app_link_connecting(link->app);
    /* NULL: failed at once; the error callback has been called where it could. */
    if (lws_client_connect_via_info(&info) == NULL && !loop_timer_armed(link->retry))
        lost(link, "cannot connect");
    tell(link);
}

/* ---- construction ------------------------------------------------------------ */

static int parse_url(struct server_link *link, const char *url, struct strbuf *error)
{
    char *copy = xstrdup(url);
    const char *scheme, *host, *path;
    int port = 0;
    bool ok = strstr(url, "://") != NULL &&
              lws_parse_uri(copy, &scheme, &host, &port, &path) == 0 &&
              host[0] != '\0' && port > 0 && port < 65536 &&
              strlen(host) < sizeof link->host && strlen(path) + 2 < sizeof link->path;
    if (ok) {
        link->tls = strcmp(scheme, "wss") == 0 || strcmp(scheme, "https") == 0;
        ok = link->tls || strcmp(scheme, "ws") == 0 || strcmp(scheme, "http") == 0;
    }
    if (ok) {
        const char *rest = path[0] != '\0' ? path : "ws";
        snprintf(link->host, sizeof link->host, "%s", host);
        snprintf(link->path, sizeof link->path, "%s%s", rest[0] == '/' ? "" : "/",
                 rest);
        link->port = port;
    } else {
        strbuf_addf(error,
                    "\"%s\" is no address of a server; ws://127.0.0.1:8080/ws is", url);
    }
    free(copy);
    return ok ? 0 : -EINVAL;
}

struct server_link *server_link_new(struct loop *loop, struct app *app,
                                    const struct server_link_config *config,
                                    struct strbuf *ret_error)
{
    struct server_link *link = xcalloc(1, sizeof *link);
    link->loop = loop;
    link->app = app;
    link->on_frame = config->on_frame;
    link->data = config->data;
    link->record = config->record;
    link->ca_file = config->ca_file != NULL ? xstrdup(config->ca_file) : NULL;
    link->token = config->token != NULL ? xstrdup(config->token) : NULL;
    strbuf_init(&link->frame, WIRE_FRAME_MAX);
    backoff_init(&link->backoff, RETRY_BASE_MS, RETRY_MAX_MS,
                 (uint64_t)clock_mono_ns() ^ (uint64_t)getpid());
    snprintf(app->link.url, sizeof app->link.url, "%s", config->url);
    if (parse_url(link, config->url, ret_error) != 0) {
        link->leaving = true;
        server_link_free(link);
        return NULL;
    }
    link->retry = loop_timer_new(loop, connect_now, link);
    loop_timer_arm(link->retry, 0);
    return link;
}

void server_link_free(struct server_link *link)
{
    if (link == NULL)
        return;
    link->leaving = true;
    link->app->send = NULL;
    loop_timer_free(link->retry);
    if (link->context != NULL) {
        /* With a foreign loop: destroy, let the loop close the handles, again. */
        lws_context_destroy(link->context);
        for (int i = 0; i < 8; i++)
            loop_run_once(link->loop, false);
        lws_context_destroy(link->context);
    }
    forget_outgoing(link);
    strbuf_release(&link->frame);
    free(link->ca_file);
    free(link->token);
    free(link);
}

static void drop(struct server_link *link, const char *why)
{
    struct lws *wsi = link->wsi;
    link->wsi = NULL;
    if (wsi != NULL) {
        /* Its callbacks must not reach us any more: the new one owns the state. */
        lws_set_wsi_user(wsi, NULL);
        lws_set_timeout(wsi, PENDING_TIMEOUT_CLOSE_SEND, LWS_TO_KILL_ASYNC);
    }
    lost(link, why);
}

void server_link_reconnect(struct server_link *link)
{
    backoff_reset(&link->backoff);
    drop(link, "reconnecting");
    loop_timer_arm(link->retry, 0);
}

void server_link_check(struct server_link *link)
{
    now(link);
    if (link->open && link->app->mono_ms - link->app->link.heard_ms > APP_SILENCE_MS)
        drop(link, "the server fell silent");
}
