/*
 * A Kafka cluster inside the process: librdkafka's mock cluster, with our
 * topics, for those who have no broker. Other programs may use it too: it
 * listens on 127.0.0.1, on a port of the kernel's choice. It keeps the last
 * 5 MiB or 100,000 records of a partition, in memory.
 */
#pragma once

#include <stdint.h>

struct strbuf;
struct embedded;
struct rd_kafka_mock_cluster_s;

/* Starts `brokers` brokers, the topics with `partitions` each. NULL: ret_error. */
struct embedded *embedded_new(int brokers, int partitions, struct strbuf *ret_error);
void embedded_free(struct embedded *e); /* accepts NULL */

/* "127.0.0.1:PORT,..." */
const char *embedded_brokers(const struct embedded *e);

/* For tests that inject faults. */
struct rd_kafka_mock_cluster_s *embedded_cluster(struct embedded *e);
