/*
 * The platform's health in Redis: hash flightdash:v1:health (service -> health
 * object) with announcements on flightdash:v1:health-changes (the service's
 * name). What anybody writes there and announces is read back and given to
 * on_change; after every reconnect the whole hash is read. One thread: the
 * link's.
 */
#pragma once

#include <stddef.h>

struct redis_link;
struct health_mirror;

#define HEALTH_MIRROR_KEY     "flightdash:v1:health"
#define HEALTH_MIRROR_CHANNEL "flightdash:v1:health-changes"

enum { HEALTH_MIRROR_OBJECT_MAX = 16384, HEALTH_MIRROR_SERVICES_MAX = 1000 };

/* json is what is stored now (not checked); NULL = the service was removed. */
typedef void (*health_mirror_fn)(void *data, const char *service, const char *json,
                                 size_t len);

/* on_change may be NULL (only writing). */
struct health_mirror *health_mirror_new(struct redis_link *link,
                                        health_mirror_fn on_change, void *data);
void health_mirror_free(struct health_mirror *m); /* accepts NULL */

/* Stores and announces an object; again by itself after a reconnect. */
void health_mirror_put(struct health_mirror *m, const char *service, const char *json,
                       size_t len);
