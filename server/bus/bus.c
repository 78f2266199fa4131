/*
 * The thread asks the broker for our topics once a second: that is the
 * heartbeat, the news of new partitions, and the list of what is missing, in
 * one request. librdkafka tells of a lost connection, but not of a broker that
 * hangs; an unanswered question tells of both.
 */
#include "bus/bus.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <librdkafka/rdkafka.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/strbuf.h"
#include "bus/embedded.h"
#include "bus/topic_admin.h"
#include "net/loop.h"
#include "net/thread.h"
#include "telemetry/health.h"
#include "telemetry/metrics.h"

enum {
    LOOK_PERIOD_MS = 1000,
    LOOK_SOON_MS = 250, /* while something is wrong */
    LOOK_TIMEOUT_MS = 2000,
    REASON_MAX = 240
};

struct bus {
    struct bus_config config; /* owns its texts */
    struct metrics *metrics;
    struct health_board *board;
    struct embedded *embedded;
    rd_kafka_t *admin;
    struct loop *loop;
    struct thread *thread;
    struct loop_timer *timer;
    atomic_bool closing;
    atomic_int partitions[TOPIC_COUNT];
    _Atomic int64_t silent_since_ms;
    char reason[REASON_MAX]; /* librdkafka's last error; the thread's */
    bool auth_failed;
    bool told_silent; /* the log knows */
    unsigned missing; /* topics, when last told in the log */
};

/* -- Configuration -------------------------------------------------------- */

static void copy_config(struct bus_config *ret_copy, const struct bus_config *config)
{
    char **properties = xcalloc(config->property_count + 1, sizeof *properties);
    for (size_t i = 0; i < config->property_count; i++)
        properties[i] = xstrdup(config->properties[i]);
    *ret_copy = *config;
    ret_copy->brokers = xstrdup(config->brokers != NULL ? config->brokers : "");
    ret_copy->properties = (const char *const *)properties;
    ret_copy->client_id =
        xstrdup(config->client_id != NULL ? config->client_id : "flightdashd");
}

static void free_text(const char *text)
{
    union {
        const char *borrowed;
        char *owned;
    } u = {.borrowed = text};
    free(u.owned);
}

static void free_config(struct bus_config *config)
{
    for (size_t i = 0; i < config->property_count; i++)
        free_text(config->properties[i]);
    union {
        const char *const *borrowed;
        char **owned;
    } u = {.borrowed = config->properties};
    free(u.owned);
    free_text(config->brokers);
    free_text(config->client_id);
}

/* -- The thread ----------------------------------------------------------- */

/* Called by rd_kafka_poll on the thread. */
static void on_error(rd_kafka_t *rk, int err, const char *reason, void *data)
{
    struct bus *bus = data;
    (void)rk;
    if (err == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN && bus->reason[0] != '\0')
        return; /* the broker's own line says why */
    bus->auth_failed |= err == RD_KAFKA_RESP_ERR__AUTHENTICATION;
    snprintf(bus->reason, sizeof bus->reason, "%s", reason);
}

static void tell_silent(struct bus *bus, int64_t began_ms, int err)
{
    if (atomic_load(&bus->silent_since_ms) == 0)
        atomic_store(&bus->silent_since_ms, began_ms);
    const char *why = bus->reason[0] != '\0'
                          ? bus->reason
                          : rd_kafka_err2str((rd_kafka_resp_err_t)err);
    const char *hint = bus->auth_failed ? bus_config_auth_hint(&bus->config) : NULL;
    if (hint != NULL)
        log_error("kafka", "the broker refuses our credentials: %s", hint);
    else if (!bus->told_silent)
        log_warn("kafka", "%s does not answer: %s", bus_brokers(bus), why);
    bus->told_silent = true;
    health_set(bus->board, "kafka", HEALTH_FAIL, HEALTH_NO_LATENCY, "no answer: %s",
               hint != NULL ? hint : why);
}

