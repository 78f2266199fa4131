/*
 * The monitor role: probes the services it is given and publishes what it finds,
 * to Kafka's service-health (key: service), to Redis' health hash, and to this
 * process' own news. Everything runs on the loop given; created and freed on its
 * thread, or while it does not run. Health row "monitor".
 */
#pragma once

#include "monitor/prober.h"

struct health_board;
struct health_mirror;
struct monitor;
struct news;
struct producer;

struct monitor_deps {
    struct loop *loop;
    struct metrics *metrics;
    struct health_board *board;
    struct producer *producer;    /* NULL = not published to Kafka */
    struct health_mirror *mirror; /* NULL = not published to Redis */
    struct loop *mirror_loop;     /* the loop of the mirror's Redis link */
    struct news *news;            /* NULL = nobody in this process wants it */
};

/* NULL with a line in ret_error when a service cannot be probed as configured. */
struct monitor *monitor_new(const struct probe_config *services, size_t service_count,
                            const struct monitor_deps *deps, struct strbuf *ret_error);
void monitor_free(struct monitor *monitor); /* accepts NULL */
