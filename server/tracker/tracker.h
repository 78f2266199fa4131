/*
 * The tracker role: a member of the group "flightdash-tracker" over
 * flight-updates that keeps the latest state of its aircraft and writes it to
 * flight-state (about once a second for an aircraft that changed; a tombstone
 * when it expired) and to Redis; emergencies that begin and end to
 * flight-alerts; minute counts to flight-stats; records that cannot be used to
 * flight-dead-letters. Offsets are committed when the results are safe in Kafka,
 * so a tracker may be killed at any time and nothing is lost.
 *
 * Everything runs on the loop given; created and freed on its thread (or while
 * it does not run).
 */
#pragma once

#include <stdint.h>

struct bus;
struct health_board;
struct loop;
struct metrics;
struct producer;
struct redis_link;
struct strbuf;
struct tracker;

struct tracker_config {
    int64_t expire_ms;       /* not heard for this long: gone (300 s) */
    int64_t adsc_expire_ms;  /* the same for ADS-C (35 min) */
    int64_t state_period_ms; /* 0 = 1000 */
    int64_t stats_period_ms; /* 0 = 60000 */
};

struct tracker_deps {
    struct loop *loop;
    struct bus *bus;
    struct producer *producer;
    struct metrics *metrics;
    struct health_board *board;
    struct redis_link *redis; /* NULL = no mirror */
};

/* NULL with a line in ret_error when the configuration is bad. */
struct tracker *tracker_new(const struct tracker_config *config,
                            const struct tracker_deps *deps, struct strbuf *ret_error);

/* Flushes, commits, leaves the group: up to 5 s when Kafka is slow. Accepts NULL. */
void tracker_free(struct tracker *t);
