/*
 * Learns what was known of aircraft before their partitions became ours: from
 * Redis, where there is one, then from flight-state and flight-alerts. Bounded
 * in time: RECOVERY_TIMEOUT_MS. Everything on the loop.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flight/observation.h"

struct bus;
struct loop;
struct recovery;
struct redis_link;

enum {
    RECOVERY_TIMEOUT_MS = 15000,
    RECOVERY_REDIS_WAIT_MS = 500,
    RECOVERY_OVERLAP_MS = 30000,  /* what Redis may have missed at the end */
    RECOVERY_ALERTS_MS = 21600000 /* how far back an alert may have begun: 6 h */
};

struct recovery_events {
    void (*on_state)(void *data, const struct observation *obs);
    void (*on_alert)(void *data, const char *json, size_t len);
    /* complete is false when time ran out. Frees itself after this. */
    void (*on_done)(void *data, bool complete);
};

/* state_ms: without Redis, how far back flight-state is read. redis may be NULL. */
struct recovery *recovery_start(struct bus *bus, struct loop *loop,
                                struct redis_link *redis, int64_t state_ms,
                                const struct recovery_events *events, void *data);
void recovery_cancel(struct recovery *r); /* no on_done; accepts NULL */
