/*
 * Everything is built on the main thread before any other runs, so that an
 * error is found before a thread exists; then the threads start, in the order
 * of the data's way; they stop in the order in which nothing is lost: sources,
 * tracker (commits), producer (flushes), state, clients.
 *
 * Every thread has a struct part: its loop, and what to build and free on it.
 */
#include "roles.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/strbuf.h"
#include "bus/bus.h"
#include "bus/producer.h"
#include "config.h"
#include "flight_feed.h"
#include "gateway/auth.h"
#include "gateway/routes.h"
#include "gateway/upstream_provider.h"
#include "gateway/web_server.h"
#include "gateway/web_tls.h"
#include "ingest/ingest.h"
#include "monitor/monitor.h"
#include "monitor/news.h"
#include "net/loop.h"
#include "net/thread.h"
#include "platform_feed.h"
#include "source_list.h"
#include "state/state.h"
#include "store/health_mirror.h"
#include "store/redis_link.h"
#include "telemetry/health.h"
#include "telemetry/metrics.h"
#include "tracker/tracker.h"
#include "upstream/upstream.h"
#include "watch_list.h"

enum { ROLES_IO_MAX = 64, ROLES_WATCH_MS = 20, ROLES_ADSC_EXPIRE_MS = 35 * 60 * 1000 };

struct part {
    struct loop *loop;
    struct thread *thread;
};

struct roles {
    const struct config *config;
    struct loop *main_loop;
    struct roles_events events;
    void *events_data;
    struct loop_timer *watch; /* until ready; again while draining */
    int64_t started_ms;       /* monotonic */
    int64_t drain_ms;         /* monotonic; 0 = not draining */
    bool said_ready;
    atomic_bool caught_up;

    struct metrics *metrics;
    struct health_board *board;
    struct bus *bus;
    struct producer *producer;
    struct auth *auth;

    struct part ingest_part;
    struct ingest *ingest;
    struct part tracker_part;
    struct redis_link *tracker_redis;
    struct tracker *tracker;
    struct part monitor_part;
    struct watch_list *watch_list;
    struct redis_link *monitor_redis;
    struct health_mirror *monitor_mirror;
    struct monitor *monitor;
    struct part state_part;
    struct state *state;
    struct flight_feed *feed;
    struct part upstream_part;
    struct upstream *upstream;
    struct upstream_provider *provider;
    struct news *news;
    struct platform_feed *platform;
    struct part io[ROLES_IO_MAX];
    struct loop *io_loops[ROLES_IO_MAX];
    size_t io_count;
    struct web_server *web;
};

static bool has_role(const struct roles *roles, enum config_role role)
{
    return (roles->config->roles & role) != 0;
}

static void part_start(struct part *part, const char *name, loop_fn teardown,
                       struct roles *roles)
{
    if (part->loop != NULL)
        part->thread = thread_start(name, NULL, teardown, roles, part->loop);
}

static void part_stop(struct part *part)
{
    thread_stop(part->thread);
    part->thread = NULL;
}

static bool open_bus(struct roles *roles, struct strbuf *error)
{
    const struct config *config = roles->config;
    struct bus_config bus = {
        .brokers = config_text(config, CONFIG_KAFKA),
        .properties = (const char *const *)config->kafka_properties,
        .property_count = config->kafka_property_count,
        .create_topics = config_flag(config, CONFIG_CREATE_TOPICS),
        .partitions = (int)config_int(config, CONFIG_KAFKA_PARTITIONS),
        .replication = (int)config_int(config, CONFIG_KAFKA_REPLICATION),
    };
    if (bus.replication < 0)
        bus.replication = 0;
    roles->bus = bus_open(&bus, roles->metrics, roles->board, error);
    if (roles->bus != NULL)
        roles->producer = producer_new(roles->bus, error);
    return roles->producer != NULL;
}

static bool build_ingest(struct roles *roles, struct strbuf *error)
{
    const struct config *config = roles->config;
    if (!has_role(roles, ROLE_INGEST))
        return true;
    size_t count;
    const char *const *sources = options_list(config->options, CONFIG_SOURCE, &count);
    roles->ingest_part.loop = loop_new();
    struct ingest_config ingest = {
        .sources = sources,
        .source_count = count,
        .filter = config_text(config, CONFIG_FILTER),
        .has_receiver = config->has_receiver,
        .receiver_lat_deg = config->receiver_lat_deg,
        .receiver_lon_deg = config->receiver_lon_deg,
    };
    struct ingest_deps deps = {
        .loop = roles->ingest_part.loop,
        .producer = roles->producer,
        .metrics = roles->metrics,
        .board = roles->board,
    };
    roles->ingest = ingest_new(&ingest, &deps, error);
    return roles->ingest != NULL;
}

