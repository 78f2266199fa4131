/*
 * libwebsockets lives here and in web_connection alone. We accept ourselves, so that
 * limits and socket options are set before anything is allocated.
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
#include "gateway/http_site.h"
#include "gateway/hub.h"
#include "gateway/listener.h"
#include "gateway/route.h"
#include "gateway/web_connection.h"
#include "gateway/web_tls.h"
#include "net/loop.h"
#include "state/frame_set.h"
#include "telemetry/metrics.h"

enum {
    CONNECTIONS_MAX = 20000,
    DESCRIPTORS_WANTED = 65536,
    ACCEPT_BATCH = 64,
    RELOAD_ERROR_MAX = 512,
    DESTROY_ROUNDS = 32
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
    struct web_connections connections;
    struct hub *hub;
    struct http_site site;
    struct route_context context;
    char **origins; /* of a reload; NULL = the configuration's */
    size_t origin_count;
};

struct sight {
    atomic_size_t blind; /* io threads that have not come to it */
    void (*fn)(void *data);
    void *data;
};

struct web_server {
    struct web_config config;
    struct io *ios;
    size_t io_count;
    uint16_t port;
    struct address_count *addresses;
    atomic_uint connection_count;
    struct sight sight;
};

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
                                   socket, WEB_CONNECTION_PROTOCOL, NULL);
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
    if (io->listen_watch != NULL)
        loop_fd_change(io->listen_watch, LOOP_READABLE);
    write_date(io);
    web_connections_tick(&io->connections, clock_mono_ms());
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
        .protocols = web_connection_protocols(),
        .options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_EXPLICIT_VHOSTS,
        .foreign_loops = loops,
        .user = &io->connections,
        .vhost_name = "flightdash",
        .pt_serv_buf_size = WEB_CONNECTION_READ,
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
        .pump = web_connection_pump,
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

static void make_connections(struct io *io)
{
    struct web_server *server = io->server;
    io->connections = (struct web_connections){
        .hub = io->hub,
        .site = &io->site,
        .addresses = server->addresses,
        .count = &server->connection_count,
        .count_max = server->config.connections_max,
    };
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
    make_connections(io);
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
    assert(io->connections.first == NULL);
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

static void take_sight(void *data)
{
    struct sight *sight = data;
    if (atomic_fetch_sub(&sight->blind, 1) != 1)
        return;
    sight->fn(sight->data);
}

void web_server_when_seen(struct web_server *server, void (*fn)(void *data), void *data)
{
    struct sight *sight = &server->sight;
    assert(atomic_load(&sight->blind) == 0);
    sight->fn = fn;
    sight->data = data;
    atomic_store(&sight->blind, server->io_count);
    for (size_t i = 0; i < server->io_count; i++)
        loop_post(server->ios[i].loop, take_sight, sight);
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
    web_connections_drain(&io->connections);
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
    return atomic_load(&server->connection_count);
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
    struct ssl_ctx_st *tls = post->io->connections.tls;
    if (tls == NULL ||
        web_tls_replace(tls, post->cert_file, post->key_file, &error) != 0)
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
