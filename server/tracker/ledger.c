#include "tracker/ledger.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "bus/group_consumer.h"
#include "bus/producer.h"

struct generation {
    struct producer_ticket *ticket;
    int32_t *partitions;
    int64_t *positions;
    size_t count;
};

struct ledger {
    struct generation closed[LEDGER_GENERATIONS]; /* oldest first */
    size_t closed_count;
    struct producer_ticket *ticket;          /* of the generation that is filled now */
    int64_t committed[GROUP_PARTITIONS_MAX]; /* -1 = nothing yet */
};

static void release_generation(struct generation *g)
{
    producer_ticket_release(g->ticket);
    free(g->partitions);
    free(g->positions);
}

struct ledger *ledger_new(void)
{
    struct ledger *l = xcalloc(1, sizeof *l);
    ledger_clear(l);
    return l;
}

void ledger_clear(struct ledger *l)
{
    for (size_t i = 0; i < l->closed_count; i++)
        release_generation(&l->closed[i]);
    l->closed_count = 0;
    producer_ticket_release(l->ticket);
    l->ticket = producer_ticket_new();
    for (size_t i = 0; i < GROUP_PARTITIONS_MAX; i++)
        l->committed[i] = -1;
}

void ledger_free(struct ledger *l)
{
    if (l == NULL)
        return;
    ledger_clear(l);
    producer_ticket_release(l->ticket);
    free(l);
}

bool ledger_full(const struct ledger *l)
{
    return l->closed_count == LEDGER_GENERATIONS;
}

struct producer_ticket *ledger_ticket(struct ledger *l)
{
    return l->ticket;
}

void ledger_close(struct ledger *l, const struct group_consumer *group,
                  const int32_t *partitions, size_t count)
{
    if (ledger_full(l))
        return;
    struct generation *g = &l->closed[l->closed_count++];
    *g = (struct generation){.ticket = l->ticket,
                             .partitions = xcalloc(count + 1, sizeof *g->partitions),
                             .positions = xcalloc(count + 1, sizeof *g->positions)};
    l->ticket = producer_ticket_new();
    for (size_t i = 0; i < count; i++) {
        int64_t position = group_consumer_position(group, partitions[i]);
        if (position < 0)
            continue;
        g->partitions[g->count] = partitions[i];
        g->positions[g->count++] = position;
    }
}

static void commit(struct ledger *l, struct group_consumer *group,
                   const struct generation *g, bool wait)
{
    int32_t *partitions = xcalloc(g->count + 1, sizeof *partitions);
    int64_t *positions = xcalloc(g->count + 1, sizeof *positions);
    size_t count = 0;
    for (size_t i = 0; i < g->count; i++) {
        if (g->positions[i] <= l->committed[g->partitions[i]])
            continue;
        partitions[count] = g->partitions[i];
        positions[count++] = g->positions[i];
    }
    if (group_consumer_commit(group, partitions, positions, count, wait) == 0) {
        for (size_t i = 0; i < count; i++)
            l->committed[partitions[i]] = positions[i];
    }
    free(partitions);
    free(positions);
}

bool ledger_settle(struct ledger *l, struct group_consumer *group, bool wait)
{
    size_t confirmed = 0;
    bool lost = false;
    while (confirmed < l->closed_count && !lost &&
           producer_ticket_pending(l->closed[confirmed].ticket) == 0) {
        lost = producer_ticket_failed(l->closed[confirmed].ticket) > 0;
        confirmed++;
    }
    if (confirmed == 0)
        return false;
    /* A lost generation is not committed; the next one repeats its results. */
    size_t good = confirmed - (lost ? 1 : 0);
    if (good > 0)
        commit(l, group, &l->closed[good - 1], wait);
    for (size_t i = 0; i < confirmed; i++)
        release_generation(&l->closed[i]);
    l->closed_count -= confirmed;
    memmove(l->closed, l->closed + confirmed, l->closed_count * sizeof *l->closed);
    return lost;
}

size_t ledger_open(const struct ledger *l)
{
    return l->closed_count;
}
