#include "bus/topic_admin.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include <librdkafka/rdkafka.h>

#include "base/strbuf.h"
#include "bus/bus_config.h"

enum { CREATE_WAIT_MS = 5000, BROKER_DEFAULT = -1 };

static void read_topic(const rd_kafka_metadata_topic_t *topic,
                       struct topic_report *report)
{
    enum topic number;
    if (topic->err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART ||
        !topic_parse(topic->topic, &number))
        return;
    report->partitions[number] = topic->partition_cnt;
    for (int i = 0; i < topic->partition_cnt; i++)
        report->leaderless += topic->partitions[i].leader < 0;
}

int topic_admin_look(rd_kafka_t *rk, int timeout_ms, struct topic_report *ret_report)
{
    const struct rd_kafka_metadata *metadata;
    rd_kafka_topic_t *topics[TOPIC_COUNT];
    for (unsigned i = 0; i < TOPIC_COUNT; i++)
        topics[i] = rd_kafka_topic_new(rk, topic_name((enum topic)i), NULL);
    /* all_topics = 0 asks for those that have a handle: exactly ours. */
    rd_kafka_resp_err_t err = rd_kafka_metadata(rk, 0, NULL, &metadata, timeout_ms);
    for (unsigned i = 0; i < TOPIC_COUNT; i++)
        rd_kafka_topic_destroy(topics[i]);
    if (err != RD_KAFKA_RESP_ERR_NO_ERROR)
        return err;
    struct topic_report report = {.missing = 0};
    for (int i = 0; i < metadata->topic_cnt; i++)
        read_topic(&metadata->topics[i], &report);
    for (unsigned i = 0; i < TOPIC_COUNT; i++)
        report.missing += report.partitions[i] == 0;
    rd_kafka_metadata_destroy(metadata);
    *ret_report = report;
    return 0;
}

static rd_kafka_NewTopic_t *new_topic(const struct bus_config *config,
                                      enum topic number)
{
    char number_text[24];
    const struct topic_settings *s = topic_settings(number);
    int partitions = config->partitions > 0 ? config->partitions : s->partitions;
    int replicas = config->replication > 0 ? config->replication : BROKER_DEFAULT;
    rd_kafka_NewTopic_t *topic =
        rd_kafka_NewTopic_new(s->name, partitions, replicas, NULL, 0);
    rd_kafka_NewTopic_set_config(topic, "cleanup.policy", s->cleanup);
    snprintf(number_text, sizeof number_text, "%" PRId64, s->retention_ms);
    rd_kafka_NewTopic_set_config(topic, "retention.ms", number_text);
    if (s->segment_ms > 0) {
        snprintf(number_text, sizeof number_text, "%" PRId64, s->segment_ms);
        rd_kafka_NewTopic_set_config(topic, "segment.ms", number_text);
    }
    return topic;
}

/* Collects what the broker refused; a topic that exists by now is fine. */
static int read_result(rd_kafka_event_t *event, struct strbuf *ret_error)
{
    if (event == NULL) {
        strbuf_add_text(ret_error, "no answer");
        return -EIO;
    }
    if (rd_kafka_event_error(event) != RD_KAFKA_RESP_ERR_NO_ERROR) {
        strbuf_add_text(ret_error, rd_kafka_event_error_string(event));
        return -EIO;
    }
    size_t count;
    int rc = 0;
    const rd_kafka_topic_result_t **results = rd_kafka_CreateTopics_result_topics(
        rd_kafka_event_CreateTopics_result(event), &count);
    for (size_t i = 0; i < count; i++) {
        rd_kafka_resp_err_t err = rd_kafka_topic_result_error(results[i]);
        if (err == RD_KAFKA_RESP_ERR_NO_ERROR ||
            err == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
            continue;
        const char *text = rd_kafka_topic_result_error_string(results[i]);
        strbuf_addf(ret_error, "%s%s: %s", rc != 0 ? "; " : "",
                    rd_kafka_topic_result_name(results[i]),
                    text != NULL ? text : rd_kafka_err2str(err));
        rc = -EIO;
    }
    return rc;
}

int topic_admin_create(rd_kafka_t *rk, const struct bus_config *config,
                       const struct topic_report *report, struct strbuf *ret_error)
{
    rd_kafka_NewTopic_t *topics[TOPIC_COUNT];
    size_t count = 0;
    for (unsigned i = 0; i < TOPIC_COUNT; i++) {
        if (report->partitions[i] == 0)
            topics[count++] = new_topic(config, (enum topic)i);
    }
    char reason[128];
    rd_kafka_queue_t *queue = rd_kafka_queue_new(rk);
    rd_kafka_AdminOptions_t *options =
        rd_kafka_AdminOptions_new(rk, RD_KAFKA_ADMIN_OP_CREATETOPICS);
    rd_kafka_AdminOptions_set_request_timeout(options, CREATE_WAIT_MS, reason,
                                              sizeof reason);
    rd_kafka_CreateTopics(rk, topics, count, options, queue);
    rd_kafka_event_t *event = rd_kafka_queue_poll(queue, CREATE_WAIT_MS + 500);
    int rc = read_result(event, ret_error);
    if (event != NULL)
        rd_kafka_event_destroy(event);
    rd_kafka_AdminOptions_destroy(options);
    rd_kafka_queue_destroy(queue);
    rd_kafka_NewTopic_destroy_array(topics, count);
    return rc;
}
