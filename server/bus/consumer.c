/*
 * librdkafka's simple consumer: rd_kafka_consume_start_queue per partition, all
 * into one queue. No group exists, so that no coordinator and no right to a
 * group is needed, and a new partition joins without disturbing the others.
 *
 * Caught up means: every partition has delivered up to the end that the broker
 * told when it was asked where to start, and up to the end that it had when its
 * first record was seen; or has told that it is at its end, at or behind the former.
 * (The end alone would never be told by a partition that is written all the time;
 * and a broker that has just become the leader tells of an end too early.)
 */
#include "bus/consumer.h"

#include <inttypes.h>
#include <malloc.h>
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
#include "bus/time_offsets.h"
#include "net/loop.h"
#include "telemetry/metrics.h"

enum {
    TIMER_STARTING_MS = 10, /* until the partitions are known */
    TIMER_MS = 500,
    GAUGES_MS = 1000,
    SILENT_MS = 1000,      /* shorter silence is not told */
    CUT_SHORT_MS = 5000,   /* then an end before the one that was asked is believed */
    TRIM_RECORDS = 100000, /* that make a look at the memory worth it */
    TRIM_PERIOD_MS = 5000,
    OFFSET_UNKNOWN = -1
};

struct partition {
    bool started;
    bool caught_up;
    int64_t next_offset; /* OFFSET_UNKNOWN before the first record */
    int64_t goal; /* its end when it was asked, or when its first record was seen */
    int64_t cut_short_ms; /* since when it has told an end before the goal; or 0 */
    struct metric_cell *lag;
};

struct consumer {
    struct bus *bus;
    struct consumer_config config;
    struct consumer_events events;
    void *data;
    struct loop *loop;
    rd_kafka_t *rk;
    rd_kafka_topic_t *topic;
    struct record_batch batch;
    struct loop_timer *timer;
    struct time_offsets *starts; /* asked, until the partitions are started */
    struct partition *partitions;
    int partition_count;
    bool caught_up;
    bool stopped;
    bool stale;
    int64_t gauges_at_ms;
    int64_t batch_bytes; /* counted once a batch */
    uint64_t delivered;
    uint64_t trimmed; /* `delivered` at the last trim */
    int64_t trim_at_ms;
    struct metric_cell *records_cell;
    struct metric_cell *bytes_cell;
    struct metric_cell *refetched_cell;
};

/* -- Records --------------------------------------------------------------- */

static void restart_from_beginning(struct consumer *c, int32_t number)
{
    struct partition *p = &c->partitions[number];
    log_warn("kafka", "%s partition %" PRId32 ": the offset is gone, reading it anew",
             topic_name(c->config.topic), number);
    metrics_add_to(bus_metrics(c->bus), METRIC_KAFKA_OFFSET_RESETS,
                   topic_name(c->config.topic), 1);
    rd_kafka_consume_stop(c->topic, number);
    p->next_offset = OFFSET_UNKNOWN;
    p->goal = 0; /* what was asked is of a log that is gone */
    p->started = rd_kafka_consume_start_queue(
                     c->topic, number, RD_KAFKA_OFFSET_BEGINNING, c->batch.queue) == 0;
}

static void take_end(struct consumer *c, struct partition *p, int64_t offset)
{
    if (offset >= p->goal)
        p->caught_up = true;
    else if (p->cut_short_ms == 0)
        p->cut_short_ms = loop_now_ms(c->loop);
}

static void take_error(struct consumer *c, const rd_kafka_message_t *message)
{
    struct partition *p = &c->partitions[message->partition];
    switch (message->err) {
    case RD_KAFKA_RESP_ERR__PARTITION_EOF: take_end(c, p, message->offset); return;
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
    case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
        restart_from_beginning(c, message->partition);
        return;
    default:
        /* librdkafka tries again by itself; the bus tells when Kafka is away. */
        log_debug("kafka", "%s partition %" PRId32 ": %s", topic_name(c->config.topic),
                  message->partition, rd_kafka_message_errstr(message));
    }
}

