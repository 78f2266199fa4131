/*
 * Keeps flightdash:v1:flights (hash: icao24 -> latest merged JSON) equal to what
 * its owner knows, and announces changes on flightdash:v1:updates (text: how
 * many changed). Written by the tracker. Changes are gathered and leave every
 * 100 ms in few HSET and HDEL commands; a later change of the same aircraft
 * replaces one that waits. After a reconnect, and when Redis turns out to have
 * lost what was written, it asks its owner for everything again; a whole rewrite
 * leaves in pieces, so that neither side is held up. One thread: the link's.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct loop;
struct metrics;
struct redis_link;
struct state_mirror;

#define STATE_MIRROR_KEY     "flightdash:v1:flights"
#define STATE_MIRROR_CHANNEL "flightdash:v1:updates"

enum {
    STATE_MIRROR_PERIOD_MS = 100,
    STATE_MIRROR_CHECK_MS = 1000,
    STATE_MIRROR_WAITING_MAX = 131072 /* aircraft; over it, changes are dropped */
};

/* Should call state_mirror_put for every aircraft of the owner. */
typedef void (*state_mirror_rewrite_fn)(void *data);

struct state_mirror *state_mirror_new(struct redis_link *link, struct loop *loop,
                                      struct metrics *metrics,
                                      state_mirror_rewrite_fn rewrite, void *data);
void state_mirror_free(struct state_mirror *m); /* accepts NULL */

/* The latest object of an aircraft (icao with FLIGHT_NON_ICAO); json is copied. */
void state_mirror_put(struct state_mirror *m, uint32_t icao, const char *json,
                      size_t len);

/* The aircraft is gone. */
void state_mirror_remove(struct state_mirror *m, uint32_t icao);

/* How many aircraft the owner has now; fewer in Redis means that it lost some. */
void state_mirror_expect(struct state_mirror *m, size_t aircraft);

/* Sends all that waits now (before partitions go, before the end). */
void state_mirror_flush(struct state_mirror *m);
