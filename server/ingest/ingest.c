/*
 * Everything happens on the loop's thread. Sources report through their sink
 * into their struct feed; a feed's public face is copied under a lock twice a
 * second, which is all that other threads see.
 *
 * Order of a record: source -> merge -> gate (only with a filter) -> producer, or,
 * when that has no room, -> backlog -> producer.
 */
#include "ingest/ingest.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/macros.h"
#include "base/strbuf.h"
#include "bus/producer.h"
#include "flight/flight_encode.h"
#include "flight/flight_fields.h"
#include "ingest/backlog.h"
#include "ingest/gate.h"
#include "ingest/merge.h"
#include "net/http_client.h"
#include "net/loop.h"
#include "sources/source.h"
#include "sources/source_url.h"
#include "sources/sources.h"
#include "telemetry/metrics.h"

enum {
    SECOND_MS = 1000,
    EXPIRE_EVERY = 15,     /* seconds */
    FAIL_AFTER_MS = 30000, /* trouble for longer than this is a failure */
    QUIET_MS = 60000       /* connected, and no aircraft: said so */
};

/* A source and what is known of it. */
struct feed {
    struct ingest *ingest;
    size_t index;
    struct source_url *url;
    struct source_sink sink;
    void *source;
    struct source_status face;
    char health_name[HEALTH_NAME_SIZE];
    bool in_trouble;
    bool noticed; /* a notice since the last good poll */
    bool quiet;   /* the text says that no aircraft is heard */
    int64_t trouble_since_ms;
    uint64_t counted; /* records at the last second */
    struct metric_cell *records;
    struct metric_cell *duplicates;
    struct metric_cell *age;
    struct metric_cell *quota;
    struct metric_cell *refused[OBSERVATION_REASON_COUNT];
    struct metric_cell *errors[SOURCE_TROUBLE_COUNT];
};

struct ingest {
    struct ingest_deps deps;
    struct http_client *http;
    struct merge *merge;
    struct gate *gate;       /* NULL without a filter */
    struct backlog *backlog; /* what the producer refused */
    struct loop_timer *timer;
    struct strbuf text; /* the record being written */
    unsigned seconds;
    struct feed feeds[INGEST_SOURCES_MAX];
    size_t feed_count;
    pthread_mutex_t lock; /* guards faces */
    struct source_status faces[INGEST_SOURCES_MAX];
};

/* --- what sources report ------------------------------------------------- */

/* Sets status and text; since_ms only moves with the status. */
static void show(struct feed *feed, enum health_status status, const char *text)
{
    struct source_status *face = &feed->face;
    if (face->status != status || face->since_ms == 0)
        face->since_ms = clock_wall_ms();
    face->status = status;
    snprintf(face->text, sizeof face->text, "%s", text);
    health_set(feed->ingest->deps.board, feed->health_name, status,
               face->latency_ms >= 0 ? face->latency_ms : HEALTH_NO_LATENCY, "%s",
               face->text);
}

/* 0, or what producer_send says; `again`: of the backlog. */
static int produce(struct ingest *ingest, const struct observation *obs, bool again)
{
    char hex[FLIGHT_HEX_SIZE];
    strbuf_clear(&ingest->text);
    if (!flight_encode_record(&ingest->text, obs))
        return -EMSGSIZE;
    flight_format_hex(obs->icao, hex);
    const struct producer_record record = {
        .topic = TOPIC_FLIGHT_UPDATES,
        .key = hex,
        .key_len = strlen(hex),
        .value = strbuf_text(&ingest->text),
        .value_len = ingest->text.len,
        .source = flight_values_text(&obs->v, FLIGHT_SRC),
        .again = again,
    };
    return producer_send(ingest->deps.producer, &record);
}

/* Sends what was refused, as far as there is room now. */
static void send_backlog(struct ingest *ingest)
{
    size_t before = backlog_count(ingest->backlog);
    const struct observation *obs;
    while ((obs = backlog_first(ingest->backlog)) != NULL &&
           produce(ingest, obs, true) != -ENOBUFS)
        backlog_drop_first(ingest->backlog);
    size_t after = backlog_count(ingest->backlog);
    if (before > 0 && after == 0)
        log_info("ingest", "Kafka takes records again: the latest of %zu aircraft sent",
                 before);
    metrics_set(ingest->deps.metrics, METRIC_INGEST_WAITING, (double)after);
}

