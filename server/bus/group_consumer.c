/*
 * The classic group protocol with the range assignor. librdkafka calls
 * on_rebalance from within the drain, on the loop's thread. An assignment is
 * answered (rd_kafka_assign) when the user has recovered the state of the
 * partitions: until then nothing is fetched, so that nothing need be held back
 * (librdkafka 2.0.2's pause skips what it has already fetched).
 */
#include "bus/group_consumer.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <librdkafka/rdkafka.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/macros.h"
#include "base/strbuf.h"
#include "bus/offset_query.h"
#include "bus/record_batch.h"
#include "net/loop.h"
#include "telemetry/metrics.h"

enum { TIMER_MS = 500, COMMIT_WAIT_MS = 2000, ASK_WAIT_MS = 3000, NO_POSITION = -1 };

struct group_consumer {
    struct bus *bus;
    enum topic topic;
    int64_t fresh_start_ms;
    struct group_events events;
    void *data;
    rd_kafka_t *rk;
    rd_kafka_topic_partition_list_t *offered; /* assigned, not yet begun */
    struct record_batch batch;
    struct loop_timer *timer;
    bool subscribed;
    int64_t position[GROUP_PARTITIONS_MAX];
    struct metric_cell *lag[GROUP_PARTITIONS_MAX];
    int64_t batch_bytes; /* counted once a batch */
    struct metric_cell *records_cell;
    struct metric_cell *bytes_cell;
    struct metric_cell *refetched_cell;
};

/* -- Records --------------------------------------------------------------- */

static bool accept_message(void *data, const rd_kafka_message_t *message)
{
    struct group_consumer *c = data;
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        if (message->err != RD_KAFKA_RESP_ERR__PARTITION_EOF)
            log_debug("kafka", "%s: %s", topic_name(c->topic),
                      rd_kafka_message_errstr(message));
        return false;
    }
    if (message->partition < 0 || message->partition >= GROUP_PARTITIONS_MAX)
        return false;
    if (message->offset < c->position[message->partition]) {
        metric_add(c->refetched_cell, 1);
        return false;
    }
    c->position[message->partition] = message->offset + 1;
    c->batch_bytes += (int64_t)(message->key_len + message->len);
    return true;
}

static void deliver_records(void *data, const struct bus_record *records, size_t count)
{
    struct group_consumer *c = data;
    metric_add(c->records_cell, (int64_t)count);
    metric_add(c->bytes_cell, c->batch_bytes);
    c->batch_bytes = 0;
    c->events.on_records(c->data, records, count);
}

static void on_wake(void *data, int fd, unsigned events)
{
    struct group_consumer *c = data;
    const struct record_sink sink = {.accept = accept_message,
                                     .deliver = deliver_records,
                                     .data = c,
                                     .topic = c->topic};
    (void)fd;
    (void)events;
    record_batch_drain(&c->batch, &sink);
}

/* -- Rebalancing ----------------------------------------------------------- */

static size_t list_numbers(const rd_kafka_topic_partition_list_t *list,
                           int32_t ret_numbers[GROUP_PARTITIONS_MAX])
{
    size_t count = 0;
    for (int i = 0; i < list->cnt && count < GROUP_PARTITIONS_MAX; i++) {
        if (list->elems[i].partition < GROUP_PARTITIONS_MAX)
            ret_numbers[count++] = list->elems[i].partition;
    }
    return count;
}

static void drop_offer(struct group_consumer *c)
{
    if (c->offered != NULL)
        rd_kafka_topic_partition_list_destroy(c->offered);
    c->offered = NULL;
}

static void on_rebalance(rd_kafka_t *rk, rd_kafka_resp_err_t err,
                         rd_kafka_topic_partition_list_t *list, void *data)
{
    struct group_consumer *c = data;
    int32_t numbers[GROUP_PARTITIONS_MAX];
    size_t count = list_numbers(list, numbers);
    metrics_add(bus_metrics(c->bus), METRIC_KAFKA_REBALANCES, 1);
    drop_offer(c);
    if (err == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
        for (size_t i = 0; i < GROUP_PARTITIONS_MAX; i++)
            c->position[i] = NO_POSITION;
        c->offered = rd_kafka_topic_partition_list_copy(list);
        c->events.on_assigned(c->data, numbers, count);
        return;
    }
    c->events.on_revoked(c->data, numbers, count, rd_kafka_assignment_lost(rk) != 0);
    rd_kafka_assign(rk, NULL);
}

