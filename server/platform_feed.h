/*
 * What the gateway hears besides flights, and its way to the clients: health of
 * services (Kafka's service-health, Redis' health hash) and alerts (Kafka's
 * flight-alerts) into the news, the news into the channels health and alerts,
 * the pipeline's state into the channel pipeline, acknowledgements to and from
 * the other gateways. Lives on one loop (the upstream thread's), apart from the
 * hot path. Built before the loop runs, freed after it stopped.
 */
#pragma once

#include <stdint.h>

struct bus;
struct health_board;
struct health_mirror;
struct loop;
struct metrics;
struct news;
struct platform_feed;
struct strbuf;
struct web_server;

enum { PLATFORM_PIPELINE_MS = 1000 };

struct platform_feed_config {
    struct loop *loop;
    struct bus *bus;
    struct news *news;
    struct metrics *metrics;
    struct health_board *board;
    const char *redis_url; /* NULL = none */
    /* Writes the pipeline's state as one JSON object. On the loop. */
    void (*write_pipeline)(void *data, struct strbuf *out);
    void *pipeline_data;
};

/* NULL with a line in ret_error. */
struct platform_feed *platform_feed_new(const struct platform_feed_config *config,
                                        struct strbuf *ret_error);
void platform_feed_free(struct platform_feed *feed); /* accepts NULL */

/* To whom it streams; before the loop runs. Sets the news' sink. */
void platform_feed_stream_to(struct platform_feed *feed, struct web_server *server);

/* The mirror of the health hash, NULL without Redis; on the feed's loop. */
struct health_mirror *platform_feed_mirror(const struct platform_feed *feed);

/* A client acknowledged an alert (its id). Any thread. */
void platform_feed_acknowledge(struct platform_feed *feed, const char *alert);
