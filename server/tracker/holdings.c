#include "tracker/holdings.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/macros.h"
#include "bus/group_consumer.h"

enum { NO_PARTITION = -1 };

/* Beside the table's row, by slot. */
struct mark {
    int32_t partition;
    uint32_t published_tick; /* 0 = never */
};

/* An aircraft that may expire in this step. */
struct old {
    uint32_t icao;
    int64_t heard_at_ms;
};

struct holdings {
    struct holdings_events events;
    void *data;
    struct flight_table *table;
    uint32_t tick;
    struct mark *marks;
    size_t mark_count;
    bool owned[GROUP_PARTITIONS_MAX];
    struct old *olds;
    size_t old_count;
    size_t old_capacity;
};

struct holdings *holdings_new(const struct holdings_events *events, void *data)
{
    struct holdings *h = xcalloc(1, sizeof *h);
    h->events = *events;
    h->data = data;
    h->table = flight_table_new();
    h->tick = 1;
    return h;
}

void holdings_free(struct holdings *h)
{
    if (h == NULL)
        return;
    flight_table_free(h->table);
    free(h->marks);
    free(h->olds);
    free(h);
}

static struct mark *mark_of(struct holdings *h, const struct flight *f)
{
    if (f->slot >= h->mark_count) {
        size_t count = MAX_OF((size_t)f->slot + 1, h->mark_count * 2);
        h->marks = xreallocarray(h->marks, count, sizeof *h->marks);
        for (size_t i = h->mark_count; i < count; i++)
            h->marks[i] = (struct mark){.partition = NO_PARTITION};
        h->mark_count = count;
    }
    return &h->marks[f->slot];
}

static bool is_ours(const struct holdings *h, const struct flight *f)
{
    return f->slot < h->mark_count && holdings_owns(h, h->marks[f->slot].partition);
}

enum flight_apply holdings_apply(struct holdings *h, const struct observation *obs,
                                 int32_t partition)
{
    enum flight_apply result = flight_table_apply(h->table, obs, h->tick);
    const struct flight *f = flight_table_find(h->table, obs->icao);
    if (f == NULL)
        return result;
    struct mark *mark = mark_of(h, f);
    if (f->born_tick == h->tick)
        mark->published_tick = 0; /* the slot's former aircraft was */
    mark->partition = partition;
    return result;
}

/* -- Partitions ---------------------------------------------------------------- */

void holdings_own(struct holdings *h, int32_t partition)
{
    if (partition >= 0 && partition < GROUP_PARTITIONS_MAX)
        h->owned[partition] = true;
}

void holdings_disown(struct holdings *h, int32_t partition)
{
    if (!holdings_owns(h, partition))
        return;
    h->owned[partition] = false;
    for (size_t i = 0; i < flight_table_slots(h->table); i++) {
        const struct flight *f = flight_table_at(h->table, i);
        if (f != NULL && i < h->mark_count && h->marks[i].partition == partition)
            flight_table_remove(h->table, f->icao, h->tick, f->heard_at_ms);
    }
}

bool holdings_owns(const struct holdings *h, int32_t partition)
{
    return partition >= 0 && partition < GROUP_PARTITIONS_MAX && h->owned[partition];
}

size_t holdings_partitions(const struct holdings *h, int32_t *ret_partitions,
                           size_t max)
{
    size_t count = 0;
    for (int32_t i = 0; i < GROUP_PARTITIONS_MAX && count < max; i++) {
        if (h->owned[i])
            ret_partitions[count++] = i;
    }
    return count;
}

bool holdings_has(const struct holdings *h, uint32_t icao)
{
    const struct flight *f = flight_table_find(h->table, icao);
    return f != NULL && is_ours(h, f);
}

/* -- The step ------------------------------------------------------------------ */

static bool is_due(const struct holdings *h, const struct flight *f, bool all)
{
    uint32_t published = h->marks[f->slot].published_tick;
    return all || f->changed_tick == h->tick || published == 0 ||
           h->tick - published >= HOLDINGS_REFRESH_TICKS;
}

static void publish(struct holdings *h, const struct flight *f)
{
    h->marks[f->slot].published_tick = h->tick;
    if (h->events.on_publish != NULL)
        h->events.on_publish(h->data, f);
}

static void publish_touched(struct holdings *h, bool all)
{
    size_t count;
    const uint32_t *slots = flight_table_take_touched(h->table, &count);
    for (size_t i = 0; i < count; i++) {
        const struct flight *f = flight_table_at(h->table, slots[i]);
        if (f == NULL || !is_ours(h, f))
            continue;
        if (h->events.on_heard != NULL)
            h->events.on_heard(h->data, f);
        if (is_due(h, f, all))
            publish(h, f);
    }
}

static void publish_rest(struct holdings *h)
{
    for (size_t i = 0; i < flight_table_slots(h->table); i++) {
        const struct flight *f = flight_table_at(h->table, i);
        if (f != NULL && is_ours(h, f) && h->marks[i].published_tick != h->tick)
            publish(h, f);
    }
}

/* Remembers who may be gone after the expiry, because then the rows are away. */
static void note_old(struct holdings *h, int64_t before_ms)
{
    h->old_count = 0;
    for (size_t i = 0; i < flight_table_slots(h->table); i++) {
        const struct flight *f = flight_table_at(h->table, i);
        if (f == NULL || f->heard_at_ms > before_ms || !is_ours(h, f))
            continue;
        if (h->old_count == h->old_capacity) {
            h->old_capacity = MAX_OF(h->old_capacity * 2, (size_t)64);
            h->olds = xreallocarray(h->olds, h->old_capacity, sizeof *h->olds);
        }
        h->olds[h->old_count++] =
            (struct old){.icao = f->icao, .heard_at_ms = f->heard_at_ms};
    }
}

static void tell_gone(struct holdings *h)
{
    for (size_t i = 0; i < h->old_count; i++) {
        if (flight_table_find(h->table, h->olds[i].icao) == NULL &&
            h->events.on_gone != NULL)
            h->events.on_gone(h->data, h->olds[i].icao, h->olds[i].heard_at_ms);
    }
}

void holdings_step(struct holdings *h, int64_t now_ms, int64_t expire_ms,
                   int64_t adsc_expire_ms, bool all)
{
    publish_touched(h, all);
    if (all)
        publish_rest(h);
    note_old(h, now_ms - MIN_OF(expire_ms, adsc_expire_ms));
    flight_table_expire(h->table, now_ms, expire_ms, adsc_expire_ms, h->tick);
    tell_gone(h);
    h->tick++;
}

size_t holdings_visit(struct holdings *h,
                      void (*fn)(void *data, const struct flight *f), void *data)
{
    size_t count = 0;
    for (size_t i = 0; i < flight_table_slots(h->table); i++) {
        const struct flight *f = flight_table_at(h->table, i);
        if (f == NULL || !is_ours(h, f))
            continue;
        count++;
        if (fn != NULL)
            fn(data, f);
    }
    return count;
}

void holdings_clear(struct holdings *h)
{
    flight_table_clear(h->table);
}
