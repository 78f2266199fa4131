/*
 * Reads all partitions of a topic without a group: for those who want every
 * record, like the gateway. It starts when the topic is known, takes up new
 * partitions within a minute, and goes on after any outage where it was; a
 * record that is fetched twice is delivered once. All callbacks run on the
 * loop's thread, which also must create and free the consumer (or create it
 * before the loop runs, free it after).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bus/bus.h"

struct loop;
struct consumer;

/* NULL members are not called. */
struct consumer_events {
    bus_records_fn on_records;
    /* Once: everything that was there at the start has been delivered. */
    void (*on_caught_up)(void *data);
    /* Kafka does not answer since (wall ms); told once until on_live. */
    void (*on_stale)(void *data, int64_t since_ms);
    void (*on_live)(void *data);
};

enum consumer_start {
    CONSUMER_FROM_BEGINNING,
    CONSUMER_FROM_END,
    CONSUMER_FROM_TIME /* the first record at or after start_ms (wall) */
};

struct consumer_config {
    enum topic topic;
    enum consumer_start start;
    int64_t start_ms;
    bool drop_when_caught_up; /* read to the end once, then stop fetching */
};

/* NULL with a line in ret_error when the configuration is bad. */
struct consumer *consumer_assign(struct bus *bus, const struct consumer_config *config,
                                 struct loop *loop,
                                 const struct consumer_events *events, void *data,
                                 struct strbuf *ret_error);
void consumer_free(struct consumer *c); /* accepts NULL; not inside a callback */

/* True once on_caught_up was (or would have been) called. */
bool consumer_caught_up(const struct consumer *c);

/* Records that are in the topic and were not delivered yet, as last known. */
int64_t consumer_lag(const struct consumer *c);