static void name_missing(const struct topic_report *report, struct strbuf *out)
{
    for (unsigned i = 0; i < TOPIC_COUNT; i++) {
        if (report->partitions[i] == 0)
            strbuf_addf(out, "%s%s", out->len > 0 ? ", " : "", topic_name(i));
    }
}

static void tell_missing(struct bus *bus, const struct topic_report *report,
                         const char *what_to_do)
{
    struct strbuf names;
    strbuf_init(&names, 400);
    name_missing(report, &names);
    if (report->missing != bus->missing)
        log_error("kafka", "topics are missing: %s; %s", strbuf_text(&names),
                  what_to_do);
    enum health_status status =
        report->partitions[TOPIC_FLIGHT_UPDATES] == 0 ? HEALTH_FAIL : HEALTH_WARN;
    health_set(bus->board, "kafka", status, HEALTH_NO_LATENCY,
               "topics are missing: %s; %s", strbuf_text(&names), what_to_do);
    bus->missing = report->missing;
    strbuf_release(&names);
}

static void create_missing(struct bus *bus, const struct topic_report *report)
{
    struct strbuf why;
    strbuf_init(&why, 1024);
    if (!bus->config.create_topics) {
        tell_missing(bus, report, "create them, or start with --create-topics");
    } else if (topic_admin_create(bus->admin, &bus->config, report, &why) == 0) {
        log_info("kafka", "created %u topics", report->missing);
    } else {
        bus->missing = 0; /* the reason may differ each time: tell it */
        tell_missing(bus, report, strbuf_text(&why));
    }
    strbuf_release(&why);
}

static void tell_answer(struct bus *bus, const struct topic_report *report,
                        int64_t took_ms)
{
    if (atomic_exchange(&bus->silent_since_ms, 0) != 0)
        log_info("kafka", "%s answers", bus_brokers(bus));
    bus->reason[0] = '\0';
    bus->auth_failed = false;
    bus->told_silent = false;
    for (unsigned i = 0; i < TOPIC_COUNT; i++)
        atomic_store(&bus->partitions[i], report->partitions[i]);
    if (report->missing > 0) {
        create_missing(bus, report);
        return;
    }
    bus->missing = 0;
    if (report->leaderless > 0)
        health_set(bus->board, "kafka", HEALTH_WARN, took_ms,
                   "%u partitions have no leader", report->leaderless);
    else
        health_pass(bus->board, "kafka", took_ms);
}

static void look(void *data)
{
    struct bus *bus = data;
    struct topic_report report;
    int64_t began_ms = clock_wall_ms();
    int64_t mono_ms = clock_mono_ms();
    if (bus_closing(bus))
        return;
    int err = topic_admin_look(bus->admin, LOOK_TIMEOUT_MS, &report);
    rd_kafka_poll(bus->admin, 0);
    if (bus_closing(bus))
        return;
    if (err != 0)
        tell_silent(bus, began_ms, err);
    else
        tell_answer(bus, &report, clock_mono_ms() - mono_ms);
    bool well = err == 0 && report.missing == 0;
    loop_update_time(bus->loop);
    loop_timer_arm(bus->timer, well ? LOOK_PERIOD_MS : LOOK_SOON_MS);
}

static void start(void *data)
{
    struct bus *bus = data;
    bus->timer = loop_timer_new(bus->loop, look, bus);
    loop_timer_arm(bus->timer, 0);
}

static void finish(void *data)
{
    struct bus *bus = data;
    loop_timer_free(bus->timer);
}

/* -- Open and close -------------------------------------------------------- */

