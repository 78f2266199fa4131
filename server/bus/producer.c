/*
 * One librdkafka producer behind a read-write lock: senders share it, and only
 * replacing a client that failed for good (an idempotent producer whose session
 * the broker forgot) takes it alone. A thread of its own takes the delivery
 * reports, so that the queue's room comes back whatever the senders do.
 */
#include "bus/producer.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <librdkafka/rdkafka.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/strbuf.h"
#include "bus/bus.h"
#include "bus/traceparent.h"
#include "telemetry/metrics.h"

enum { POLL_MS = 200, FIXED_HEADERS = 4, GAUGE_PERIOD_MS = 1000 };

struct topic_cells {
    struct metric_cell *records;
    struct metric_cell *bytes;
    struct metric_cell *dropped;
    struct metric_cell *failed;
};

struct producer_ticket {
    atomic_uint holders; /* the asker and each record under way */
    atomic_uint failed;
};

struct producer {
    struct bus *bus;
    pthread_rwlock_t lock; /* guards rk and topics against replacement */
    rd_kafka_t *rk;
    rd_kafka_topic_t *topics[TOPIC_COUNT];
    pthread_t thread;
    bool has_thread;
    atomic_bool stop;
    struct topic_cells cells[TOPIC_COUNT];
    struct metric_cell *queue_cell;
};

/* -- Tickets ---------------------------------------------------------------- */

struct producer_ticket *producer_ticket_new(void)
{
    struct producer_ticket *ticket = xcalloc(1, sizeof *ticket);
    atomic_init(&ticket->holders, 1);
    return ticket;
}

static void ticket_leave(struct producer_ticket *ticket)
{
    if (atomic_fetch_sub(&ticket->holders, 1) == 1)
        free(ticket);
}

void producer_ticket_release(struct producer_ticket *ticket)
{
    if (ticket != NULL)
        ticket_leave(ticket);
}

unsigned producer_ticket_pending(const struct producer_ticket *ticket)
{
    return atomic_load(&ticket->holders) - 1;
}

unsigned producer_ticket_failed(const struct producer_ticket *ticket)
{
    return atomic_load(&ticket->failed);
}

/* -- Delivery reports ------------------------------------------------------ */

static void on_delivery(rd_kafka_t *rk, const rd_kafka_message_t *message, void *data)
{
    struct producer *p = data;
    struct producer_ticket *ticket = message->_private;
    enum topic topic = TOPIC_COUNT;
    (void)rk;
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        const char *name = rd_kafka_topic_name(message->rkt);
        if (topic_parse(name, &topic))
            metric_add(p->cells[topic].failed, 1);
        if (message->err != RD_KAFKA_RESP_ERR__PURGE_QUEUE &&
            message->err != RD_KAFKA_RESP_ERR__PURGE_INFLIGHT) /* told as a number */
            log_error("kafka", "a record for %s is lost: %s", name,
                      rd_kafka_err2str(message->err));
    }
    if (ticket == NULL)
        return;
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR)
        atomic_fetch_add(&ticket->failed, 1);
    ticket_leave(ticket);
}

static rd_kafka_t *new_client(struct producer *p, struct strbuf *ret_error)
{
    char reason[512];
    rd_kafka_conf_t *conf = bus_config_build(bus_settings(p->bus), BUS_PRODUCER,
                                             bus_embedded(p->bus), ret_error);
    if (conf == NULL)
        return NULL;
    rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
    rd_kafka_conf_set_opaque(conf, p);
    rd_kafka_t *rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, reason, sizeof reason);
    if (rk == NULL) {
        rd_kafka_conf_destroy(conf);
        strbuf_addf(ret_error, "Kafka producer: %s", reason);
    }
    return rk;
}

static void open_topics(struct producer *p)
{
    for (unsigned i = 0; i < TOPIC_COUNT; i++)
        p->topics[i] = rd_kafka_topic_new(p->rk, topic_name((enum topic)i), NULL);
}

/* Ends a client; what it still holds is reported to on_delivery as lost. */
static void close_client(rd_kafka_t *rk, rd_kafka_topic_t **topics)
{
    rd_kafka_purge(rk, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT |
                           RD_KAFKA_PURGE_F_NON_BLOCKING);
    rd_kafka_flush(rk, 100);
    for (unsigned i = 0; i < TOPIC_COUNT; i++)
        rd_kafka_topic_destroy(topics[i]);
    rd_kafka_destroy(rk);
}

