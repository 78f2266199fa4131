/*
 * libwebsockets does sockets, TLS and the libuv loop; HTTP and WebSocket framing
 * are ours (http_conn, ws_frame), on its raw role. That is what makes strictness
 * possible: in 4.1 its WebSocket role accepts unmasked frames and does not show
 * frame headers. We accept ourselves, so that limits and socket options are set
 * before anything is allocated. A connection's user data is allocated by
 * libwebsockets with it.
 */
#include "gateway/web_server.h"

#include <assert.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <libwebsockets.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/macros.h"
#include "base/strbuf.h"
#include "gateway/address_count.h"
#include "gateway/http_conn.h"
#include "gateway/http_site.h"
#include "gateway/hub.h"
#include "gateway/listener.h"
#include "gateway/route.h"
#include "gateway/session.h"
#include "gateway/web_tls.h"
#include "gateway/ws_frame.h"
#include "net/loop.h"
#include "state/frame_set.h"
#include "telemetry/metrics.h"
#include "wire/wire_limits.h"

enum {
    CONNECTIONS_MAX = 20000,
    DESCRIPTORS_WANTED = 65536,
    ACCEPT_BATCH = 64,
    SLICE = 65536,        /* bytes of one write */
    SLICE_OF_SLOW = 8192, /* small steps show that a slow client still reads */
    READ_BUFFER = 16384,
    SHUT_OUT_MAX = 256, /* connections over the ceiling that are told so */
    LINGER_S = 2,
    RELOAD_ERROR_MAX = 512,
    DESTROY_ROUNDS = 32
};

struct io;