static rd_kafka_t *new_admin(struct bus *bus, struct strbuf *ret_error)
{
    char reason[512];
    rd_kafka_conf_t *conf =
        bus_config_build(&bus->config, BUS_ADMIN, bus->embedded != NULL, ret_error);
    if (conf == NULL)
        return NULL;
    rd_kafka_conf_set_error_cb(conf, on_error);
    rd_kafka_conf_set_opaque(conf, bus);
    /* A consumer, because a producer's questions would create topics. */
    rd_kafka_t *rk = rd_kafka_new(RD_KAFKA_CONSUMER, conf, reason, sizeof reason);
    if (rk == NULL) {
        rd_kafka_conf_destroy(conf);
        strbuf_addf(ret_error, "Kafka: %s", reason);
    }
    return rk;
}

/*
 * A broker in our own process has nothing to gain from more partitions, and the
 * mock cluster pays for each: it keeps 5 MiB of it and walks through all of that
 * for every fetch.
 */
enum { EMBEDDED_PARTITIONS = 1 };

static bool start_embedded(struct bus *bus, struct strbuf *ret_error)
{
    if (bus->config.brokers[0] != '\0')
        return true;
    int partitions = bus->config.partitions;
    bus->embedded =
        embedded_new(1, partitions > 0 ? partitions : EMBEDDED_PARTITIONS, ret_error);
    if (bus->embedded == NULL)
        return false;
    free_text(bus->config.brokers);
    bus->config.brokers = xstrdup(embedded_brokers(bus->embedded));
    return true;
}

struct bus *bus_open(const struct bus_config *config, struct metrics *metrics,
                     struct health_board *board, struct strbuf *ret_error)
{
    if (bus_config_check(config, ret_error) != 0)
        return NULL;
    struct bus *bus = xcalloc(1, sizeof *bus);
    copy_config(&bus->config, config);
    bus->metrics = metrics;
    bus->board = board;
    atomic_store(&bus->silent_since_ms, clock_wall_ms());
    if (!start_embedded(bus, ret_error) ||
        (bus->admin = new_admin(bus, ret_error)) == NULL) {
        bus_close(bus);
        return NULL;
    }
    if (bus_config_auth_hint(config) != NULL)
        log_warn("kafka", "%s", bus_config_auth_hint(config));
    bus->loop = loop_new();
    bus->thread = thread_start("kafka-admin", start, finish, bus, bus->loop);
    return bus;
}

void bus_drain(struct bus *bus)
{
    atomic_store(&bus->closing, true);
}

void bus_close(struct bus *bus)
{
    if (bus == NULL)
        return;
    atomic_store(&bus->closing, true);
    thread_stop(bus->thread);
    if (bus->loop != NULL)
        loop_run_once(bus->loop, false); /* what was posted frees itself */
    loop_free(bus->loop);
    if (bus->admin != NULL)
        rd_kafka_destroy(bus->admin);
    embedded_free(bus->embedded);
    free_config(&bus->config);
    free(bus);
}

/* -- What others ask ------------------------------------------------------- */

const char *bus_brokers(const struct bus *bus)
{
    return bus->config.brokers;
}

bool bus_embedded(const struct bus *bus)
{
    return bus->embedded != NULL;
}

int bus_partitions(const struct bus *bus, enum topic topic)
{
    return atomic_load(&bus->partitions[topic]);
}

int64_t bus_silent_since_ms(const struct bus *bus)
{
    return atomic_load(&bus->silent_since_ms);
}

struct rd_kafka_mock_cluster_s *bus_mock_cluster(struct bus *bus)
{
    return bus->embedded != NULL ? embedded_cluster(bus->embedded) : NULL;
}

const struct bus_config *bus_settings(const struct bus *bus)
{
    return &bus->config;
}

struct metrics *bus_metrics(const struct bus *bus)
{
    return bus->metrics;
}

rd_kafka_t *bus_admin_handle(struct bus *bus)
{
    return bus->admin;
}

void bus_run(struct bus *bus, void (*fn)(void *data), void *data)
{
    loop_post(bus->loop, fn, data);
}

bool bus_closing(const struct bus *bus)
{
    return atomic_load(&bus->closing);
}
