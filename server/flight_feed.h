/*
 * Feeds the gateway's state from Kafka: first warm (Redis, else the topic
 * flight-state, else the last minutes of flight-updates), then every record of
 * flight-updates, all partitions, no group. Lives on the state loop; start and
 * free are called on its thread.
 */
#pragma once

#include <stdint.h>

struct bus;
struct health_board;
struct loop;
struct metrics;
struct state;
struct flight_feed;

enum { FLIGHT_FEED_REDIS_WAIT_MS = 1000, FLIGHT_FEED_OVERLAP_MS = 30000 };

struct flight_feed_config {
    struct loop *loop;
    struct bus *bus;
    struct state *state;
    struct metrics *metrics;
    struct health_board *board;
    const char *redis_url; /* NULL = none */
    int64_t expire_ms;
    /* Called once, on the loop: everything that was there has been applied. */
    void (*on_caught_up)(void *data);
    void *data;
};

/* Borrows what config points to. */
struct flight_feed *flight_feed_start(const struct flight_feed_config *config);
void flight_feed_free(struct flight_feed *feed); /* accepts NULL */
