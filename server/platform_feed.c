#include "platform_feed.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/strbuf.h"
#include "bus/consumer.h"
#include "monitor/alert_table.h"
#include "monitor/news.h"
#include "net/loop.h"
#include "store/health_mirror.h"
#include "store/redis_link.h"
#include "store/sessions.h"

struct platform_feed {
    struct platform_feed_config config;
    struct redis_link *redis;
    struct health_mirror *mirror;
    struct sessions *sessions;
    struct consumer *health;
    struct consumer *alerts;
};

struct acknowledgement {
    struct platform_feed *feed;
    char alert[ALERT_ID_SIZE];
};

/* A consumer of a whole small topic, from its beginning on. */
static struct consumer *read_all(struct platform_feed *feed, enum topic topic,
                                 bus_records_fn on_records, struct strbuf *error)
{
    struct consumer_config config = {.topic = topic, .start = CONSUMER_FROM_BEGINNING};
    struct consumer_events events = {.on_records = on_records};
    return consumer_assign(feed->config.bus, &config, feed->config.loop, &events,
                           feed->config.news, error);
}

static bool open_redis(struct platform_feed *feed, struct strbuf *error)
{
    if (feed->config.redis_url == NULL)
        return true;
    feed->redis = redis_link_new(feed->config.redis_url, feed->config.loop,
                                 feed->config.metrics, feed->config.board, error);
    if (feed->redis == NULL)
        return false;
    feed->mirror =
        health_mirror_new(feed->redis, news_take_mirrored, feed->config.news);
    feed->sessions = sessions_new(feed->redis, news_take_ack, feed->config.news);
    return true;
}

struct platform_feed *platform_feed_new(const struct platform_feed_config *config,
                                        struct strbuf *ret_error)
{
    struct platform_feed *feed = xcalloc(1, sizeof *feed);
    feed->config = *config;
    bool ok = open_redis(feed, ret_error);
    if (ok)
        feed->health =
            read_all(feed, TOPIC_SERVICE_HEALTH, news_take_health_records, ret_error);
    if (feed->health != NULL)
        feed->alerts =
            read_all(feed, TOPIC_FLIGHT_ALERTS, news_take_alert_records, ret_error);
    if (feed->alerts != NULL)
        return feed;
    platform_feed_free(feed);
    return NULL;
}

void platform_feed_free(struct platform_feed *feed)
{
    if (feed == NULL)
        return;
    consumer_free(feed->health);
    consumer_free(feed->alerts);
    sessions_free(feed->sessions);
    health_mirror_free(feed->mirror);
    redis_link_free(feed->redis);
    free(feed);
}

static void acknowledge_here(void *data)
{
    struct acknowledgement *ack = data;
    struct platform_feed *feed = ack->feed;
    int64_t now_ms = clock_wall_ms();
    news_take_ack(feed->config.news, ack->alert, now_ms);
    if (feed->sessions != NULL)
        sessions_ack(feed->sessions, ack->alert, now_ms);
    free(ack);
}

void platform_feed_acknowledge(struct platform_feed *feed, const char *alert)
{
    struct acknowledgement *ack = xcalloc(1, sizeof *ack);
    ack->feed = feed;
    snprintf(ack->alert, sizeof ack->alert, "%s", alert);
    loop_post(feed->config.loop, acknowledge_here, ack);
}