static void set_goal(struct consumer *c, int32_t number)
{
    int64_t low = 0;
    int64_t high = 0;
    rd_kafka_get_watermark_offsets(c->rk, topic_name(c->config.topic), number, &low,
                                   &high);
    c->partitions[number].goal = MAX_OF(high, c->partitions[number].goal);
}

static bool accept_message(void *data, const rd_kafka_message_t *message)
{
    struct consumer *c = data;
    if (message->partition < 0 || message->partition >= c->partition_count)
        return false;
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        take_error(c, message);
        return false;
    }
    struct partition *p = &c->partitions[message->partition];
    if (p->next_offset == OFFSET_UNKNOWN)
        set_goal(c, message->partition);
    if (message->offset < p->next_offset) {
        metric_add(c->refetched_cell, 1);
        return false;
    }
    p->next_offset = message->offset + 1;
    p->cut_short_ms = 0;
    p->caught_up |= p->next_offset >= p->goal;
    c->batch_bytes += (int64_t)(message->key_len + message->len);
    return true;
}

static void deliver_records(void *data, const struct bus_record *records, size_t count)
{
    struct consumer *c = data;
    c->delivered += count;
    metric_add(c->records_cell, (int64_t)count);
    metric_add(c->bytes_cell, c->batch_bytes);
    c->batch_bytes = 0;
    if (c->events.on_records != NULL && !c->stopped)
        c->events.on_records(c->data, records, count);
}

static void stop_all(struct consumer *c)
{
    for (int i = 0; i < c->partition_count; i++) {
        if (c->partitions[i].started)
            rd_kafka_consume_stop(c->topic, i);
        c->partitions[i].started = false;
    }
    c->stopped = true;
}

/*
 * What a burst took goes back to the system. librdkafka's thread takes the memory
 * of records from an arena whose end is in use most of the time: by itself malloc
 * keeps it all, 5 MiB in normal life. It takes less than a millisecond.
 */
static void trim_memory(struct consumer *c)
{
    if (c->delivered - c->trimmed < TRIM_RECORDS)
        return;
    c->trimmed = c->delivered;
    malloc_trim(0);
}

static void check_caught_up(struct consumer *c)
{
    if (c->caught_up || c->partition_count == 0)
        return;
    for (int i = 0; i < c->partition_count; i++) {
        if (!c->partitions[i].caught_up)
            return;
    }
    c->caught_up = true;
    trim_memory(c); /* a long catch-up filled the queue: 50 MiB and more */
    if (c->config.drop_when_caught_up)
        stop_all(c);
    if (c->events.on_caught_up != NULL)
        c->events.on_caught_up(c->data);
}

static void drain(struct consumer *c)
{
    const struct record_sink sink = {.accept = accept_message,
                                     .deliver = deliver_records,
                                     .data = c,
                                     .topic = c->config.topic};
    record_batch_drain(&c->batch, &sink);
    check_caught_up(c);
}

static void on_wake(void *data, int fd, unsigned events)
{
    (void)fd;
    (void)events;
    drain(data);
}

/* -- Starting partitions --------------------------------------------------- */

static int64_t start_time(const struct consumer *c)
{
    switch (c->config.start) {
    case CONSUMER_FROM_BEGINNING: return OFFSET_QUERY_BEGINNING;
    case CONSUMER_FROM_END: return OFFSET_QUERY_END;
    case CONSUMER_FROM_TIME: break;
    }
    /* The mock cluster does not know times, and what it keeps is young. */
    return bus_embedded(c->bus) ? (int64_t)OFFSET_QUERY_BEGINNING : c->config.start_ms;
}

