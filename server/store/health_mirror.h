/*
 * The platform's health in Redis: hash flightdash:v1:health (service -> health
 * object) with announcements on flightdash:v1:health-changes (the service's
 * name). What anybody writes there and announces is read back and given to
 * on_change; whenever the subscription comes (back) into force the whole hash
 * is read, and when the hash has another length than it had: what somebody took
 * away without a word is noticed within HEALTH_MIRROR_CHECK_MS. What was put here is
 * written again after a reconnect, and when Redis lost or refused it. One thread: the
 * link's.
 */
#pragma once

#include <stddef.h>

struct redis_link;
struct health_mirror;

#define HEALTH_MIRROR_KEY     "flightdash:v1:health"
#define HEALTH_MIRROR_CHANNEL "flightdash:v1:health-changes"

enum {
    HEALTH_MIRROR_NAME_MAX = 63,
    HEALTH_MIRROR_OBJECT_MAX = 16384,
    HEALTH_MIRROR_SERVICES_MAX = 1000,
    HEALTH_MIRROR_CHECK_MS = 2000
};

/* json is what is stored now (not checked); NULL = the service was removed. */
typedef void (*health_mirror_fn)(void *data, const char *service, const char *json,
                                 size_t len);

/* on_change may be NULL: only writing. */
struct health_mirror *health_mirror_new(struct redis_link *link,
                                        health_mirror_fn on_change, void *data);
void health_mirror_free(struct health_mirror *m); /* accepts NULL; before the link */

/* Stores and announces an object. Too long a name or object is not stored. */
void health_mirror_put(struct health_mirror *m, const char *service, const char *json,
                       size_t len);
