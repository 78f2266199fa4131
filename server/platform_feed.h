/*
 * What the gateway hears besides flights: health of services (Kafka's
 * service-health, Redis' health hash), alerts (Kafka's flight-alerts) and
 * acknowledgements of the other gateways, all into the news. Lives on one loop
 * (the upstream thread's), apart from the hot path. Built before the loop runs,
 * freed on its thread.
 */
#pragma once

#include <stdint.h>

struct bus;
struct health_board;
struct loop;
struct metrics;
struct news;
struct platform_feed;
struct strbuf;

struct platform_feed_config {
    struct loop *loop;
    struct bus *bus;
    struct news *news;
    struct metrics *metrics;
    struct health_board *board;
    const char *redis_url; /* NULL = none */
};

/* NULL with a line in ret_error. */
struct platform_feed *platform_feed_new(const struct platform_feed_config *config,
                                        struct strbuf *ret_error);
void platform_feed_free(struct platform_feed *feed); /* accepts NULL */

/* A client acknowledged an alert (its id). Any thread. */
void platform_feed_acknowledge(struct platform_feed *feed, const char *alert);
