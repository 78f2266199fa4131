/*
 * What reading a topic costs before anything is done with a record: librdkafka
 * alone, with the calls and the queues of server/bus/consumer.c.
 *
 *     count_records BROKERS TOPIC PARTITIONS
 *
 * reads all partitions from offset 0 to their ends; prints the number of records,
 * and the seconds and CPU seconds of the process, one per line.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <librdkafka/rdkafka.h>

#include "base/clock.h"

enum { BATCH_MAX = 1024, WAIT_MS = 100, PARTITIONS_MAX = 1000 };

static const char *const settings[][2] = {
    {"enable.partition.eof", "true"},
    {"fetch.wait.max.ms", "100"},
    {"queued.max.messages.kbytes", "262144"},
    {"queued.min.messages", "1000000"},
};

static void must(int ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "count_records: %s\n", what);
    exit(1);
}

static rd_kafka_t *new_client(const char *brokers)
{
    char reason[256];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "bootstrap.servers", brokers, NULL, 0);
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        rd_kafka_conf_set(conf, settings[i][0], settings[i][1], NULL, 0);
    rd_kafka_t *rk = rd_kafka_new(RD_KAFKA_CONSUMER, conf, reason, sizeof reason);
    must(rk != NULL, reason);
    return rk;
}

/* Records until so many partitions have told that they are at their end. */
static uint64_t count_all(rd_kafka_queue_t *queue, long partitions)
{
    static rd_kafka_message_t *batch[BATCH_MAX];
    uint64_t records = 0;
    while (partitions > 0) {
        ssize_t n = rd_kafka_consume_batch_queue(queue, WAIT_MS, batch, BATCH_MAX);
        for (ssize_t i = 0; i < n; i++) {
            records += batch[i]->err == RD_KAFKA_RESP_ERR_NO_ERROR;
            partitions -= batch[i]->err == RD_KAFKA_RESP_ERR__PARTITION_EOF;
            rd_kafka_message_destroy(batch[i]);
        }
    }
    return records;
}

static double cpu_s(void)
{
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

int main(int argc, char **argv)
{
    long partitions = argc == 4 ? strtol(argv[3], NULL, 10) : 0;
    must(partitions > 0 && partitions <= PARTITIONS_MAX,
         "usage: count_records BROKERS TOPIC PARTITIONS");
    int64_t began_us = clock_mono_us();
    rd_kafka_t *rk = new_client(argv[1]);
    rd_kafka_queue_t *queue = rd_kafka_queue_new(rk);
    rd_kafka_topic_t *topic = rd_kafka_topic_new(rk, argv[2], NULL);
    for (long i = 0; i < partitions; i++)
        must(rd_kafka_consume_start_queue(topic, (int32_t)i, 0, queue) == 0,
             "a partition cannot be read");
    uint64_t records = count_all(queue, partitions);
    printf("records %llu\nseconds %.3f\ncpu_s %.3f\n", (unsigned long long)records,
           (double)(clock_mono_us() - began_us) / 1e6, cpu_s());
    for (long i = 0; i < partitions; i++)
        rd_kafka_consume_stop(topic, (int32_t)i);
    rd_kafka_queue_destroy(queue);
    rd_kafka_topic_destroy(topic);
    rd_kafka_destroy(rk);
    return 0;
}