struct connection {
    struct io *io; /* NULL until the first callback */
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

/* One io thread's share. */
struct io {
    struct web_server *server;
    struct loop *loop;
    struct lws_context *lws;
    struct lws_vhost *vhost;
    int listen_fd;
    struct loop_fd *listen_watch;
    struct loop_timer *timer;
    struct connection *first;
    struct hub *hub;
    struct http_site site;
    struct route_context context;
    struct ssl_ctx_st *tls; /* libwebsockets' own; NULL = plain text */
    char **origins;         /* of a reload; NULL = the configuration's */
    size_t origin_count;
};

struct web_server {
    struct web_config config;
    struct lws_protocols protocols[2];
    struct io *ios;
    size_t io_count;
    uint16_t port;
    struct address_count *addresses;
    atomic_uint connections;
};

/* --- connections -------------------------------------------------------- */

static void wake(void *transport);

/* Over a ceiling: the client hears so; far over it, there is no time for that. */
static void enforce_ceilings(struct connection *c, unsigned count)
{
    struct web_server *server = c->io->server;
    unsigned max = server->config.connections_max;
    c->counted = address_count_enter(server->addresses, c->peer);
    if (c->counted && count <= max)
        return;
    metrics_add_to(c->io->context.metrics, METRIC_CLIENT_REFUSED,
                   c->counted ? "too_many" : "address", 1);
    http_conn_shut_out(c->http);
    c->dead = count > max + SHUT_OUT_MAX;
}

static void connection_open(struct connection *c, struct lws *wsi)
{
    struct io *io = lws_context_user(lws_get_context(wsi));
    c->io = io;
    c->wsi = wsi;
    peer_address(lws_get_socket_fd(wsi), c->peer);
    c->next = io->first;
    if (io->first != NULL)
        io->first->previous = c;
    io->first = c;
    unsigned count = atomic_fetch_add(&io->server->connections, 1) + 1;
    c->http = xcalloc(1, sizeof *c->http);
    http_conn_init(c->http, &io->site, c->peer, c, wake, clock_mono_ms());
    enforce_ceilings(c, count);
}

static void connection_close(struct connection *c)
{
    struct io *io = c->io;
    if (io == NULL)
        return;
    if (c->previous != NULL)
        c->previous->next = c->next;
    else
        io->first = c->next;
    if (c->next != NULL)
        c->next->previous = c->previous;
    atomic_fetch_sub(&io->server->connections, 1);
    if (c->counted)
        address_count_leave(io->server->addresses, c->peer);
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
    c->session = session_new(c->io->hub, http->authorized, c, now_ms);
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

static void pump_session(struct session *s)
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
static void keep_tls(struct io *io, struct ssl_ctx_st *tls)
{
    io->tls = tls;
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

/* --- accepting ---------------------------------------------------------- */

static void accept_failed(struct io *io, int error)
{
    if (error != EMFILE && error != ENFILE)
        return;
    log_warn("web", "out of descriptors: new clients wait");
    loop_fd_change(io->listen_watch, 0); /* until the timer */
}

static void on_listen(void *data, int fd, unsigned events)
{
    struct io *io = data;
    (void)events;
    for (unsigned i = 0; i < ACCEPT_BATCH; i++) {
        int client = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (client < 0) {
            accept_failed(io, errno);
            return;
        }
        lws_sock_file_fd_type socket = {.sockfd = client};
        /* On failure it closes the descriptor itself. */
        lws_adopt_descriptor_vhost(io->vhost, LWS_ADOPT_SOCKET | LWS_ADOPT_ALLOW_SSL,
                                   socket, io->server->protocols[0].name, NULL);
    }
}

/* RFC 9110, 5.6.7. The program stays in the C locale: English names. */
static void write_date(struct io *io)
{
    time_t now = (time_t)(clock_wall_ms() / 1000);
    struct tm tm;
    gmtime_r(&now, &tm);
    strftime(io->site.date, sizeof io->site.date, "%a, %d %b %Y %H:%M:%S GMT", &tm);
}

static void on_second(void *data)
{
    struct io *io = data;
    int64_t now_ms = clock_mono_ms();
    if (io->listen_watch != NULL)
        loop_fd_change(io->listen_watch, LOOP_READABLE);
    struct connection *next;
    write_date(io);
    for (struct connection *c = io->first; c != NULL; c = next) {
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

/* --- construction ------------------------------------------------------- */

static void accept_key(const char *key, char *ret_text)
{
    static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    unsigned char digest[20];
    struct strbuf joined;
    strbuf_init(&joined, 256);
    strbuf_addf(&joined, "%s%s", key, guid);
    lws_SHA1((const unsigned char *)joined.data, joined.len, digest);
    strbuf_release(&joined);
    lws_b64_encode_string((const char *)digest, sizeof digest, ret_text, 32);
}

static void on_lws_log(int level, const char *line)
{
    (void)level;
    log_debug("lws", "%.*s", (int)strcspn(line, "\n"), line);
}

static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= DESCRIPTORS_WANTED)
        return;
    limit.rlim_cur = MIN_OF(limit.rlim_max, (rlim_t)DESCRIPTORS_WANTED);
    (void)setrlimit(RLIMIT_NOFILE, &limit); /* fewer clients then, no harm else */
}

static bool serves_tls(const struct web_config *config)
{
    return config->tls_cert != NULL && config->tls_cert[0] != '\0';
}

static bool make_lws(struct io *io, struct strbuf *ret_error)
{
    const struct web_config *config = &io->server->config;
    void *loops[] = {loop_uv(io->loop)};
    bool tls = serves_tls(config);
    struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN_SERVER,
        .protocols = io->server->protocols,
        .options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_EXPLICIT_VHOSTS,
        .foreign_loops = loops,
        .user = io,
        .vhost_name = "flightdash",
        .pt_serv_buf_size = READ_BUFFER,
        .timeout_secs = 20,
        .gid = (gid_t)-1,
        .uid = (uid_t)-1,
    };
    if (tls) {
        info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
        info.ssl_cert_filepath = config->tls_cert;
        info.ssl_private_key_filepath = config->tls_key;
        info.alpn = "http/1.1";
    }
    io->lws = lws_create_context(&info);
    if (io->lws != NULL)
        io->vhost = lws_create_vhost(io->lws, &info);
    if (io->vhost != NULL)
        return true;
    strbuf_add_text(ret_error, "libwebsockets cannot be started (is its libuv "
                               "plug-in, libwebsockets-evlib-uv, installed?)");
    return false;
}

static void make_hub(struct io *io)
{
    const struct web_config *config = &io->server->config;
    io->context = config->context;
    io->context.loop = io->loop;
    const struct hub_config hub = {
        .context = &io->context,
        .auth = config->auth,
        .provider = config->provider,
        .epoch = config->epoch != NULL ? config->epoch : "",
        .on_ack = config->on_ack,
        .ack_data = config->ack_data,
        .pump = pump_session,
    };
    io->hub = hub_new(&hub);
    io->context.index = io->hub->index;
    io->site = (struct http_site){
        .context = &io->context,
        .routes = config->routes,
        .route_count = config->route_count,
        .origins = config->origins,
        .origin_count = config->origin_count,
        .auth = config->auth,
        .metrics = io->context.metrics,
        .websocket = config->websocket,
        .client_max = config->connections_max,
        .client_count = &io->hub->session_count,
        .accept_key = accept_key,
    };
    write_date(io);
}

static bool io_init(struct io *io, struct web_server *server, struct loop *loop,
                    struct strbuf *ret_error)
{
    const struct web_config *config = &server->config;
    *io = (struct io){.server = server, .loop = loop, .listen_fd = -1};
    uint16_t port = server->port != 0 ? server->port : config->port;
    io->listen_fd =
        listener_open(config->address, port, config->loop_count > 1, ret_error);
    if (io->listen_fd < 0)
        return false;
    server->port = listener_port(io->listen_fd);
    make_hub(io);
    if (!make_lws(io, ret_error))
        return false;
    io->listen_watch = loop_watch_fd(loop, io->listen_fd, LOOP_READABLE, on_listen, io);
    io->timer = loop_every_ms(loop, 1000, on_second, io);
    return true;
}

static void stop_listening(struct io *io)
{
    loop_fd_free(io->listen_watch);
    io->listen_watch = NULL;
    if (io->listen_fd >= 0)
        close(io->listen_fd);
    io->listen_fd = -1;
}

static void free_texts(char **texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(texts[i]);
    free(texts);
}

static void io_release(struct io *io)
{
    stop_listening(io);
    loop_timer_free(io->timer);
    if (io->lws != NULL) {
        /* libuv closes handles in a later round, and only then may it all go. */
        lws_context_destroy(io->lws);
        for (unsigned i = 0; i < DESTROY_ROUNDS; i++)
            loop_run_once(io->loop, false);
        lws_context_destroy(io->lws);
    }
    assert(io->first == NULL);
    hub_free(io->hub);
    free_texts(io->origins, io->origin_count);
}

/*
 * SO_REUSEPORT lets several loops share a port, and other processes of the same
 * user too, which would hide that the port is in use: so ask once without it. A port
 * that the system chooses is nobody's.
 */
static bool probe_port(const struct web_server *server, struct strbuf *ret_error)
{
    const struct web_config *config = &server->config;
    if (config->loop_count == 1 || config->port == 0)
        return true;
    int fd = listener_open(config->address, config->port, false, ret_error);
    if (fd < 0)
        return false;
    close(fd);
    return true;
}

static bool open_all(struct web_server *server, struct strbuf *ret_error)
{
    const struct web_config *config = &server->config;
    if (serves_tls(config) &&
        web_tls_check(config->tls_cert, config->tls_key, ret_error) != 0)
        return false;
    if (!probe_port(server, ret_error))
        return false;
    for (size_t i = 0; i < config->loop_count; i++) {
        server->io_count++;
        if (!io_init(&server->ios[i], server, config->loops[i], ret_error))
            return false;
    }
    return true;
}

struct web_server *web_server_new(const struct web_config *config,
                                  struct strbuf *ret_error)
{
    assert(config->loop_count > 0);
    struct web_server *server = xcalloc(1, sizeof *server);
    server->config = *config;
    if (server->config.connections_max == 0)
        server->config.connections_max = CONNECTIONS_MAX;
    server->protocols[0] = (struct lws_protocols){
        .name = "flightdash",
        .callback = on_lws,
        .per_session_data_size = sizeof(struct connection),
        .rx_buffer_size = READ_BUFFER,
        .tx_packet_size = SLICE,
    };
    raise_descriptor_limit();
    lws_set_log_level(LLL_ERR | LLL_WARN, on_lws_log);
    server->ios = xcalloc(config->loop_count, sizeof *server->ios);
    server->addresses = address_count_new(config->connections_per_address);
    if (open_all(server, ret_error))
        return server;
    web_server_free(server);
    return NULL;
}

void web_server_free(struct web_server *server)
{
    if (server == NULL)
        return;
    for (size_t i = 0; i < server->io_count; i++)
        io_release(&server->ios[i]);
    address_count_free(server->addresses);
    free(server->ios);
    free(server);
}

uint16_t web_server_port(const struct web_server *server)
{
    return server->port;
}

/* --- from other threads ------------------------------------------------- */

struct frame_post {
    struct io *io;
    struct frame_set *frame;
};

static void take_frame(void *data)
{
    struct frame_post *post = data;
    hub_tick(post->io->hub, post->frame, clock_mono_ms());
    frame_set_unref(post->frame);
    /* The next wait is counted from now, not from before a long tick. */
    loop_update_time(post->io->loop);
    free(post);
}

void web_server_post_frame(struct web_server *server, struct frame_set *take_frame_set)
{
    for (size_t i = 0; i < server->io_count; i++) {
        struct frame_post *post = xmalloc(sizeof *post);
        *post = (struct frame_post){&server->ios[i], frame_set_ref(take_frame_set)};
        loop_post(server->ios[i].loop, take_frame, post);
    }
    frame_set_unref(take_frame_set);
}

struct drain_post {
    struct io *io;
    char reason[64];
};

static void drain(void *data)
{
    struct drain_post *post = data;
    struct io *io = post->io;
    stop_listening(io);
    io->site.draining = true;
    hub_drain(io->hub, post->reason, clock_mono_ms());
    struct connection *next;
    for (struct connection *c = io->first; c != NULL; c = next) {
        next = c->next;
        if (c->http == NULL)
            continue;
        http_conn_drain(c->http);
        pump(c);
    }
    free(post);
}

void web_server_drain(struct web_server *server, const char *reason)
{
    for (size_t i = 0; i < server->io_count; i++) {
        struct drain_post *post = xcalloc(1, sizeof *post);
        post->io = &server->ios[i];
        memcpy(post->reason, reason, strnlen(reason, sizeof post->reason - 1));
        loop_post(server->ios[i].loop, drain, post);
    }
}

unsigned web_server_clients(const struct web_server *server)
{
    return atomic_load(&server->connections);
}

/* --- a reload ------------------------------------------------------------- */

struct tls_post {
    struct io *io;
    char *cert_file;
    char *key_file;
};

static void take_tls(void *data)
{
    struct tls_post *post = data;
    struct strbuf error;
    strbuf_init(&error, RELOAD_ERROR_MAX);
    if (post->io->tls == NULL ||
        web_tls_replace(post->io->tls, post->cert_file, post->key_file, &error) != 0)
        log_error("web", "the certificate was not replaced: %s", strbuf_text(&error));
    strbuf_release(&error);
    free(post->cert_file);
    free(post->key_file);
    free(post);
}

int web_server_reload_tls(struct web_server *server, const char *cert_file,
                          const char *key_file, struct strbuf *ret_error)
{
    if (!serves_tls(&server->config))
        return 0;
    int rc = web_tls_check(cert_file, key_file, ret_error);
    for (size_t i = 0; rc == 0 && i < server->io_count; i++) {
        struct tls_post *post = xcalloc(1, sizeof *post);
        *post =
            (struct tls_post){&server->ios[i], xstrdup(cert_file), xstrdup(key_file)};
        loop_post(server->ios[i].loop, take_tls, post);
    }
    return rc;
}

struct origins_post {
    struct io *io;
    char **origins;
    size_t count;
};

static void take_origins(void *data)
{
    struct origins_post *post = data;
    struct io *io = post->io;
    free_texts(io->origins, io->origin_count);
    io->origins = post->origins;
    io->origin_count = post->count;
    io->site.origins = (const char *const *)io->origins;
    io->site.origin_count = io->origin_count;
    free(post);
}

void web_server_set_origins(struct web_server *server, const char *const *origins,
                            size_t count)
{
    for (size_t i = 0; i < server->io_count; i++) {
        struct origins_post *post = xcalloc(1, sizeof *post);
        post->io = &server->ios[i];
        post->count = count;
        post->origins = xcalloc(count + 1, sizeof *post->origins);
        for (size_t k = 0; k < count; k++)
            post->origins[k] = xstrdup(origins[k]);
        loop_post(server->ios[i].loop, take_origins, post);
    }
}
