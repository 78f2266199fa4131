/*
 * Every service of the platform as this process knows it: health objects from
 * Kafka's service-health, from Redis and from this process' own probes, with
 * the recent changes of each and what it depends on. Thread-safe: fed by the
 * bus, Redis and monitor threads, read by the io threads.
 *
 * Whose word counts: a later report of the same origin always does; a report of
 * another origin only when its `since` is not older than what is known (so that
 * the echo of our own probe through Kafka cannot turn time back).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "monitor/service_health.h"

struct service_table;

enum { SERVICE_TABLE_MAX = 256, SERVICE_HISTORY_MAX = 32 };

enum service_origin { SERVICE_FROM_PROBE, SERVICE_FROM_KAFKA, SERVICE_FROM_REDIS };

/* Told of each change of status, on the thread that reported it. */
typedef void (*service_change_fn)(void *data, const struct service_health *health);

struct service_table *service_table_new(void);
void service_table_free(struct service_table *table);

/* At most one listener, set before threads start. */
void service_table_on_change(struct service_table *table, service_change_fn fn,
                             void *data);

/*
 * Takes one report. now_ms: epoch ms (a `since` that is missing or in the
 * future becomes now). False when it was refused: older, or the table is full.
 */
bool service_table_put(struct service_table *table, enum service_origin origin,
                       const struct service_health *health, int64_t now_ms);

/* Parses and takes one report; false, with the reason, when it cannot be used. */
bool service_table_put_json(struct service_table *table, enum service_origin origin,
                            const char *json, size_t len, int64_t now_ms,
                            struct strbuf *ret_error);

/*
 * An origin takes back what it told of a service: when no other one tells of it, it
 * is gone: not listed any more, told once to readers of changes as
 * {"service":NAME,"removed":true}. True when it is gone now; *ret_last is then what
 * was known of it.
 */
bool service_table_remove(struct service_table *table, enum service_origin origin,
                          const char *service, struct service_health *ret_last);

bool service_table_find(struct service_table *table, const char *service,
                        struct service_health *ret_health);

/*
 * Grows with every report that changed anything; 0 = nothing was ever told. A
 * reader keeps the number up to which it has seen the changes.
 */
uint64_t service_table_version(struct service_table *table);

/*
 * Writes the services that changed after version `after` (0 = all), at most
 * limit of them, as a JSON array: the health object and "root_cause": the names
 * of the failed services below it that have no failed one below themselves.
 * Returns how many match, written or not.
 */
size_t service_table_write(struct service_table *table, uint64_t after, size_t limit,
                           struct strbuf *out);

/*
 * Calls fn with the object of each service that changed after version `after`,
 * in the form of service_table_write. fn must not call into the table.
 */
typedef void (*service_visit_fn)(void *data, const char *service, const char *json,
                                 size_t len);
void service_table_visit(struct service_table *table, uint64_t after,
                         service_visit_fn fn, void *data);

/* Writes one service with its history; false when it is not known. */
bool service_table_write_one(struct service_table *table, const char *service,
                             struct strbuf *out);
