#include "bus/record_batch.h"

#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <librdkafka/rdkafka.h>

void record_batch_init(struct record_batch *b, rd_kafka_queue_t *take_queue,
                       struct loop *loop, loop_fd_fn on_wake, void *data)
{
    static const uint64_t one = 1;
    b->queue = take_queue;
    b->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (b->wake_fd < 0)
        abort(); /* no descriptors left at start: nothing can run */
    b->watch = loop_watch_fd(loop, b->wake_fd, LOOP_READABLE, on_wake, data);
    rd_kafka_queue_io_event_enable(take_queue, b->wake_fd, &one, sizeof one);
}

void record_batch_release(struct record_batch *b)
{
    rd_kafka_queue_io_event_enable(b->queue, -1, NULL, 0);
    rd_kafka_queue_destroy(b->queue);
    loop_fd_free(b->watch);
    close(b->wake_fd);
}

void record_batch_wake(struct record_batch *b)
{
    static const uint64_t one = 1;
    /* It can only fail when the counter is full: then it is awake anyway. */
    ssize_t ignored = write(b->wake_fd, &one, sizeof one);
    (void)ignored;
}

static void gather(struct record_batch *b, const rd_kafka_message_t *m,
                   enum topic topic)
{
    b->records[b->count++] =
        (struct bus_record){.topic = topic,
                            .partition = m->partition,
                            .offset = m->offset,
                            .timestamp_ms = rd_kafka_message_timestamp(m, NULL),
                            .key = m->key,
                            .key_len = m->key_len,
                            .value = m->payload,
                            .value_len = m->len};
}

/* One batch; false when the queue had less than a batch. */
static bool take_batch(struct record_batch *b, const struct record_sink *sink)
{
    ssize_t taken =
        rd_kafka_consume_batch_queue(b->queue, 0, b->messages, RECORD_BATCH_MAX);
    b->count = 0;
    for (ssize_t i = 0; i < taken; i++) {
        if (sink->accept(sink->data, b->messages[i]))
            gather(b, b->messages[i], sink->topic);
    }
    if (b->count > 0)
        sink->deliver(sink->data, b->records, b->count);
    for (ssize_t i = 0; i < taken; i++)
        rd_kafka_message_destroy(b->messages[i]);
    return taken == RECORD_BATCH_MAX;
}

void record_batch_drain(struct record_batch *b, const struct record_sink *sink)
{
    uint64_t wakes;
    ssize_t ignored = read(b->wake_fd, &wakes, sizeof wakes);
    (void)ignored; /* nothing to read: called by a timer */
    for (int i = 0; i < RECORD_BATCH_ROUNDS; i++) {
        if (!take_batch(b, sink))
            return;
    }
    record_batch_wake(b);
}
