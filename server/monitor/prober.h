/*
 * Asks every service of a list how it is, each on its period with jitter, and
 * tells what it heard as health objects: on each change, and at least every
 * PROBER_REPEAT_MS. Runs on one loop, which should have a thread to itself
 * (looking up host names blocks).
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct loop;
struct metrics;
struct prober;
struct service_health;
struct strbuf;

enum {
    PROBER_SERVICES_MAX = 64,
    PROBER_PERIOD_MS = 5000,
    PROBER_CONFIRM_MS = 1000, /* a change is checked again so soon */
    PROBER_TIMEOUT_MS = 3000,
    PROBER_SLOW_MS = 1000, /* an answer slower than this is a warning */
    PROBER_REPEAT_MS = 30000
};

/* One service. Texts are copied. */
struct probe_config {
    const char *service;    /* "redis" */
    const char *kind;       /* a row of probe_kind.c */
    const char *address;    /* URL of its health for "http", else host:port[,...] */
    const char *depends_on; /* names joined by commas; NULL = none */
};

struct prober_config {
    const struct probe_config *services;
    size_t service_count;
    int64_t period_ms;  /* 0 = PROBER_PERIOD_MS */
    int64_t timeout_ms; /* 0 = PROBER_TIMEOUT_MS */
    void (*on_health)(void *data, const struct service_health *health);
    void *data;
};

/* NULL with a line in ret_error when a service cannot be probed as configured. */
struct prober *prober_new(const struct prober_config *config, struct loop *loop,
                          struct metrics *metrics, struct strbuf *ret_error);
void prober_free(struct prober *prober); /* accepts NULL */