static void start_partitions(struct consumer *c, int count, bool late)
{
    c->partitions = xreallocarray(c->partitions, (size_t)count, sizeof *c->partitions);
    for (int i = c->partition_count; i < count; i++) {
        char number[16];
        snprintf(number, sizeof number, "%d", i);
        /* What a partition that appeared later holds is all new to us. */
        int64_t offset =
            late ? RD_KAFKA_OFFSET_BEGINNING : time_offsets_at(c->starts, i);
        int64_t end = late ? 0 : time_offsets_end(c->starts, i);
        c->partitions[i] = (struct partition){
            .next_offset = OFFSET_UNKNOWN,
            .goal = end,
            /* The broker would hold back the answer that there is nothing. */
            .caught_up = !late && offset >= end,
            .lag = metrics_cell_of(bus_metrics(c->bus), METRIC_KAFKA_CONSUMER_LAG,
                                   topic_name(c->config.topic), number)};
        int rc = rd_kafka_consume_start_queue(c->topic, i, offset, c->batch.queue);
        c->partitions[i].started = rc == 0;
        if (rc != 0)
            log_error("kafka", "%s partition %d cannot be read: %s",
                      topic_name(c->config.topic), i,
                      rd_kafka_err2str(rd_kafka_last_error()));
    }
    c->partition_count = count;
}

/*
 * True when the offsets to start from are known. They are asked of a client that
 * knows the partitions' leaders: librdkafka's own look-up of a beginning or end
 * waits 500 ms when it does not know the leader yet.
 */
static bool know_starts(struct consumer *c, int count)
{
    if (c->starts == NULL)
        c->starts = time_offsets_ask(c->bus, c->config.topic, count, start_time(c));
    switch (time_offsets_state(c->starts)) {
    case TIME_OFFSETS_READY: return true;
    case TIME_OFFSETS_WAITING: return false;
    case TIME_OFFSETS_FAILED: break;
    }
    time_offsets_free(c->starts);
    c->starts = NULL; /* ask again next time */
    return false;
}

static void look_for_partitions(struct consumer *c)
{
    int count = bus_partitions(c->bus, c->config.topic);
    if (count <= c->partition_count || c->stopped)
        return;
    if (c->partition_count > 0) {
        log_info("kafka", "%s has %d partitions now", topic_name(c->config.topic),
                 count);
        start_partitions(c, count, true);
    } else if (know_starts(c, count)) {
        start_partitions(c, count, false);
        time_offsets_free(c->starts);
        c->starts = NULL;
        check_caught_up(c);
    }
}

/* -- The timer ------------------------------------------------------------- */

/* What was asked about and never comes was lost with its broker: no use to wait. */
static void believe_ends(struct consumer *c)
{
    for (int i = 0; i < c->partition_count; i++) {
        struct partition *p = &c->partitions[i];
        if (p->caught_up || p->cut_short_ms == 0 ||
            loop_now_ms(c->loop) - p->cut_short_ms < CUT_SHORT_MS)
            continue;
        log_warn("kafka", "%s partition %d ends before %" PRId64 ", where it ended",
                 topic_name(c->config.topic), i, p->goal);
        p->caught_up = true;
    }
    check_caught_up(c);
}

static void watch_silence(struct consumer *c)
{
    int64_t since_ms = bus_silent_since_ms(c->bus);
    bool silent = since_ms != 0 && clock_wall_ms() - since_ms >= SILENT_MS;
    if (silent && !c->stale) {
        c->stale = true;
        if (c->events.on_stale != NULL)
            c->events.on_stale(c->data, since_ms);
    } else if (since_ms == 0 && c->stale) {
        c->stale = false;
        if (c->events.on_live != NULL)
            c->events.on_live(c->data);
    }
}

static int64_t partition_lag(const struct consumer *c, int number)
{
    int64_t low = 0;
    int64_t high = 0;
    const struct partition *p = &c->partitions[number];
    if (p->next_offset == OFFSET_UNKNOWN ||
        rd_kafka_get_watermark_offsets(c->rk, topic_name(c->config.topic), number, &low,
                                       &high) != RD_KAFKA_RESP_ERR_NO_ERROR)
        return 0;
    return MAX_OF(high - p->next_offset, 0);
}