static bool build_tracker(struct roles *roles, struct strbuf *error)
{
    const char *redis = config_text(roles->config, CONFIG_REDIS);
    if (!has_role(roles, ROLE_TRACKER))
        return true;
    roles->tracker_part.loop = loop_new();
    if (redis != NULL) {
        roles->tracker_redis = redis_link_new(redis, roles->tracker_part.loop,
                                              roles->metrics, roles->board, error);
        if (roles->tracker_redis == NULL)
            return false;
    }
    struct tracker_config config = {
        .expire_ms = config_int(roles->config, CONFIG_EXPIRE) * 1000,
        .adsc_expire_ms = ROLES_ADSC_EXPIRE_MS,
    };
    struct tracker_deps deps = {
        .loop = roles->tracker_part.loop,
        .bus = roles->bus,
        .producer = roles->producer,
        .metrics = roles->metrics,
        .board = roles->board,
        .redis = roles->tracker_redis,
    };
    roles->tracker = tracker_new(&config, &deps, error);
    return roles->tracker != NULL;
}

static void note_caught_up(void *data)
{
    struct roles *roles = data;
    atomic_store(&roles->caught_up, true);
}

/* The last records' frame is posted: it counts when clients can see it. */
static void await_sight(void *data)
{
    struct roles *roles = data;
    web_server_when_seen(roles->web, note_caught_up, roles);
}

static void post_frame(void *data, struct frame_set *take_frame)
{
    struct roles *roles = data;
    web_server_post_frame(roles->web, take_frame);
}

static void build_state(struct roles *roles)
{
    const struct config *config = roles->config;
    roles->state_part.loop = loop_new();
    int64_t expire_ms = config_int(config, CONFIG_EXPIRE) * 1000;
    roles->state = state_new(&(struct state_config){
        .loop = roles->state_part.loop,
        .metrics = roles->metrics,
        .tick_ms = (uint32_t)config_int(config, CONFIG_TICK_MS),
        .expire_ms = expire_ms,
        .adsc_expire_ms = ROLES_ADSC_EXPIRE_MS,
        .on_frame = post_frame,
        .frame_data = roles,
    });
    state_start(roles->state);
    roles->feed = flight_feed_start(&(struct flight_feed_config){
        .loop = roles->state_part.loop,
        .bus = roles->bus,
        .state = roles->state,
        .metrics = roles->metrics,
        .board = roles->board,
        .redis_url = config_text(config, CONFIG_REDIS),
        .expire_ms = expire_ms,
        .on_caught_up = await_sight,
        .data = roles,
    });
}

static bool build_upstream(struct roles *roles, struct strbuf *error)
{
    const struct config *config = roles->config;
    roles->upstream_part.loop = loop_new();
    struct upstream_config upstream = {
        .backends =
            {
                [UPSTREAM_METRICS] = {.url = config_text(config, CONFIG_PROMETHEUS)},
                [UPSTREAM_LOGS] = {.url = config_text(config, CONFIG_ELASTICSEARCH),
                                   .credentials_file = config_text(
                                       config, CONFIG_ELASTICSEARCH_USER_FILE),
                                   .link_url = config_text(config, CONFIG_KIBANA)},
                [UPSTREAM_TRACES] = {.url = config_text(config, CONFIG_JAEGER)},
                [UPSTREAM_ANALYTICS] = {.url = config_text(config, CONFIG_PINOT)},
            },
    };
    roles->upstream = upstream_new(&upstream, roles->upstream_part.loop, roles->metrics,
                                   roles->board, error);
    if (roles->upstream == NULL)
        return false;
    roles->provider = upstream_provider_new(roles->upstream);
    roles->platform = platform_feed_new(
        &(struct platform_feed_config){
            .loop = roles->upstream_part.loop,
            .bus = roles->bus,
            .news = roles->news,
            .metrics = roles->metrics,
            .board = roles->board,
            .redis_url = config_text(config, CONFIG_REDIS),
        },
        error);
    return roles->platform != NULL;
}