static void take_row(const struct flight *row, struct observation *ret_obs)
{
    *ret_obs = (struct observation){.icao = row->icao,
                                    .now_ms = row->now_ms,
                                    .heard_at_ms = row->heard_at_ms,
                                    .pos_at_ms = row->pos_at_ms,
                                    .present = row->known,
                                    .v = row->v};
}

/* Hands the record on; the gate may want the whole aircraft instead. */
static void send_record(struct feed *feed, const struct observation *obs,
                        int64_t now_ms)
{
    struct ingest *ingest = feed->ingest;
    struct observation whole;
    const struct flight *row = NULL;
    if (ingest->gate != NULL && !gate_admit(ingest->gate, obs, now_ms, &row))
        return;
    if (row != NULL) {
        take_row(row, &whole);
        obs = &whole;
    }
    bool waits = backlog_has(ingest->backlog, obs->icao);
    int rc = waits ? -ENOBUFS : produce(ingest, obs, false);
    if (rc == 0)
        feed->face.sent++;
    else if (rc == -ENOBUFS)
        backlog_keep(ingest->backlog, obs);
}

static void set_name(struct feed *feed, struct observation *obs)
{
    bool own = (obs->present & FLIGHT_BIT(FLIGHT_SRC)) != 0;
    if (own && !feed->url->named)
        return;
    flight_values_set_text(&obs->v, FLIGHT_SRC, feed->face.name,
                           strlen(feed->face.name));
    obs->present |= FLIGHT_BIT(FLIGHT_SRC);
}

static void refuse(void *data, enum observation_reason reason, unsigned count)
{
    struct feed *feed = data;
    struct metric_cell **cell = &feed->refused[reason];
    if (*cell == NULL)
        *cell = metrics_cell_of(feed->ingest->deps.metrics, METRIC_SOURCE_REFUSED,
                                feed->face.name, observation_reason_text(reason));
    metric_add(*cell, count);
    feed->face.refused += count;
}

static void observe(void *data, const struct observation *obs)
{
    struct feed *feed = data;
    struct ingest *ingest = feed->ingest;
    struct observation merged;
    int64_t now_ms = clock_wall_ms();
    feed->face.records++;
    metric_add(feed->records, 1);
    feed->face.heard_ms = MAX_OF(feed->face.heard_ms, MIN_OF(obs->heard_at_ms, now_ms));
    switch (merge_offer(ingest->merge, feed->index, feed->url->kind->full_state, obs,
                        now_ms, &merged)) {
    case MERGE_DUPLICATE: metric_add(feed->duplicates, 1); return;
    case MERGE_FULL: refuse(feed, OBSERVATION_TOO_LARGE, 1); return;
    case MERGE_SEND: break;
    }
    set_name(feed, &merged);
    send_record(feed, &merged, now_ms);
}

static void good(void *data, int64_t latency_ms)
{
    struct feed *feed = data;
    bool noticed = feed->noticed;
    feed->face.latency_ms = latency_ms;
    feed->noticed = false;
    if (feed->in_trouble)
        log_info("ingest", "source %s works again", feed->face.name);
    feed->in_trouble = false;
    bool says_quiet = feed->quiet && feed->face.status == HEALTH_PASS;
    if (!noticed && !says_quiet)
        show(feed, HEALTH_PASS, "");
}

static void trouble(void *data, enum source_trouble what, const char *text,
                    int64_t retry_ms)
{
    struct feed *feed = data;
    char line[INGEST_TEXT_SIZE];
    int64_t now_ms = clock_mono_ms();
    struct metric_cell **cell = &feed->errors[what];
    if (*cell == NULL)
        *cell = metrics_cell_of(feed->ingest->deps.metrics, METRIC_SOURCE_ERRORS,
                                feed->face.name, source_trouble_text(what));
    metric_add(*cell, 1);
    feed->face.errors++;
    if (!feed->in_trouble)
        feed->trouble_since_ms = now_ms;
    if (retry_ms >= 0)
        snprintf(line, sizeof line, "%.150s; next try in %.1f s", text,
                 (double)retry_ms / 1000);
    else
        snprintf(line, sizeof line, "%.199s", text);
    if (!feed->in_trouble)
        log_warn("ingest", "source %s: %s", feed->face.name, line);
    feed->in_trouble = true;
    feed->quiet = false;
    bool mild = what == SOURCE_TROUBLE_FROZEN || what == SOURCE_TROUBLE_RATE_LIMITED ||
                now_ms - feed->trouble_since_ms < FAIL_AFTER_MS;
    show(feed, mild ? HEALTH_WARN : HEALTH_FAIL, line);
}

