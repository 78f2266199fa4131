/*
 * A configuration is a list of rows "name, value, for which clients", then the
 * user's properties. Ours come first so that the user has the last word.
 */
#include "bus/bus_config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include <librdkafka/rdkafka.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/macros.h"
#include "base/strbuf.h"

enum { PROPERTY_NAME_MAX = 100, SCRAM_FIXED_IN = 0x02060100 };

enum client_bits {
    ALL = 1 << BUS_ADMIN | 1 << BUS_PRODUCER | 1 << BUS_CONSUMER | 1 << BUS_GROUP,
    PRODUCES = 1 << BUS_PRODUCER,
    READS = 1 << BUS_CONSUMER | 1 << BUS_GROUP,
    SHARES = 1 << BUS_GROUP
};

/* Why a value is not librdkafka's default is said where it is not evident. */
static const struct default_row {
    const char *name;
    const char *value;
    unsigned clients;
} defaults[] = {
    {"log.connection.close", "false", ALL},
    {"reconnect.backoff.ms", "100", ALL},
    {"reconnect.backoff.max.ms", "2000", ALL},
    /* A broker that hangs is given up sooner than after a minute. */
    {"socket.timeout.ms", "10000", ALL},
    {"socket.nagle.disable", "true", ALL},
    {"topic.metadata.refresh.interval.ms", "30000", ALL},
    {"enable.idempotence", "true", PRODUCES},
    {"acks", "all", PRODUCES},
    {"compression.codec", "zstd", PRODUCES},
    {"partitioner", "murmur2_random", PRODUCES},
    {"linger.ms", "10", PRODUCES},
    /* Accepted records wait for the broker as long as it takes; the queue bounds it. */
    {"message.timeout.ms", "0", PRODUCES},
    {"queue.buffering.max.messages", "200000", PRODUCES},
    {"queue.buffering.max.kbytes", "65536", PRODUCES},
    {"topic.metadata.propagation.max.ms", "60000", PRODUCES},
    {"enable.partition.eof", "true", READS},
    {"enable.auto.commit", "false", READS},
    {"enable.auto.offset.store", "false", READS},
    /* We restart a partition ourselves, so that offsets that went back are seen. */
    {"auto.offset.reset", "error", 1 << BUS_CONSUMER},
    {"auto.offset.reset", "earliest", SHARES},
    {"fetch.error.backoff.ms", "100", READS},
    {"fetch.wait.max.ms", "100", READS},
    /*
     * A full fetch queue makes librdkafka before 2.2 look away for a second: let
     * it not fill while we catch up. In normal life it holds next to nothing.
     */
    {"queued.max.messages.kbytes", "262144", READS},
    {"queued.min.messages", "1000000", READS},
    {"partition.assignment.strategy", "range", SHARES},
    {"session.timeout.ms", "6000", SHARES},
    {"heartbeat.interval.ms", "1000", SHARES},
};

/* Properties that only newer versions have. */
static const struct default_row newer_defaults[] = {
    {"fetch.queue.backoff.ms", "10", READS}, /* 2.2: the second above */
};

/*
 * The mock cluster does not wake a fetch that waits: let none wait long. But it
 * walks through every batch that it keeps for each fetch: fewer, larger batches.
 */
static const struct default_row embedded_defaults[] = {
    {"fetch.wait.max.ms", "50", READS},
    {"linger.ms", "50", PRODUCES},
};

static void log_line(const rd_kafka_t *rk, int level, const char *facility,
                     const char *text)
{
    (void)rk;
    /* Every client tells of every lost connection: the bus says it once for all. */
    if (level <= LOG_CRIT)
        log_error("kafka", "%s: %s", facility, text);
    else
        log_debug("kafka", "%s: %s", facility, text);
}

static void set_rows(rd_kafka_conf_t *conf, const struct default_row *rows, size_t n,
                     enum bus_client client)
{
    char reason[256];
    for (size_t i = 0; i < n; i++) {
        if ((rows[i].clients & 1U << client) == 0)
            continue;
        if (rd_kafka_conf_set(conf, rows[i].name, rows[i].value, reason,
                              sizeof reason) != RD_KAFKA_CONF_OK)
            log_debug("kafka", "this librdkafka does not take %s=%s: %s", rows[i].name,
                      rows[i].value, reason);
    }
}

/* Splits "name=value"; false when it is not of this form. */
static bool split_property(const char *property, char ret_name[PROPERTY_NAME_MAX],
                           const char **ret_value)
{
    const char *equals = strchr(property, '=');
    if (equals == NULL || equals == property ||
        (size_t)(equals - property) >= PROPERTY_NAME_MAX)
        return false;
    memcpy(ret_name, property, (size_t)(equals - property));
    ret_name[equals - property] = '\0';
    *ret_value = equals + 1;
    return true;
}