static void replace_client(struct producer *p)
{
    char reason[256];
    struct strbuf error;
    rd_kafka_topic_t *old_topics[TOPIC_COUNT];
    rd_kafka_fatal_error(p->rk, reason, sizeof reason);
    log_error("kafka", "the producer failed and starts anew; %d records are lost: %s",
              rd_kafka_outq_len(p->rk), reason);
    strbuf_init(&error, 512);
    rd_kafka_t *fresh = new_client(p, &error);
    strbuf_release(&error);
    if (fresh == NULL)
        return; /* the next round tries again */
    pthread_rwlock_wrlock(&p->lock);
    rd_kafka_t *old = p->rk;
    memcpy(old_topics, p->topics, sizeof old_topics);
    p->rk = fresh;
    open_topics(p);
    pthread_rwlock_unlock(&p->lock);
    close_client(old, old_topics);
}

static void *serve_reports(void *data)
{
    struct producer *p = data;
    int64_t gauge_at_ms = 0;
    while (!atomic_load(&p->stop)) {
        /* Only this thread replaces the client: it reads rk without the lock. */
        rd_kafka_poll(p->rk, POLL_MS);
        if (rd_kafka_fatal_error(p->rk, NULL, 0) != RD_KAFKA_RESP_ERR_NO_ERROR)
            replace_client(p);
        if (clock_mono_ms() >= gauge_at_ms) {
            metric_set(p->queue_cell, rd_kafka_outq_len(p->rk));
            gauge_at_ms = clock_mono_ms() + GAUGE_PERIOD_MS;
        }
    }
    return NULL;
}

/* -- Life ------------------------------------------------------------------ */

static void open_cells(struct producer *p)
{
    struct metrics *m = bus_metrics(p->bus);
    for (unsigned i = 0; i < TOPIC_COUNT; i++) {
        const char *name = topic_name((enum topic)i);
        p->cells[i] = (struct topic_cells){
            .records = metrics_cell_of(m, METRIC_KAFKA_PRODUCED_RECORDS, name, NULL),
            .bytes = metrics_cell_of(m, METRIC_KAFKA_PRODUCED_BYTES, name, NULL),
            .dropped = metrics_cell_of(m, METRIC_KAFKA_PRODUCER_DROPPED, name, NULL),
            .failed = metrics_cell_of(m, METRIC_KAFKA_DELIVERY_FAILED, name, NULL)};
    }
    p->queue_cell = metrics_cell(m, METRIC_KAFKA_PRODUCER_QUEUE);
}

struct producer *producer_new(struct bus *bus, struct strbuf *ret_error)
{
    struct producer *p = xcalloc(1, sizeof *p);
    p->bus = bus;
    pthread_rwlock_init(&p->lock, NULL);
    open_cells(p);
    p->rk = new_client(p, ret_error);
    if (p->rk == NULL) {
        producer_free(p);
        return NULL;
    }
    open_topics(p);
    if (pthread_create(&p->thread, NULL, serve_reports, p) != 0) {
        strbuf_add_text(ret_error, "Kafka producer: cannot start a thread");
        producer_free(p);
        return NULL;
    }
    pthread_setname_np(p->thread, "kafka-reports");
    p->has_thread = true;
    return p;
}

/* The reports' thread need not wait for the next one. */
static void end_poll(struct producer *p)
{
    pthread_rwlock_rdlock(&p->lock);
    rd_kafka_queue_t *queue = rd_kafka_queue_get_main(p->rk);
    rd_kafka_queue_yield(queue);
    rd_kafka_queue_destroy(queue);
    pthread_rwlock_unlock(&p->lock);
}

void producer_free(struct producer *p)
{
    if (p == NULL)
        return;
    atomic_store(&p->stop, true);
    if (p->has_thread) {
        end_poll(p);
        pthread_join(p->thread, NULL);
    }
    if (p->rk != NULL)
        close_client(p->rk, p->topics);
    pthread_rwlock_destroy(&p->lock);
    free(p);
}

