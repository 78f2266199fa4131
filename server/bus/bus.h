/*
 * The connection to Kafka that a process shares: settings, the in-process mock
 * cluster when no broker is configured, topics created or found missing, and
 * the knowledge whether Kafka answers. It runs one thread ("kafka-admin") of
 * its own. Opening never waits for a broker: what needs one starts when there is one.
 *
 * Health row "kafka". Any thread may call what is here, except open and close.
 * Producers and consumers of a bus must be freed before it is closed.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bus/bus_config.h"
#include "bus/topic.h"

struct strbuf;
struct metrics;
struct health_board;
struct bus;

/* A record as it was read. Borrowed until the callback returns. */
struct bus_record {
    enum topic topic;
    int32_t partition;
    int64_t offset;
    int64_t timestamp_ms; /* when it was produced or appended; -1 = unknown */
    const char *key;      /* not terminated; NULL = none */
    size_t key_len;
    const char *value; /* not terminated; NULL = tombstone */
    size_t value_len;
};

/*
 * Starts the bus. NULL with one line in ret_error when the configuration is bad
 * (never because no broker answers). board may be NULL.
 */
struct bus *bus_open(const struct bus_config *config, struct metrics *metrics,
                     struct health_board *board, struct strbuf *ret_error);

/* Ends the thread and the mock cluster. Accepts NULL. */
void bus_close(struct bus *bus);

/* The brokers in use, "host:port,..."; for the ready line. */
const char *bus_brokers(const struct bus *bus);

/* True when the broker is the in-process mock cluster. */
bool bus_embedded(const struct bus *bus);

/* The topic's number of partitions as last told by the broker; 0 = not known. */
int bus_partitions(const struct bus *bus, enum topic topic);

/*
 * Since when Kafka does not answer, in wall ms; 0 = it answers. Noticed within
 * 3 s. A bus that never had an answer counts from its start.
 */
int64_t bus_silent_since_ms(const struct bus *bus);