static void set_gauges(struct consumer *c)
{
    int64_t now_ms = loop_now_ms(c->loop);
    if (now_ms < c->gauges_at_ms)
        return;
    c->gauges_at_ms = now_ms + GAUGES_MS;
    for (int i = 0; i < c->partition_count; i++)
        metric_set(c->partitions[i].lag, (double)partition_lag(c, i));
}

static void trim_at_times(struct consumer *c)
{
    int64_t now_ms = loop_now_ms(c->loop);
    if (!c->caught_up || now_ms < c->trim_at_ms)
        return;
    c->trim_at_ms = now_ms + TRIM_PERIOD_MS;
    trim_memory(c);
}

static void on_timer(void *data)
{
    struct consumer *c = data;
    look_for_partitions(c);
    believe_ends(c);
    rd_kafka_poll(c->rk, 0);
    record_batch_wake(&c->batch); /* should a wake have been lost: librdkafka 3344 */
    watch_silence(c);
    set_gauges(c);
    trim_at_times(c);
    loop_timer_arm(c->timer, c->partition_count > 0 ? TIMER_MS : TIMER_STARTING_MS);
}

/* -- Life ------------------------------------------------------------------ */

static rd_kafka_t *new_client(struct bus *bus, struct strbuf *ret_error)
{
    char reason[512];
    rd_kafka_conf_t *conf =
        bus_config_build(bus_settings(bus), BUS_CONSUMER, bus_embedded(bus), ret_error);
    if (conf == NULL)
        return NULL;
    rd_kafka_t *rk = rd_kafka_new(RD_KAFKA_CONSUMER, conf, reason, sizeof reason);
    if (rk == NULL) {
        rd_kafka_conf_destroy(conf);
        strbuf_addf(ret_error, "Kafka consumer: %s", reason);
    }
    return rk;
}

struct consumer *consumer_assign(struct bus *bus, const struct consumer_config *config,
                                 struct loop *loop,
                                 const struct consumer_events *events, void *data,
                                 struct strbuf *ret_error)
{
    rd_kafka_t *rk = new_client(bus, ret_error);
    if (rk == NULL)
        return NULL;
    const char *name = topic_name(config->topic);
    struct metrics *m = bus_metrics(bus);
    struct consumer *c = xcalloc(1, sizeof *c);
    c->bus = bus;
    c->config = *config;
    c->events = *events;
    c->data = data;
    c->loop = loop;
    c->rk = rk;
    c->topic = rd_kafka_topic_new(rk, name, NULL);
    c->records_cell = metrics_cell_of(m, METRIC_KAFKA_CONSUMED_RECORDS, name, NULL);
    c->bytes_cell = metrics_cell_of(m, METRIC_KAFKA_CONSUMED_BYTES, name, NULL);
    c->refetched_cell = metrics_cell_of(m, METRIC_KAFKA_REFETCHED, name, NULL);
    record_batch_init(&c->batch, rd_kafka_queue_new(rk), loop, on_wake, c);
    c->timer = loop_timer_new(loop, on_timer, c);
    loop_timer_arm(c->timer, 0);
    return c;
}

void consumer_free(struct consumer *c)
{
    if (c == NULL)
        return;
    loop_timer_free(c->timer);
    stop_all(c);
    record_batch_release(&c->batch);
    rd_kafka_topic_destroy(c->topic);
    rd_kafka_destroy(c->rk);
    time_offsets_free(c->starts);
    free(c->partitions);
    free(c);
}

bool consumer_caught_up(const struct consumer *c)
{
    return c->caught_up;
}

int64_t consumer_lag(const struct consumer *c)
{
    int64_t lag = 0;
    for (int i = 0; i < c->partition_count; i++)
        lag += partition_lag(c, i);
    return lag;
}