/* Gives those that have no committed offset the offset of the fresh start. */
static void choose_starts(struct group_consumer *c,
                          rd_kafka_topic_partition_list_t *list)
{
    if (c->fresh_start_ms == 0 || bus_embedded(c->bus) || list->cnt == 0 ||
        rd_kafka_committed(c->rk, list, ASK_WAIT_MS) != RD_KAFKA_RESP_ERR_NO_ERROR)
        return; /* librdkafka asks again, and starts from the beginning */
    rd_kafka_topic_partition_list_t *fresh =
        rd_kafka_topic_partition_list_new(list->cnt);
    for (int i = 0; i < list->cnt; i++) {
        if (list->elems[i].offset < 0)
            rd_kafka_topic_partition_list_add(fresh, topic_name(c->topic),
                                              list->elems[i].partition);
    }
    if (fresh->cnt > 0 &&
        offset_query(c->rk, fresh, clock_wall_ms() - c->fresh_start_ms, NULL) == 0) {
        for (int i = 0; i < fresh->cnt; i++)
            rd_kafka_topic_partition_list_set_offset(list, topic_name(c->topic),
                                                     fresh->elems[i].partition,
                                                     fresh->elems[i].offset);
    }
    rd_kafka_topic_partition_list_destroy(fresh);
}

void group_consumer_begin(struct group_consumer *c)
{
    if (c->offered == NULL)
        return;
    choose_starts(c, c->offered);
    rd_kafka_resp_err_t err = rd_kafka_assign(c->rk, c->offered);
    if (err != RD_KAFKA_RESP_ERR_NO_ERROR)
        log_error("kafka", "cannot take partitions: %s", rd_kafka_err2str(err));
    drop_offer(c);
}

/* -- Commits --------------------------------------------------------------- */

static void count_commit(struct group_consumer *c, rd_kafka_resp_err_t err)
{
    bool good =
        err == RD_KAFKA_RESP_ERR_NO_ERROR || err == RD_KAFKA_RESP_ERR__NO_OFFSET;
    metrics_add_to(bus_metrics(c->bus), METRIC_KAFKA_COMMITS, good ? "ok" : "failed",
                   1);
    if (!good)
        log_warn("kafka", "offsets of %s are not committed: %s", topic_name(c->topic),
                 rd_kafka_err2str(err));
}

static void on_commit(rd_kafka_t *rk, rd_kafka_resp_err_t err,
                      rd_kafka_topic_partition_list_t *offsets, void *data)
{
    (void)rk;
    (void)offsets;
    count_commit(data, err);
}

static int commit_and_wait(struct group_consumer *c,
                           const rd_kafka_topic_partition_list_t *list)
{
    rd_kafka_resp_err_t err = RD_KAFKA_RESP_ERR__TIMED_OUT;
    rd_kafka_queue_t *queue = rd_kafka_queue_new(c->rk);
    rd_kafka_commit_queue(c->rk, list, queue, NULL, NULL);
    rd_kafka_event_t *event = rd_kafka_queue_poll(queue, COMMIT_WAIT_MS);
    if (event != NULL) {
        err = rd_kafka_event_error(event);
        rd_kafka_event_destroy(event);
    }
    rd_kafka_queue_destroy(queue);
    count_commit(c, err);
    return err == RD_KAFKA_RESP_ERR_NO_ERROR ? 0 : -EIO;
}

int group_consumer_commit(struct group_consumer *c, const int32_t *partitions,
                          const int64_t *next_offsets, size_t count, bool wait)
{
    if (count == 0)
        return 0;
    int rc = 0;
    rd_kafka_topic_partition_list_t *list =
        rd_kafka_topic_partition_list_new((int)count);
    for (size_t i = 0; i < count; i++)
        rd_kafka_topic_partition_list_add(list, topic_name(c->topic), partitions[i])
            ->offset = next_offsets[i];
    if (wait)
        rc = commit_and_wait(c, list);
    else if (rd_kafka_commit(c->rk, list, 1) != RD_KAFKA_RESP_ERR_NO_ERROR)
        rc = -EIO;
    rd_kafka_topic_partition_list_destroy(list);
    return rc;
}

int64_t group_consumer_position(const struct group_consumer *c, int32_t partition)
{
    return partition >= 0 && partition < GROUP_PARTITIONS_MAX ? c->position[partition]
                                                              : NO_POSITION;
}

/* -- The timer ------------------------------------------------------------- */

