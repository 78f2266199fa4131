#include "bus/time_offsets.h"

#include <stdatomic.h>
#include <stdlib.h>

#include <librdkafka/rdkafka.h>

#include "base/alloc.h"
#include "bus/bus.h"
#include "bus/offset_query.h"

struct time_offsets {
    atomic_int holders; /* the asker and the bus' thread; the last one frees */
    atomic_int state;
    struct bus *bus;
    enum topic topic;
    int partitions;
    int64_t start_ms;
    int64_t *offsets;
    int64_t *ends;
};

static void let_go(struct time_offsets *t)
{
    if (atomic_fetch_sub(&t->holders, 1) != 1)
        return;
    free(t->offsets);
    free(t->ends);
    free(t);
}

/* On the bus' thread. */
static void answer(void *data)
{
    struct time_offsets *t = data;
    rd_kafka_topic_partition_list_t *list =
        rd_kafka_topic_partition_list_new(t->partitions);
    for (int i = 0; i < t->partitions; i++)
        rd_kafka_topic_partition_list_add(list, topic_name(t->topic), i);
    int state = TIME_OFFSETS_FAILED;
    if (!bus_closing(t->bus) &&
        offset_query(bus_admin_handle(t->bus), list, t->start_ms, t->ends) == 0)
        state = TIME_OFFSETS_READY;
    for (int i = 0; i < list->cnt; i++)
        t->offsets[list->elems[i].partition] = list->elems[i].offset;
    rd_kafka_topic_partition_list_destroy(list);
    atomic_store(&t->state, state);
    let_go(t);
}

struct time_offsets *time_offsets_ask(struct bus *bus, enum topic topic, int partitions,
                                      int64_t start_ms)
{
    struct time_offsets *t = xcalloc(1, sizeof *t);
    t->bus = bus;
    t->topic = topic;
    t->partitions = partitions;
    t->start_ms = start_ms;
    t->offsets = xcalloc((size_t)partitions, sizeof *t->offsets);
    t->ends = xcalloc((size_t)partitions, sizeof *t->ends);
    atomic_init(&t->holders, 2);
    atomic_init(&t->state, TIME_OFFSETS_WAITING);
    bus_run(bus, answer, t);
    return t;
}

void time_offsets_free(struct time_offsets *t)
{
    if (t != NULL)
        let_go(t);
}

enum time_offsets_state time_offsets_state(const struct time_offsets *t)
{
    return (enum time_offsets_state)atomic_load(&t->state);
}

int64_t time_offsets_end(const struct time_offsets *t, int partition)
{
    return t->ends[partition];
}

int64_t time_offsets_at(const struct time_offsets *t, int partition)
{
    return t->offsets[partition];
}