/* -- Sending --------------------------------------------------------------- */

static void add_header(rd_kafka_headers_t *headers, const char *name, const char *value)
{
    rd_kafka_header_add(headers, name, -1, value, (ssize_t)strlen(value));
}

static rd_kafka_headers_t *make_headers(const struct producer_record *record)
{
    char trace[TRACEPARENT_SIZE];
    rd_kafka_headers_t *headers =
        rd_kafka_headers_new(FIXED_HEADERS + record->extra_count);
    if (record->traceparent == NULL)
        traceparent_random(trace);
    add_header(headers, "traceparent",
               record->traceparent != NULL ? record->traceparent : trace);
    add_header(headers, "content-type",
               record->content_type != NULL ? record->content_type
                                            : "application/json");
    add_header(headers, "schema-version", "1");
    if (record->source != NULL)
        add_header(headers, "source", record->source);
    for (size_t i = 0; i < record->extra_count; i++)
        add_header(headers, record->extra[i].name, record->extra[i].value);
    return headers;
}

static rd_kafka_resp_err_t enqueue(struct producer *p,
                                   const struct producer_record *record)
{
    rd_kafka_headers_t *headers = make_headers(record);
    /* The tags themselves: the RD_KAFKA_V_* macros cast const away. */
    rd_kafka_resp_err_t err = rd_kafka_producev(
        p->rk, RD_KAFKA_VTYPE_RKT, p->topics[record->topic], RD_KAFKA_VTYPE_MSGFLAGS,
        (int)RD_KAFKA_MSG_F_COPY, RD_KAFKA_VTYPE_KEY, (const void *)record->key,
        (size_t)record->key_len, RD_KAFKA_VTYPE_VALUE, (const void *)record->value,
        (size_t)record->value_len, RD_KAFKA_VTYPE_HEADERS, headers,
        RD_KAFKA_VTYPE_OPAQUE, (void *)record->ticket, RD_KAFKA_VTYPE_END);
    if (err != RD_KAFKA_RESP_ERR_NO_ERROR)
        rd_kafka_headers_destroy(headers);
    return err;
}

int producer_send(struct producer *p, const struct producer_record *record)
{
    struct topic_cells *cells = &p->cells[record->topic];
    if (record->ticket != NULL)
        atomic_fetch_add(&record->ticket->holders, 1);
    pthread_rwlock_rdlock(&p->lock);
    rd_kafka_resp_err_t err = enqueue(p, record);
    pthread_rwlock_unlock(&p->lock);
    if (err == RD_KAFKA_RESP_ERR_NO_ERROR) {
        metric_add(cells->records, 1);
        metric_add(cells->bytes, (int64_t)(record->key_len + record->value_len));
        return 0;
    }
    if (record->ticket != NULL)
        ticket_leave(record->ticket);
    if (record->again)
        return err == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE ? -EMSGSIZE : -ENOBUFS;
    metric_add(cells->dropped, 1);
    if (err == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE) {
        log_warn("kafka", "a record of %zu bytes for %s is too large: dropped",
                 record->value_len, topic_name(record->topic));
        return -EMSGSIZE;
    }
    log_warn("kafka", "the queue to Kafka is full: a record for %s is refused (%s)",
             topic_name(record->topic), rd_kafka_err2str(err));
    return -ENOBUFS;
}

int producer_flush(struct producer *p, int timeout_ms)
{
    int64_t until_ms = clock_mono_ms() + timeout_ms;
    pthread_rwlock_rdlock(&p->lock);
    rd_kafka_resp_err_t err = rd_kafka_flush(p->rk, timeout_ms);
    pthread_rwlock_unlock(&p->lock);
    /* The other thread may have taken the last reports and still be at them. */
    while (err == RD_KAFKA_RESP_ERR_NO_ERROR && producer_queued(p) > 0 &&
           clock_mono_ms() < until_ms)
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    return producer_queued(p) == 0 ? 0 : -ETIMEDOUT;
}

size_t producer_queued(struct producer *p)
{
    pthread_rwlock_rdlock(&p->lock);
    int queued = rd_kafka_outq_len(p->rk);
    pthread_rwlock_unlock(&p->lock);
    return queued > 0 ? (size_t)queued : 0;
}