static void subscribe(struct group_consumer *c)
{
    if (c->subscribed || bus_partitions(c->bus, c->topic) == 0)
        return; /* subscribing to a topic that is not there yet waits for long */
    rd_kafka_topic_partition_list_t *topics = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(topics, topic_name(c->topic),
                                      RD_KAFKA_PARTITION_UA);
    rd_kafka_resp_err_t err = rd_kafka_subscribe(c->rk, topics);
    rd_kafka_topic_partition_list_destroy(topics);
    c->subscribed = err == RD_KAFKA_RESP_ERR_NO_ERROR;
    if (!c->subscribed)
        log_error("kafka", "cannot join the group: %s", rd_kafka_err2str(err));
}

static void set_gauges(struct group_consumer *c)
{
    int partitions =
        MIN_OF(bus_partitions(c->bus, c->topic), (int)GROUP_PARTITIONS_MAX);
    for (int i = 0; i < partitions; i++) {
        char number[16];
        int64_t low = 0;
        int64_t high = 0;
        if (c->lag[i] == NULL) {
            snprintf(number, sizeof number, "%d", i);
            c->lag[i] = metrics_cell_of(bus_metrics(c->bus), METRIC_KAFKA_GROUP_LAG,
                                        topic_name(c->topic), number);
        }
        bool known =
            c->position[i] != NO_POSITION &&
            rd_kafka_get_watermark_offsets(c->rk, topic_name(c->topic), i, &low,
                                           &high) == RD_KAFKA_RESP_ERR_NO_ERROR;
        metric_set(c->lag[i], known ? (double)MAX_OF(high - c->position[i], 0) : 0.0);
    }
}

static void on_timer(void *data)
{
    struct group_consumer *c = data;
    subscribe(c);
    record_batch_wake(&c->batch); /* should a wake have been lost: librdkafka 3344 */
    set_gauges(c);
    loop_timer_arm(c->timer, c->subscribed ? TIMER_MS : TIMER_MS / 10);
}

/* -- Life ------------------------------------------------------------------ */

static rd_kafka_t *new_client(struct group_consumer *c, const char *group,
                              struct strbuf *ret_error)
{
    char reason[512];
    rd_kafka_conf_t *conf = bus_config_build(bus_settings(c->bus), BUS_GROUP,
                                             bus_embedded(c->bus), ret_error);
    if (conf == NULL)
        return NULL;
    rd_kafka_conf_set(conf, "group.id", group, NULL, 0);
    rd_kafka_conf_set_rebalance_cb(conf, on_rebalance);
    rd_kafka_conf_set_offset_commit_cb(conf, on_commit);
    rd_kafka_conf_set_opaque(conf, c);
    rd_kafka_t *rk = rd_kafka_new(RD_KAFKA_CONSUMER, conf, reason, sizeof reason);
    if (rk == NULL) {
        rd_kafka_conf_destroy(conf);
        strbuf_addf(ret_error, "Kafka group consumer: %s", reason);
        return NULL;
    }
    rd_kafka_poll_set_consumer(rk); /* one queue for records and events */
    return rk;
}

struct group_consumer *group_consumer_new(struct bus *bus,
                                          const struct group_config *config,
                                          struct loop *loop,
                                          const struct group_events *events, void *data,
                                          struct strbuf *ret_error)
{
    struct group_consumer *c = xcalloc(1, sizeof *c);
    const char *name = topic_name(config->topic);
    c->bus = bus;
    c->topic = config->topic;
    c->fresh_start_ms = config->fresh_start_ms;
    c->events = *events;
    c->data = data;
    c->rk = new_client(c, config->group, ret_error);
    if (c->rk == NULL) {
        free(c);
        return NULL;
    }
    struct metrics *m = bus_metrics(bus);
    c->records_cell = metrics_cell_of(m, METRIC_KAFKA_CONSUMED_RECORDS, name, NULL);
    c->bytes_cell = metrics_cell_of(m, METRIC_KAFKA_CONSUMED_BYTES, name, NULL);
    c->refetched_cell = metrics_cell_of(m, METRIC_KAFKA_REFETCHED, name, NULL);
    for (size_t i = 0; i < GROUP_PARTITIONS_MAX; i++)
        c->position[i] = NO_POSITION;
    record_batch_init(&c->batch, rd_kafka_queue_get_consumer(c->rk), loop, on_wake, c);
    c->timer = loop_timer_new(loop, on_timer, c);
    loop_timer_arm(c->timer, 0);
    return c;
}

void group_consumer_free(struct group_consumer *c)
{
    if (c == NULL)
        return;
    loop_timer_free(c->timer);
    record_batch_release(&c->batch);
    rd_kafka_consumer_close(c->rk); /* calls on_rebalance */
    drop_offer(c);
    rd_kafka_destroy(c->rk);
    free(c);
}
