/*
 * Three stages, each ends by posting the next: a consumer or a link must not be
 * freed inside its own callback.
 */
#include "flight_feed.h"

#include <errno.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/macros.h"
#include "base/strbuf.h"
#include "bus/consumer.h"
#include "flight/flight_decode.h"
#include "net/loop.h"
#include "state/state.h"
#include "store/redis_link.h"
#include "store/warm_read.h"
#include "telemetry/health.h"

enum { GROUP_MAX = 64 }; /* records handed on at once */

struct flight_feed {
    struct flight_feed_config config;
    struct redis_link *redis;
    struct warm_read *warm;
    struct consumer *consumer;
    int64_t newest_ms; /* newest `now` of the warm objects */
    uint64_t warm_count;
    int64_t started_ms; /* monotonic */
};

static void start_state_topic(void *data);
static void start_updates(void *data);

/* One stored object, from Redis or flight-state; what is too old is left out. */
static void take_warm(struct flight_feed *feed, const char *json, size_t len)
{
    struct observation obs;
    int64_t now_ms = clock_wall_ms();
    if (flight_decode(json, len, now_ms, NULL, &obs) != OBSERVATION_NONE ||
        now_ms - obs.heard_at_ms > feed->config.expire_ms)
        return;
    state_apply_observation(feed->config.state, &obs);
    feed->warm_count++;
    if (obs.now_ms > feed->newest_ms)
        feed->newest_ms = obs.now_ms;
}

static void take_redis_object(void *data, const char *json, size_t len)
{
    take_warm(data, json, len);
}

static void after_redis(void *data, int64_t objects_or_error)
{
    struct flight_feed *feed = data;
    feed->warm = NULL;
    if (objects_or_error < 0)
        log_info("gateway", "no warm start from Redis (%s)",
                 strerror((int)-objects_or_error));
    loop_post(feed->config.loop,
              feed->warm_count > 0 ? start_updates : start_state_topic, feed);
}

static void take_state_records(void *data, const struct bus_record *records,
                               size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (records[i].value != NULL)
            take_warm(data, records[i].value, records[i].value_len);
    }
}

static void after_state_topic(void *data)
{
    struct flight_feed *feed = data;
    loop_post(feed->config.loop, start_updates, feed);
}

static void take_updates(void *data, const struct bus_record *records, size_t count)
{
    struct flight_feed *feed = data;
    struct state_record group[GROUP_MAX];
    int64_t now_ms = clock_wall_ms();
    int64_t newest_ms = -1;
    for (size_t i = 0; i < count;) {
        size_t taken = 0;
        for (; taken < GROUP_MAX && i < count; i++) {
            group[taken++] = (struct state_record){
                .key = records[i].key,
                .key_len = records[i].key_len,
                .value = records[i].value,
                .value_len = records[i].value_len,
                .origin = &records[i],
            };
            newest_ms = MAX_OF(newest_ms, records[i].timestamp_ms);
        }
        state_apply_records(feed->config.state, group, taken, now_ms);
    }
    if (newest_ms >= 0)
        state_set_lag(feed->config.state, MAX_OF(now_ms - newest_ms, 0));
}

static void caught_up(void *data)
{
    struct flight_feed *feed = data;
    log_info("gateway", "caught up with Kafka after %lld ms, %llu aircraft warm",
             (long long)(clock_mono_ms() - feed->started_ms),
             (unsigned long long)feed->warm_count);
    /* Who is told "ready" and asks at once shall see what we know. */
    state_tick(feed->config.state, clock_wall_ms());
    health_pass(feed->config.board, "state", HEALTH_NO_LATENCY);
    feed->config.on_caught_up(feed->config.data);
}

static void went_stale(void *data, int64_t since_ms)
{
    struct flight_feed *feed = data;
    state_set_stale(feed->config.state, "kafka", since_ms);
    health_set(feed->config.board, "state", HEALTH_WARN, HEALTH_NO_LATENCY,
               "stale: Kafka is silent");
}

static void came_back(void *data)
{
    struct flight_feed *feed = data;
    state_set_stale(feed->config.state, "kafka", 0);
    if (feed->consumer != NULL && consumer_caught_up(feed->consumer))
        health_pass(feed->config.board, "state", HEALTH_NO_LATENCY);
}

static void assign(struct flight_feed *feed, const struct consumer_config *config,
                   const struct consumer_events *events)
{
    struct strbuf error;
    strbuf_init(&error, 512);
    consumer_free(feed->consumer);
    feed->consumer = consumer_assign(feed->config.bus, config, feed->config.loop,
                                     events, feed, &error);
    /* The same settings opened the bus: only a defect gets here. */
    if (feed->consumer == NULL)
        health_set(feed->config.board, "state", HEALTH_FAIL, HEALTH_NO_LATENCY, "%s",
                   strbuf_text(&error));
    strbuf_release(&error);
}

static void start_state_topic(void *data)
{
    static const struct consumer_events events = {.on_records = take_state_records,
                                                  .on_caught_up = after_state_topic,
                                                  .on_stale = went_stale,
                                                  .on_live = came_back};
    struct flight_feed *feed = data;
    /* Older rows are left out anyway, and a busy topic holds many. */
    struct consumer_config config = {
        .topic = TOPIC_FLIGHT_STATE,
        .start = CONSUMER_FROM_TIME,
        .start_ms = clock_wall_ms() - feed->config.expire_ms,
        .drop_when_caught_up = true,
    };
    redis_link_free(feed->redis);
    feed->redis = NULL;
    assign(feed, &config, &events);
}

static void start_updates(void *data)
{
    static const struct consumer_events events = {.on_records = take_updates,
                                                  .on_caught_up = caught_up,
                                                  .on_stale = went_stale,
                                                  .on_live = came_back};
    struct flight_feed *feed = data;
    redis_link_free(feed->redis);
    feed->redis = NULL;
    int64_t from_ms = feed->newest_ms - FLIGHT_FEED_OVERLAP_MS;
    int64_t oldest_ms = clock_wall_ms() - feed->config.expire_ms;
    struct consumer_config config = {.topic = TOPIC_FLIGHT_UPDATES,
                                     .start = CONSUMER_FROM_TIME,
                                     .start_ms =
                                         from_ms > oldest_ms ? from_ms : oldest_ms};
    assign(feed, &config, &events);
}

struct flight_feed *flight_feed_start(const struct flight_feed_config *config)
{
    static const struct warm_read_events events = {.on_object = take_redis_object,
                                                   .on_done = after_redis};
    struct flight_feed *feed = xcalloc(1, sizeof *feed);
    feed->config = *config;
    feed->started_ms = clock_mono_ms();
    health_set(config->board, "state", HEALTH_WARN, HEALTH_NO_LATENCY, "catching up");
    if (config->redis_url == NULL) {
        start_state_topic(feed);
        return feed;
    }
    struct strbuf error;
    strbuf_init(&error, 512);
    /* Its own link without a health row: it lives only for this read. */
    feed->redis =
        redis_link_new(config->redis_url, config->loop, config->metrics, NULL, &error);
    if (feed->redis != NULL)
        feed->warm = warm_read_start(feed->redis, config->loop,
                                     FLIGHT_FEED_REDIS_WAIT_MS, &events, feed);
    else
        after_redis(feed, -EINVAL);
    strbuf_release(&error);
    return feed;
}

void flight_feed_free(struct flight_feed *feed)
{
    if (feed == NULL)
        return;
    warm_read_cancel(feed->warm);
    consumer_free(feed->consumer);
    redis_link_free(feed->redis);
    free(feed);
}