static void notice(void *data, const char *text)
{
    struct feed *feed = data;
    feed->noticed = true;
    show(feed, HEALTH_WARN, text);
}

static void quota(void *data, int64_t left)
{
    struct feed *feed = data;
    if (feed->quota == NULL)
        feed->quota = metrics_cell_of(feed->ingest->deps.metrics, METRIC_SOURCE_QUOTA,
                                      feed->face.name, NULL);
    metric_set(feed->quota, (double)left);
    feed->face.quota_left = left;
}

static void end(void *data, const char *text)
{
    struct feed *feed = data;
    log_info("ingest", "source %s: %s", feed->face.name, text);
    if (!feed->in_trouble)
        show(feed, HEALTH_PASS, text);
}

/* --- once a second ------------------------------------------------------- */

static void update_feed(struct feed *feed, int64_t now_ms)
{
    struct source_status *face = &feed->face;
    double rate = (double)(face->records - feed->counted);
    feed->counted = face->records;
    face->records_per_s += (rate - face->records_per_s) / 5;
    if (face->records_per_s < 0.05)
        face->records_per_s = 0;
    bool heard = face->heard_ms != 0;
    int64_t age_ms =
        MAX_OF(now_ms - (heard ? face->heard_ms : face->since_ms), (int64_t)0);
    if (heard)
        metric_set(feed->age, (double)age_ms / 1000);
    bool silent = age_ms >= QUIET_MS;
    if (face->status != HEALTH_PASS || silent == feed->quiet)
        return;
    if (silent && face->text[0] != '\0')
        return;
    feed->quiet = silent;
    show(feed, HEALTH_PASS, silent ? "no aircraft heard for over a minute" : "");
}

static void each_second(void *data)
{
    struct ingest *ingest = data;
    int64_t now_ms = clock_wall_ms();
    for (size_t i = 0; i < ingest->feed_count; i++)
        update_feed(&ingest->feeds[i], now_ms);
    send_backlog(ingest);
    pthread_mutex_lock(&ingest->lock);
    for (size_t i = 0; i < ingest->feed_count; i++)
        ingest->faces[i] = ingest->feeds[i].face;
    pthread_mutex_unlock(&ingest->lock);
    if (++ingest->seconds % EXPIRE_EVERY != 0)
        return;
    merge_expire(ingest->merge, now_ms);
    if (ingest->gate != NULL)
        gate_expire(ingest->gate, now_ms);
}

size_t ingest_sources(struct ingest *ingest, struct source_status *ret_status,
                      size_t max)
{
    size_t count = MIN_OF(ingest->feed_count, max);
    pthread_mutex_lock(&ingest->lock);
    memcpy(ret_status, ingest->faces, count * sizeof *ret_status);
    pthread_mutex_unlock(&ingest->lock);
    return count;
}

/* --- opening ------------------------------------------------------------- */

static bool name_is_taken(const struct ingest *ingest, const char *name)
{
    for (size_t i = 0; i < ingest->feed_count; i++)
        if (strcmp(ingest->feeds[i].face.name, name) == 0)
            return true;
    return false;
}

/* Two sources of a kind are told apart: readsb, readsb-2. */
static void name_feed(const struct ingest *ingest, struct feed *feed)
{
    struct source_status *face = &feed->face;
    snprintf(face->name, sizeof face->name, "%s", feed->url->name);
    for (unsigned n = 2; name_is_taken(ingest, face->name); n++)
        snprintf(face->name, sizeof face->name, "%.18s-%u", feed->url->name, n);
    snprintf(face->kind, sizeof face->kind, "%s", feed->url->kind->scheme);
    snprintf(feed->health_name, sizeof feed->health_name, "source:%s", face->name);
}

