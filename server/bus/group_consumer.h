/*
 * Reads a topic as a member of a consumer group: the members share the
 * partitions, and what one leaves another takes over from the committed offset.
 * Offsets are committed only when the user says that the results are safe.
 * Callbacks run on the loop's thread, which creates and frees it (or while the
 * loop does not run). Joining, committing and leaving may wait for Kafka for
 * up to 3 s: the loop must have nothing urgent beside it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bus/bus.h"

struct loop;
struct group_consumer;

enum { GROUP_PARTITIONS_MAX = 1024 };

struct group_events {
    bus_records_fn on_records;
    /*
     * These partitions are ours, all of them. Get ready (recover what is known
     * of them), then call group_consumer_begin: records follow only then.
     */
    void (*on_assigned)(void *data, const int32_t *partitions, size_t count);
    /*
     * These are about to go, all we have: make the results safe and commit now.
     * When `lost`, others already own them and a commit would be refused.
     */
    void (*on_revoked)(void *data, const int32_t *partitions, size_t count, bool lost);
};

struct group_config {
    enum topic topic;
    const char *group; /* group.id, copied */
    /* Where nothing is committed, reading starts this long ago; 0 = from the beginning.
     */
    int64_t fresh_start_ms;
};

/* NULL with a line in ret_error when the configuration is bad. */
struct group_consumer *group_consumer_new(struct bus *bus,
                                          const struct group_config *config,
                                          struct loop *loop,
                                          const struct group_events *events, void *data,
                                          struct strbuf *ret_error);

/* Leaves the group (on_revoked is called). Accepts NULL; not inside a callback. */
void group_consumer_free(struct group_consumer *c);

/* Starts reading what on_assigned named; inside it or later. */
void group_consumer_begin(struct group_consumer *c);

/* The offset after the last record delivered of a partition; -1 = none yet. */
int64_t group_consumer_position(const struct group_consumer *c, int32_t partition);

/*
 * Commits the next offsets to read. With `wait` it waits for the answer, at most
 * 2 s: 0, or -EIO when it was refused or did not come.
 */
int group_consumer_commit(struct group_consumer *c, const int32_t *partitions,
                          const int64_t *next_offsets, size_t count, bool wait);
