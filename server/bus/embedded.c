#include "bus/embedded.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include "base/alloc.h"
#include "base/strbuf.h"
#include "bus/bus_config.h"
#include "bus/topic.h"

struct embedded {
    rd_kafka_t *rk; /* hosts the cluster, talks to nobody */
    rd_kafka_mock_cluster_t *cluster;
};

/*
 * The mock cluster's thread overlooks a request that comes right after another
 * and then sleeps for a second (seen with 2.0.2): leave it time in between.
 */
static void give_time(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
}

static bool create_topics(struct embedded *e, int brokers, int partitions)
{
    for (unsigned i = 0; i < TOPIC_COUNT; i++) {
        give_time();
        int count =
            partitions > 0 ? partitions : topic_settings((enum topic)i)->partitions;
        if (rd_kafka_mock_topic_create(e->cluster, topic_name((enum topic)i), count,
                                       brokers < 3 ? 1 : 3) !=
            RD_KAFKA_RESP_ERR_NO_ERROR)
            return false;
    }
    return true;
}

struct embedded *embedded_new(int brokers, int partitions, struct strbuf *ret_error)
{
    static const struct bus_config host = {.client_id = "flightdashd-embedded"};
    char reason[256] = "";
    rd_kafka_conf_t *conf = bus_config_build(&host, BUS_ADMIN, true, ret_error);
    struct embedded *e = xcalloc(1, sizeof *e);
    e->rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, reason, sizeof reason);
    if (e->rk == NULL) {
        rd_kafka_conf_destroy(conf);
        goto fail;
    }
    e->cluster = rd_kafka_mock_cluster_new(e->rk, brokers);
    if (e->cluster == NULL || !create_topics(e, brokers, partitions))
        goto fail;
    return e;
fail:
    strbuf_addf(ret_error, "cannot start the in-process Kafka cluster%s%s",
                reason[0] != '\0' ? ": " : "", reason);
    embedded_free(e);
    return NULL;
}

/* A thread that knocks at the cluster's port until told that it has ended. */
struct knocker {
    struct sockaddr_in address;
    atomic_bool ended;
};

static void *knock(void *data)
{
    struct knocker *k = data;
    while (!atomic_load(&k->ended)) {
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (fd >= 0) {
            (void)connect(fd, (const struct sockaddr *)&k->address, sizeof k->address);
            close(fd);
        }
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    }
    return NULL;
}

static bool read_address(const char *text, struct sockaddr_in *ret_address)
{
    char host[32];
    const char *colon = strchr(text, ':');
    if (colon == NULL || (size_t)(colon - text) >= sizeof host)
        return false;
    snprintf(host, sizeof host, "%.*s", (int)(colon - text), text);
    *ret_address = (struct sockaddr_in){.sin_family = AF_INET};
    ret_address->sin_port = htons((uint16_t)strtoul(colon + 1, NULL, 10));
    return inet_pton(AF_INET, host, &ret_address->sin_addr) == 1;
}

/* The request to end is overlooked like any other: a client that comes wakes it. */
static void destroy_cluster(struct embedded *e)
{
    struct knocker knocker;
    pthread_t thread;
    atomic_init(&knocker.ended, false);
    bool knocks = read_address(embedded_brokers(e), &knocker.address) &&
                  pthread_create(&thread, NULL, knock, &knocker) == 0;
    rd_kafka_mock_cluster_destroy(e->cluster);
    atomic_store(&knocker.ended, true);
    if (knocks)
        pthread_join(thread, NULL);
}

void embedded_free(struct embedded *e)
{
    if (e == NULL)
        return;
    if (e->cluster != NULL)
        destroy_cluster(e);
    if (e->rk != NULL)
        rd_kafka_destroy(e->rk);
    free(e);
}

const char *embedded_brokers(const struct embedded *e)
{
    return rd_kafka_mock_cluster_bootstraps(e->cluster);
}

rd_kafka_mock_cluster_t *embedded_cluster(struct embedded *e)
{
    return e->cluster;
}
