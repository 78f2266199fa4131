/*
 * Keeps flightdash:v1:flights (hash: icao24 -> latest merged JSON) equal to what
 * its owner knows, and announces changes on flightdash:v1:updates. Written by
 * the tracker. Changes are gathered and leave every 100 ms in few HSET commands;
 * a later change of the same aircraft replaces one that waits. After a
 * reconnect, and when Redis was flushed, it asks its owner for everything again.
 * One thread: the link's.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct metrics;
struct redis_link;
struct state_mirror;

#define STATE_MIRROR_KEY     "flightdash:v1:flights"
#define STATE_MIRROR_CHANNEL "flightdash:v1:updates"

enum { STATE_MIRROR_PERIOD_MS = 100, STATE_MIRROR_CHECK_MS = 1000 };

/* Calls state_mirror_put for every aircraft of the owner. */
typedef void (*state_mirror_rewrite_fn)(void *data);

struct state_mirror *state_mirror_new(struct redis_link *link, struct loop *loop,
                                      struct metrics *metrics,
                                      state_mirror_rewrite_fn rewrite, void *data);
void state_mirror_free(struct state_mirror *m); /* accepts NULL */

/* The latest object of an aircraft; json is copied. Key: FLIGHT_HEX form. */
void state_mirror_put(struct state_mirror *m, uint32_t icao, const char *json,
                      size_t len);

/* The aircraft is gone (expired), or is another tracker's from now on (forget). */
void state_mirror_remove(struct state_mirror *m, uint32_t icao);
void state_mirror_forget(struct state_mirror *m, uint32_t icao);

/* Sends what waits now (before a partition goes, before the end). */
void state_mirror_flush(struct state_mirror *m);
