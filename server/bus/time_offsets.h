/*
 * "Which offsets hold the first records at or after this time?": asked of the
 * broker on the bus' own thread, so that the asking loop never waits; poll
 * time_offsets_state. Asker's thread, except where said.
 */
#pragma once

#include <stdint.h>

#include "bus/topic.h"

struct bus;
struct time_offsets;

enum time_offsets_state {
    TIME_OFFSETS_WAITING,
    TIME_OFFSETS_READY,
    TIME_OFFSETS_FAILED
};

/*
 * Asks for all `partitions` of the topic. start_ms: wall time, or one of
 * offset_query.h's numbers.
 */
struct time_offsets *time_offsets_ask(struct bus *bus, enum topic topic, int partitions,
                                      int64_t start_ms);

/* Any time, answered or not. Accepts NULL. */
void time_offsets_free(struct time_offsets *t);

enum time_offsets_state time_offsets_state(const struct time_offsets *t);

/* When ready: the offset, see offset_query. */
int64_t time_offsets_at(const struct time_offsets *t, int partition);

/* When ready: where the partition ended when it was asked. */
int64_t time_offsets_end(const struct time_offsets *t, int partition);