/* Why the user may not set it; NULL when the user may. */
static const char *reserved_for(const char *name)
{
    static const struct {
        const char *name;
        const char *instead;
    } rows[] = {
        {"bootstrap.servers", "name the brokers with --kafka"},
        {"metadata.broker.list", "name the brokers with --kafka"},
        {"enable.partition.eof", "without it no start would be over: leave it out"},
        {"enable.auto.commit", "offsets are committed when the state is written, never "
                               "before: leave it out"},
        {"enable.auto.offset.store", "offsets are committed when the state is written, "
                                     "never before: leave it out"},
        {"partitioner", "an aircraft's partition is murmur2 of its address, as other "
                        "producers have it: leave it out"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (strcmp(name, rows[i].name) == 0)
            return rows[i].instead;
    }
    return NULL;
}

static int set_property(rd_kafka_conf_t *conf, const char *property,
                        struct strbuf *ret_error)
{
    char name[PROPERTY_NAME_MAX];
    char reason[512] = "";
    const char *value;
    if (!split_property(property, name, &value)) {
        strbuf_add_text(ret_error, "Kafka property: expected NAME=VALUE, for example "
                                   "security.protocol=SSL");
        return -EINVAL;
    }
    const char *instead = reserved_for(name);
    if (instead != NULL) {
        strbuf_addf(ret_error, "Kafka property %s: %s", name, instead);
        return -EINVAL;
    }
    rd_kafka_conf_res_t result =
        rd_kafka_conf_set(conf, name, value, reason, sizeof reason);
    if (result == RD_KAFKA_CONF_OK)
        return 0;
    if (result == RD_KAFKA_CONF_UNKNOWN)
        strbuf_addf(ret_error, "Kafka property %s: librdkafka %s does not know it",
                    name, rd_kafka_version_str());
    else
        strbuf_addf(ret_error, "Kafka property %s: %s", name, reason);
    return -EINVAL;
}

rd_kafka_conf_t *bus_config_build(const struct bus_config *config,
                                  enum bus_client client, bool embedded,
                                  struct strbuf *ret_error)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set_log_cb(conf, log_line);
    set_rows(conf, defaults, ARRAY_LEN(defaults), client);
    set_rows(conf, newer_defaults, ARRAY_LEN(newer_defaults), client);
    if (embedded)
        set_rows(conf, embedded_defaults, ARRAY_LEN(embedded_defaults), client);
    const char *id = config->client_id != NULL ? config->client_id : "flightdashd";
    rd_kafka_conf_set(conf, "client.id", id, NULL, 0);
    rd_kafka_conf_set(conf, "client.software.name", "flightdashd", NULL, 0);
    rd_kafka_conf_set(conf, "client.software.version", FLIGHTDASH_VERSION, NULL, 0);
    if (config->brokers != NULL && config->brokers[0] != '\0')
        rd_kafka_conf_set(conf, "bootstrap.servers", config->brokers, NULL, 0);
    for (size_t i = 0; i < config->property_count; i++) {
        if (set_property(conf, config->properties[i], ret_error) != 0) {
            rd_kafka_conf_destroy(conf);
            return NULL;
        }
    }
    return conf;
}

/* What contradicts itself, or files that cannot be read, only a client tells. */
static int try_client(const struct bus_config *config, enum bus_client client,
                      struct strbuf *ret_error)
{
    char reason[512];
    rd_kafka_conf_t *conf = bus_config_build(config, client, false, ret_error);
    if (conf == NULL)
        return -EINVAL;
    rd_kafka_conf_set(conf, "group.id", "flightdashd-check", NULL, 0);
    rd_kafka_t *rk =
        rd_kafka_new(client == BUS_PRODUCER ? RD_KAFKA_PRODUCER : RD_KAFKA_CONSUMER,
                     conf, reason, sizeof reason);
    if (rk == NULL) {
        rd_kafka_conf_destroy(conf);
        strbuf_addf(ret_error, "Kafka properties: %s", reason);
        return -EINVAL;
    }
    rd_kafka_destroy(rk);
    return 0;
}

int bus_config_check(const struct bus_config *config, struct strbuf *ret_error)
{
    if (config->partitions < 0 || config->partitions > 1000) {
        strbuf_addf(ret_error, "Kafka partitions: expected 1 to 1000, got %d",
                    config->partitions);
        return -EINVAL;
    }
    if (config->replication < -1 || config->replication > 100) {
        strbuf_addf(ret_error, "Kafka replication: expected 1 to 100, got %d",
                    config->replication);
        return -EINVAL;
    }
    struct bus_config alone = *config; /* without brokers nothing is connected */
    alone.brokers = NULL;
    if (try_client(&alone, BUS_PRODUCER, ret_error) != 0)
        return -EINVAL;
    return try_client(&alone, BUS_GROUP, ret_error);
}

const char *bus_config_auth_hint(const struct bus_config *config)
{
    for (size_t i = 0; i < config->property_count; i++) {
        const char *p = config->properties[i];
        if (strncmp(p, "sasl.mechanism", 14) == 0 && strstr(p, "SCRAM") != NULL &&
            rd_kafka_version() < SCRAM_FIXED_IN)
            return "SCRAM with Kafka 4 needs librdkafka 2.6.1 or newer; use SASL PLAIN "
                   "over TLS, client certificates, or a newer librdkafka";
    }
    return NULL;
}
