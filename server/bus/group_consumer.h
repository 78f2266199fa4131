/*
 * Reads a topic as a member of a consumer group: the members share the
 * partitions, and what one leaves another takes over from the committed offset.
 * Offsets are committed only when the user says that the results are safe.
 * Callbacks run on the loop's thread, which creates and frees it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bus/bus.h"
#include "bus/consumer.h"

struct loop;
struct group_consumer;

struct group_events {
    bus_records_fn on_records;
    /* These partitions are ours from now on; records follow (unless held). */
    void (*on_assigned)(void *data, const int32_t *partitions, size_t count);
    /*
     * These are about to go: make results safe and commit now. When `lost`,
     * others already own them, and committing would fail.
     */
    void (*on_revoked)(void *data, const int32_t *partitions, size_t count, bool lost);
};

struct group_config {
    enum topic topic;
    const char *group; /* group.id, copied */
};

/* NULL with a line in ret_error when the configuration is bad. */
struct group_consumer *group_consumer_new(struct bus *bus,
                                          const struct group_config *config,
                                          struct loop *loop,
                                          const struct group_events *events, void *data,
                                          struct strbuf *ret_error);

/* Leaves the group (on_revoked is called). Accepts NULL; not inside a callback. */
void group_consumer_free(struct group_consumer *c);

/* While held, on_records is not called; the group goes on. For recovery. */
void group_consumer_hold(struct group_consumer *c, bool hold);

/* One more than the largest offset delivered of a partition; -1 = none yet. */
int64_t group_consumer_position(const struct group_consumer *c, int32_t partition);

/*
 * Commits next_offset (the next record to read) of a partition; `wait` waits
 * for the broker's answer, at most 2 s. 0, or -EIO when it was refused.
 */
int group_consumer_commit(struct group_consumer *c, const int32_t *partitions,
                          const int64_t *next_offsets, size_t count, bool wait);
