/*
 * How to reach Kafka: our settings for librdkafka, and the user's on top of
 * them. Every librdkafka property passes through as name=value; what librdkafka
 * refuses is said in its words with the property's name. Values are never logged:
 * they may be secrets (librdkafka accepts any text for those, so that its words
 * of refusal hold none).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct strbuf;
struct rd_kafka_conf_s;

/* Borrowed texts; they must live until bus_open has returned. */
struct bus_config {
    const char *brokers;           /* NULL or "" = the in-process mock cluster */
    const char *const *properties; /* "name=value" each */
    size_t property_count;
    bool create_topics;
    int partitions;  /* of topics that are created; 0 = as in topics.def */
    int replication; /* of topics that are created; 0, -1 = the broker's default */
    const char *client_id; /* NULL = "flightdashd" */
};

/* Which of librdkafka's clients a configuration is for. */
enum bus_client { BUS_ADMIN, BUS_PRODUCER, BUS_CONSUMER, BUS_GROUP };

/*
 * Checks the properties, and that they agree with each other, by making a producer
 * and a consumer that know no broker. 0, or -EINVAL with one line in ret_error that
 * says what is wrong and what to do.
 */
int bus_config_check(const struct bus_config *config, struct strbuf *ret_error);

/*
 * librdkafka's configuration of one client: ours, then the user's. NULL with a
 * line in ret_error on a bad property. The caller owns it (rd_kafka_conf_destroy,
 * or rd_kafka_new takes it).
 */
struct rd_kafka_conf_s *bus_config_build(const struct bus_config *config,
                                         enum bus_client client, bool embedded,
                                         struct strbuf *ret_error);

/*
 * What most likely is wrong when the broker refuses our credentials although
 * they may be right (SCRAM before librdkafka 2.6.1, librdkafka issue 4895);
 * NULL when there is nothing to say.
 */
const char *bus_config_auth_hint(const struct bus_config *config);