static bool build_gateway(struct roles *roles, struct strbuf *error)
{
    if (!has_role(roles, ROLE_GATEWAY))
        return true;
    roles->news = news_new(NULL, roles->metrics);
    build_state(roles);
    return build_upstream(roles, error);
}

static void take_ack(void *data, const char *alert)
{
    struct roles *roles = data;
    platform_feed_acknowledge(roles->platform, alert);
}

static bool build_web(struct roles *roles, struct strbuf *error)
{
    const struct config *config = roles->config;
    bool gateway = has_role(roles, ROLE_GATEWAY);
    const char *token_file = config_text(config, CONFIG_TOKEN_FILE);
    if (token_file != NULL) {
        roles->auth = auth_new(token_file, error);
        if (roles->auth == NULL)
            return false;
    }
    roles->io_count = gateway ? (size_t)config_int(config, CONFIG_IO_THREADS) : 1;
    for (size_t i = 0; i < roles->io_count; i++)
        roles->io_loops[i] = roles->io[i].loop = loop_new();
    struct web_config web = {
        .address = config->listen_address,
        .port = (uint16_t)config->listen_port,
        .tls_cert = config_text(config, CONFIG_TLS_CERT),
        .tls_key = config_text(config, CONFIG_TLS_KEY),
        .auth = roles->auth,
        .loops = roles->io_loops,
        .loop_count = roles->io_count,
        .websocket = gateway,
        .epoch = gateway ? state_epoch(roles->state) : "",
        .tick_ms = (uint32_t)config_int(config, CONFIG_TICK_MS),
        .connections_per_address =
            (unsigned)config_int(config, CONFIG_MAX_CONNECTIONS_PER_ADDRESS),
        .provider = gateway ? upstream_provider(roles->provider) : NULL,
        .on_ack = gateway ? take_ack : NULL,
        .ack_data = roles,
    };
    const char *kibana = config_text(config, CONFIG_KIBANA);
    web.context = (struct route_context){
        .metrics = roles->metrics,
        .health = roles->board,
        .state = roles->state,
        .services = gateway ? news_services(roles->news) : NULL,
        .alerts = gateway ? news_alerts(roles->news) : NULL,
        .upstream = roles->upstream,
        .write_sources = roles->ingest != NULL ? source_list_write : NULL,
        .sources_data = roles->ingest,
        .has_home = config->has_receiver,
        .home_lat = config->receiver_lat_deg,
        .home_lon = config->receiver_lon_deg,
        .kibana_url = kibana != NULL ? kibana : "",
        .role = config->role_text,
    };
    web.origins = options_list(config->options, CONFIG_ALLOW_ORIGIN, &web.origin_count);
    web.routes =
        gateway ? routes_gateway(&web.route_count) : routes_telemetry(&web.route_count);
    web.context.routes = web.routes;
    web.context.route_count = (unsigned)web.route_count;
    roles->web = web_server_new(&web, error);
    return roles->web != NULL;
}

static bool build_monitor(struct roles *roles, struct strbuf *error)
{
    const char *redis = config_text(roles->config, CONFIG_REDIS);
    if (!has_role(roles, ROLE_MONITOR))
        return true;
    roles->monitor_part.loop = loop_new();
    roles->watch_list = watch_list_new(
        &(struct watch_list_config){.config = roles->config,
                                    .brokers = bus_brokers(roles->bus),
                                    .http_port = web_server_port(roles->web)},
        error);
    if (roles->watch_list == NULL)
        return false;
    if (redis != NULL) {
        roles->monitor_redis = redis_link_new(redis, roles->monitor_part.loop,
                                              roles->metrics, roles->board, error);
        if (roles->monitor_redis == NULL)
            return false;
        roles->monitor_mirror = health_mirror_new(roles->monitor_redis, NULL, NULL);
    }
    size_t count;
    const struct probe_config *services =
        watch_list_services(roles->watch_list, &count);
    roles->monitor = monitor_new(services, count,
                                 &(struct monitor_deps){
                                     .loop = roles->monitor_part.loop,
                                     .metrics = roles->metrics,
                                     .board = roles->board,
                                     .producer = roles->producer,
                                     .mirror = roles->monitor_mirror,
                                     .mirror_loop = roles->monitor_part.loop,
                                     .news = roles->news,
                                 },
                                 error);
    return roles->monitor != NULL;
}

static bool build(struct roles *roles, struct strbuf *error)
{
    return open_bus(roles, error) && build_ingest(roles, error) &&
           build_tracker(roles, error) && build_gateway(roles, error) &&
           build_web(roles, error) && build_monitor(roles, error);
}

