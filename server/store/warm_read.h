/*
 * Reads the flights hash once, in bounded chunks (HSCAN), for a start with
 * everything already there. It never delays for long: without Redis it ends at
 * once, and after WARM_READ_TIMEOUT_MS in any case. One thread: the link's.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct loop;
struct redis_link;
struct warm_read;

enum { WARM_READ_TIMEOUT_MS = 5000, WARM_READ_CHUNK = 1000 };

/* One stored object (not decoded), then once the end: how many, or -errno. */
struct warm_read_events {
    void (*on_object)(void *data, const char *json, size_t len);
    void (*on_done)(void *data, int64_t objects_or_error);
};

/* Waits up to wait_ms for the link to come up. Frees itself after on_done. */
struct warm_read *warm_read_start(struct redis_link *link, struct loop *loop,
                                  int64_t wait_ms,
                                  const struct warm_read_events *events, void *data);
void warm_read_cancel(struct warm_read *w); /* no on_done; accepts NULL */
