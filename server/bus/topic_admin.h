/*
 * What the broker says of our topics, and creating those that are missing. Both
 * wait for the broker: only the bus' thread calls.
 */
#pragma once

#include "bus/topic.h"

struct rd_kafka_s;
struct strbuf;
struct bus_config;

struct topic_report {
    int partitions[TOPIC_COUNT]; /* 0 = the topic is missing */
    unsigned missing;            /* topics */
    unsigned leaderless;         /* partitions without a leader, over all topics */
};

/* Asks for all our topics. 0, or librdkafka's error code. */
int topic_admin_look(struct rd_kafka_s *rk, int timeout_ms,
                     struct topic_report *ret_report);

/*
 * Creates the topics that the report misses. 0, or -EIO with the broker's
 * reasons in ret_error.
 */
int topic_admin_create(struct rd_kafka_s *rk, const struct bus_config *config,
                       const struct topic_report *report, struct strbuf *ret_error);