static bool open_feed(struct ingest *ingest, const char *text, struct strbuf *ret_error)
{
    struct source_url *url = sources_parse(text, ret_error);
    if (url == NULL)
        return false;
    struct feed *feed = &ingest->feeds[ingest->feed_count];
    struct metrics *metrics = ingest->deps.metrics;
    const struct source_context context = {
        .loop = ingest->deps.loop,
        .http = ingest->http,
        .seed = (uint64_t)clock_mono_ns() + ingest->feed_count,
    };
    *feed = (struct feed){.ingest = ingest, .index = ingest->feed_count, .url = url};
    feed->face.quota_left = feed->face.latency_ms = -1;
    feed->sink =
        (struct source_sink){observe, refuse, good, trouble, notice, quota, end, feed};
    name_feed(ingest, feed);
    ingest->feed_count++;
    feed->records =
        metrics_cell_of(metrics, METRIC_SOURCE_RECORDS, feed->face.name, NULL);
    feed->duplicates =
        metrics_cell_of(metrics, METRIC_SOURCE_DUPLICATES, feed->face.name, NULL);
    feed->age = metrics_cell_of(metrics, METRIC_SOURCE_AGE, feed->face.name, NULL);
    show(feed, HEALTH_WARN, "not heard yet");
    feed->source = url->kind->open(url, &context, &feed->sink, ret_error);
    return feed->source != NULL;
}

static bool open_all(struct ingest *ingest, const struct ingest_config *config,
                     struct strbuf *ret_error)
{
    if (config->source_count > INGEST_SOURCES_MAX) {
        strbuf_addf(ret_error, "%zu sources are too many; at most %d",
                    config->source_count, INGEST_SOURCES_MAX);
        return false;
    }
    for (size_t i = 0; i < config->source_count; i++)
        if (!open_feed(ingest, config->sources[i], ret_error))
            return false;
    return true;
}

static bool open_gate(struct ingest *ingest, const struct ingest_config *config,
                      struct strbuf *ret_error)
{
    if (config->filter == NULL || config->filter[0] == '\0')
        return true;
    const struct filter_context place = {
        .has_home = config->has_receiver,
        .home = {config->receiver_lat_deg, config->receiver_lon_deg},
    };
    ingest->gate = gate_new(config->filter, &place, ret_error);
    return ingest->gate != NULL;
}

struct ingest *ingest_new(const struct ingest_config *config,
                          const struct ingest_deps *deps, struct strbuf *ret_error)
{
    struct ingest *ingest = xcalloc(1, sizeof *ingest);
    size_t count = MIN_OF(config->source_count, (size_t)INGEST_SOURCES_MAX);
    ingest->deps = *deps;
    pthread_mutex_init(&ingest->lock, NULL);
    strbuf_init(&ingest->text, FLIGHT_ENCODE_MAX);
    /* A source has one request under way: several on one host must not wait for the
     * one that hangs. */
    const struct http_limits limits = {.per_host = INGEST_SOURCES_MAX,
                                       .total = 2 * INGEST_SOURCES_MAX};
    ingest->http = http_client_new(deps->loop, &limits);
    ingest->merge = merge_new(count);
    ingest->backlog = backlog_new();
    if (!open_gate(ingest, config, ret_error) || !open_all(ingest, config, ret_error)) {
        ingest_free(ingest);
        return NULL;
    }
    for (size_t i = 0; i < ingest->feed_count; i++)
        ingest->faces[i] = ingest->feeds[i].face;
    ingest->timer = loop_every_ms(deps->loop, SECOND_MS, each_second, ingest);
    return ingest;
}

void ingest_free(struct ingest *ingest)
{
    if (ingest == NULL)
        return;
    for (size_t i = 0; i < ingest->feed_count; i++) {
        struct feed *feed = &ingest->feeds[i];
        if (feed->source != NULL)
            feed->url->kind->close(feed->source);
        source_url_free(feed->url);
    }
    loop_timer_free(ingest->timer);
    send_backlog(ingest);
    if (backlog_count(ingest->backlog) > 0)
        log_warn("ingest", "the latest records of %zu aircraft found no room: dropped",
                 backlog_count(ingest->backlog));
    backlog_free(ingest->backlog);
    http_client_free(ingest->http);
    merge_free(ingest->merge);
    gate_free(ingest->gate);
    strbuf_release(&ingest->text);
    pthread_mutex_destroy(&ingest->lock);
    free(ingest);
}
