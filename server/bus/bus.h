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
struct rd_kafka_s;
struct rd_kafka_mock_cluster_s;
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

/* A batch of records; borrowed until it returns. */
typedef void (*bus_records_fn)(void *data, const struct bus_record *records,
                               size_t count);

/*
 * Starts the bus. NULL with one line in ret_error when the configuration is bad
 * (never because no broker answers). board may be NULL.
 */
struct bus *bus_open(const struct bus_config *config, struct metrics *metrics,
                     struct health_board *board, struct strbuf *ret_error);

/* Ends the thread and the mock cluster. Accepts NULL. */
void bus_close(struct bus *bus);

/* Asks the broker nothing more, so that bus_close need not wait for an answer. */
void bus_drain(struct bus *bus);

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

/* The mock cluster, for tests that inject faults; NULL with a real broker. */
struct rd_kafka_mock_cluster_s *bus_mock_cluster(struct bus *bus);

/* For the other files of this folder. */
const struct bus_config *bus_settings(const struct bus *bus);
struct metrics *bus_metrics(const struct bus *bus);

/* The administrative client; only within bus_run. */
struct rd_kafka_s *bus_admin_handle(struct bus *bus);

/* Runs fn on the bus' thread, where waiting for Kafka harms nobody. */
void bus_run(struct bus *bus, void (*fn)(void *data), void *data);

/* The bus is about to close: functions of bus_run should do nothing. */
bool bus_closing(const struct bus *bus);
