/*
 * The health of one service of the platform as everyone sees it: the value in
 * Kafka's service-health and in Redis' health hash,
 *   {"service","status":"pass|warn|fail","since","latency_ms","output"?,"depends_on":[]}
 * with `since` in epoch seconds. A plain value; pure functions, any thread.
 * Anyone may write such objects, so reading is strict about what matters
 * (service, status) and forgiving about the rest.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "telemetry/health.h"

struct strbuf;

enum {
    SERVICE_NAME_SIZE = 64,
    SERVICE_DEPENDS_MAX = 12,
    SERVICE_JSON_MAX = 16384 /* a larger object is refused */
};

struct service_health {
    char service[SERVICE_NAME_SIZE];
    enum health_status status;
    int64_t since_ms;   /* epoch ms; 0 = the writer did not say */
    int64_t latency_ms; /* HEALTH_NO_LATENCY when unknown */
    char output[HEALTH_OUTPUT_SIZE];
    size_t depends_count;
    char depends_on[SERVICE_DEPENDS_MAX][SERVICE_NAME_SIZE];
};

/*
 * Reads one health object. 0, or -EINVAL with the reason in ret_error
 * (ret_health untouched). Names are 1..63 printable bytes.
 */
int service_health_parse(const char *json, size_t len,
                         struct service_health *ret_health, struct strbuf *ret_error);

/* Writes the object's members, without the braces, so that more can follow. */
void service_health_write_members(const struct service_health *health,
                                  struct strbuf *out);

/* Writes the whole object: what goes to Kafka and Redis. */
void service_health_write(const struct service_health *health, struct strbuf *out);

/* Adds a dependency unless it is there already or the list is full. */
void service_health_depend(struct service_health *health, const char *on);