/* --- what must be freed on its own thread, while the loop still is ------- */

static void end_ingest(void *data)
{
    struct roles *roles = data;
    ingest_free(roles->ingest);
    roles->ingest = NULL;
}

static void end_tracker(void *data)
{
    struct roles *roles = data;
    tracker_free(roles->tracker);
    redis_link_free(roles->tracker_redis);
    roles->tracker = NULL;
    roles->tracker_redis = NULL;
}

static void end_monitor(void *data)
{
    struct roles *roles = data;
    monitor_free(roles->monitor);
    health_mirror_free(roles->monitor_mirror);
    redis_link_free(roles->monitor_redis);
    roles->monitor = NULL;
    roles->monitor_mirror = NULL;
    roles->monitor_redis = NULL;
}

static void end_state(void *data)
{
    struct roles *roles = data;
    flight_feed_free(roles->feed);
    roles->feed = NULL;
}

static void end_upstream(void *data)
{
    struct roles *roles = data;
    platform_feed_free(roles->platform);
    roles->platform = NULL;
}

static void start_threads(struct roles *roles)
{
    for (size_t i = 0; i < roles->io_count; i++) {
        char name[16];
        snprintf(name, sizeof name, "io-%zu", i);
        part_start(&roles->io[i], name, NULL, roles);
    }
    part_start(&roles->upstream_part, "upstream", end_upstream, roles);
    part_start(&roles->state_part, "state", end_state, roles);
    part_start(&roles->tracker_part, "tracker", end_tracker, roles);
    part_start(&roles->monitor_part, "monitor", end_monitor, roles);
    part_start(&roles->ingest_part, "ingest", end_ingest, roles);
}

/* --- ready and drain ----------------------------------------------------- */

static bool is_caught_up(struct roles *roles)
{
    return !has_role(roles, ROLE_GATEWAY) || atomic_load(&roles->caught_up);
}

/* Kafka answers and has the topic: sooner or later we are at its end. */
static bool is_fed(const struct roles *roles)
{
    return bus_silent_since_ms(roles->bus) == 0 &&
           bus_partitions(roles->bus, TOPIC_FLIGHT_UPDATES) > 0;
}

static void watch_start(void *data)
{
    struct roles *roles = data;
    bool caught_up = is_caught_up(roles);
    int64_t waited_ms = clock_mono_ms() - roles->started_ms;
    /* A backlog is read to its end; nobody waits for what will not come. */
    bool waited = waited_ms >= ROLES_CATCH_UP_MS ||
                  (waited_ms >= ROLES_READY_WAIT_MS && !is_fed(roles));
    if (caught_up)
        health_board_ready(roles->board, true);
    if ((caught_up || waited) && !roles->said_ready) {
        roles->said_ready = true;
        roles->events.on_ready(roles->events_data);
    }
    if (!caught_up)
        loop_timer_arm(roles->watch, ROLES_WATCH_MS);
}

static void watch_drain(void *data)
{
    struct roles *roles = data;
    if (web_server_clients(roles->web) == 0 ||
        clock_mono_ms() - roles->drain_ms >= ROLES_CLIENTS_MS)
        roles->events.on_drained(roles->events_data);
    else
        loop_timer_arm(roles->watch, ROLES_WATCH_MS);
}

/* What the platform may have and this process does without is told as well. */
static void tell_absent(struct roles *roles)
{
    static const struct {
        enum config_option option;
        const char *name;
        unsigned roles; /* that would use it */
        bool asked;     /* by this version */
    } rows[] = {
        {CONFIG_REDIS, "redis", ROLE_GATEWAY | ROLE_TRACKER | ROLE_MONITOR, true},
        {CONFIG_JAEGER, "jaeger", ROLE_GATEWAY, false},
        {CONFIG_PINOT, "pinot", ROLE_GATEWAY, false},
    };
    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        bool given = config_text(roles->config, rows[i].option) != NULL;
        if ((roles->config->roles & rows[i].roles) == 0 || (given && rows[i].asked))
            continue;
        health_set(roles->board, rows[i].name, HEALTH_PASS, HEALTH_NO_LATENCY, "%s",
                   given ? "not asked by this version" : "not configured");
    }
}

