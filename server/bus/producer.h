/*
 * Writes records to Kafka: idempotent, acks=all, zstd, murmur2_random. Accepted
 * records wait in a queue of at most PRODUCER_QUEUE_RECORDS records and
 * PRODUCER_QUEUE_BYTES until the broker has them, however long it is away; what
 * does not fit is refused, counted and said. One per process is enough: any
 * thread may send; new, flush and free belong to the owner.
 *
 * Every record carries the headers traceparent, content-type, schema-version and
 * source.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bus/topic.h"

struct bus;
struct strbuf;
struct producer;

enum {
    PRODUCER_QUEUE_RECORDS = 200000,
    PRODUCER_QUEUE_BYTES = 64 * 1024 * 1024,
    PRODUCER_EXTRA_HEADERS_MAX = 8
};

/*
 * Tells what became of a group of records. The asker holds it and lets it go
 * whenever it likes, also while records are under way.
 */
struct producer_ticket;

struct producer_ticket *producer_ticket_new(void);
void producer_ticket_release(struct producer_ticket *ticket); /* accepts NULL */

/* Records that the broker has not yet confirmed; those that are lost. Any thread. */
unsigned producer_ticket_pending(const struct producer_ticket *ticket);
unsigned producer_ticket_failed(const struct producer_ticket *ticket);

struct producer_header {
    const char *name;
    const char *value;
};

/* Everything is copied by producer_send; only topic, key and value are needed. */
struct producer_record {
    enum topic topic;
    const char *key;
    size_t key_len;
    const char *value; /* NULL = tombstone */
    size_t value_len;
    const char *source;       /* header `source`; NULL = left out */
    const char *content_type; /* NULL = application/json */
    const char *traceparent;  /* NULL = a new random one (W3C Trace Context) */
    const struct producer_header *extra; /* more headers */
    size_t extra_count;                  /* <= PRODUCER_EXTRA_HEADERS_MAX */
    struct producer_ticket *ticket;      /* NULL = nobody asks */
    bool again; /* refused before: a refusal is neither counted nor told again */
};

/* NULL with a line in ret_error when the configuration is bad. */
struct producer *producer_new(struct bus *bus, struct strbuf *ret_error);

/* Waits for nothing: flush first. What is still queued is counted as lost. */
void producer_free(struct producer *p);

/*
 * Queues one record. 0; -ENOBUFS when the queue is full (refused and counted);
 * -EMSGSIZE when it is over the broker's limit. Never waits.
 */
int producer_send(struct producer *p, const struct producer_record *record);

/* Waits until the queue is empty: 0, or -ETIMEDOUT with records left. */
int producer_flush(struct producer *p, int timeout_ms);

/* Records accepted and not yet confirmed. */
size_t producer_queued(struct producer *p);
