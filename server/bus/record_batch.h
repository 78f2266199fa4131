/*
 * Takes records from a librdkafka queue in batches and gives them on as
 * bus_record: what consumer and group_consumer share. The queue wakes a loop
 * through an eventfd.
 *
 * The wake fires only when the queue goes from empty to not empty
 * (rd_kafka_queue_io_event_enable), so that a drain which stops early must
 * wake itself again; and the descriptor must not block (librdkafka 2932).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bus/bus.h"
#include "net/loop.h"

struct rd_kafka_queue_s;
struct rd_kafka_message_s;

enum { RECORD_BATCH_MAX = 1024, RECORD_BATCH_ROUNDS = 8 };

struct record_batch {
    struct rd_kafka_queue_s *queue;
    int wake_fd;
    struct loop_fd *watch;
    struct rd_kafka_message_s *messages[RECORD_BATCH_MAX];
    struct bus_record records[RECORD_BATCH_MAX];
    size_t count; /* records gathered from the batch */
};

/* Watches the queue (taken over) on the loop; on_wake calls record_batch_drain. */
void record_batch_init(struct record_batch *b, struct rd_kafka_queue_s *take_queue,
                       struct loop *loop, loop_fd_fn on_wake, void *data);
void record_batch_release(struct record_batch *b);

/*
 * Takes at most RECORD_BATCH_ROUNDS batches. `accept` sees each message and
 * says whether it is a record to deliver (errors and duplicates are not);
 * `deliver` gets those of a batch.
 */
struct record_sink {
    bool (*accept)(void *data, const struct rd_kafka_message_s *message);
    void (*deliver)(void *data, const struct bus_record *records, size_t count);
    void *data;
    enum topic topic;
};
void record_batch_drain(struct record_batch *b, const struct record_sink *sink);

/* Makes the loop call on_wake again soon. */
void record_batch_wake(struct record_batch *b);