struct roles *roles_start(const struct config *config, struct loop *main_loop,
                          const struct roles_events *events, void *data,
                          struct strbuf *ret_error)
{
    struct roles *roles = xcalloc(1, sizeof *roles);
    roles->config = config;
    roles->main_loop = main_loop;
    roles->events = *events;
    roles->events_data = data;
    roles->started_ms = clock_mono_ms();
    roles->metrics = metrics_new();
    roles->board = health_board_new();
    if (!build(roles, ret_error)) {
        roles_free(roles);
        return NULL;
    }
    tell_absent(roles);
    start_threads(roles);
    roles->watch = loop_after_ms(main_loop, 0, watch_start, roles);
    return roles;
}

void roles_drain(struct roles *roles)
{
    roles->drain_ms = clock_mono_ms();
    health_board_draining(roles->board);
    bus_drain(roles->bus);
    web_server_drain(roles->web, "restart");
    loop_timer_free(roles->watch);
    roles->watch = loop_after_ms(roles->main_loop, 0, watch_drain, roles);
}

int roles_reload(struct roles *roles, const struct config *config,
                 struct strbuf *ret_error)
{
    const char *cert = config_text(config, CONFIG_TLS_CERT);
    const char *key = config_text(config, CONFIG_TLS_KEY);
    bool tls = config_text(roles->config, CONFIG_TLS_CERT) != NULL && cert != NULL;
    size_t count;
    const char *const *origins =
        options_list(config->options, CONFIG_ALLOW_ORIGIN, &count);
    /* What may be refused first, so that all or nothing is taken. */
    int rc = tls ? web_tls_check(cert, key, ret_error) : 0;
    if (rc == 0 && roles->auth != NULL)
        rc = auth_reload(roles->auth, ret_error);
    if (rc == 0 && tls)
        rc = web_server_reload_tls(roles->web, cert, key, ret_error);
    if (rc == 0)
        web_server_set_origins(roles->web, origins, count);
    return rc;
}

static void flush(struct roles *roles)
{
    if (roles->producer == NULL || !roles->said_ready)
        return;
    int64_t spent_ms = roles->drain_ms != 0 ? clock_mono_ms() - roles->drain_ms : 0;
    if (producer_flush(roles->producer, (int)MAX_OF(ROLES_FLUSH_MS - spent_ms, 0)) != 0)
        log_error("main", "Kafka has not taken %zu records within %d s: dropped",
                  producer_queued(roles->producer), ROLES_FLUSH_MS / 1000);
}

/* Sources first, then who commits, then what is queued; readers last. */
static void stop_threads(struct roles *roles)
{
    /* The io threads read the state of the sources and of the flights. */
    for (size_t i = 0; i < roles->io_count; i++)
        part_stop(&roles->io[i]);
    part_stop(&roles->ingest_part);
    part_stop(&roles->tracker_part);
    part_stop(&roles->monitor_part);
    flush(roles);
    part_stop(&roles->state_part);
    part_stop(&roles->upstream_part);
}

static void free_parts(struct roles *roles)
{
    /* What a thread would have freed at its end, had it been started. */
    end_ingest(roles);
    end_tracker(roles);
    end_monitor(roles);
    end_state(roles);
    end_upstream(roles);
    web_server_free(roles->web);
    upstream_provider_free(roles->provider);
    upstream_free(roles->upstream);
    state_free(roles->state);
    news_free(roles->news);
    watch_list_free(roles->watch_list);
    loop_free(roles->ingest_part.loop);
    loop_free(roles->tracker_part.loop);
    loop_free(roles->monitor_part.loop);
    loop_free(roles->state_part.loop);
    loop_free(roles->upstream_part.loop);
    for (size_t i = 0; i < roles->io_count; i++)
        loop_free(roles->io[i].loop);
}

void roles_free(struct roles *roles)
{
    if (roles == NULL)
        return;
    loop_timer_free(roles->watch);
    stop_threads(roles);
    free_parts(roles);
    auth_free(roles->auth);
    producer_free(roles->producer);
    bus_close(roles->bus);
    health_board_free(roles->board);
    metrics_free(roles->metrics);
    free(roles);
}

void roles_describe(const struct roles *roles, struct strbuf *out)
{
    const char *address = roles->config->listen_address;
    bool v6 = strchr(address, ':') != NULL;
    strbuf_addf(out, "role=%s http=%s%s%s:%u kafka=%s", roles->config->role_text,
                v6 ? "[" : "", address, v6 ? "]" : "",
                (unsigned)web_server_port(roles->web), bus_brokers(roles->bus));
}
