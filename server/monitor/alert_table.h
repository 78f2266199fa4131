/*
 * What somebody should look at: emergencies of aircraft (Kafka's flight-alerts),
 * failures of services, and who has acknowledged what. Active alerts and the
 * most recent ended ones. Thread-safe: fed by the bus, Redis and monitor
 * threads, read by the io threads.
 *
 * An alert's id is "kind:subject:since" (subject: ICAO address or service), the
 * same in every process that saw the same event: acknowledgements can be shared.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct alert_table;
struct service_health;
struct strbuf;

enum {
    ALERT_TABLE_MAX = 512,      /* the oldest ended alert makes room, then the oldest */
    ALERT_EARLY_ACKS_MAX = 512, /* for alerts yet to come; the oldest is forgotten */
    ALERT_KIND_SIZE = 24,
    ALERT_SUBJECT_SIZE = 64,
    ALERT_TEXT_SIZE = 160,
    ALERT_ID_SIZE = ALERT_KIND_SIZE + ALERT_SUBJECT_SIZE + 24,
    ALERT_JSON_MAX = 16384
};

enum alert_severity { ALERT_INFO, ALERT_WARNING, ALERT_CRITICAL };

struct alert {
    char id[ALERT_ID_SIZE];
    char kind[ALERT_KIND_SIZE]; /* "emergency", "squawk", "service", ... */
    enum alert_severity severity;
    char subject[ALERT_SUBJECT_SIZE];
    bool about_service; /* the subject is a service, not an aircraft */
    int64_t since_ms;   /* epoch ms */
    int64_t until_ms;   /* 0 while it lasts */
    int64_t acked_ms;   /* 0 = not acknowledged */
    char squawk[8];     /* "" = none */
    char text[ALERT_TEXT_SIZE];
    uint64_t version; /* of the table when it last changed */
};

struct alert_table *alert_table_new(void);
void alert_table_free(struct alert_table *table);

/*
 * Takes a flight-alerts record: {kind, severity, since, until?, icao24,
 * squawk?, text}. False, with the reason, when it cannot be used.
 */
bool alert_table_put_json(struct alert_table *table, const char *json, size_t len,
                          struct strbuf *ret_error);

/*
 * Takes an alert (id and version are filled in): a known one with the same kind
 * and subject and a later `since` ends the earlier. False when nothing changed.
 */
bool alert_table_put(struct alert_table *table, const struct alert *alert);

/* A service failed (begins an alert) or recovered (ends it). */
void alert_table_put_service(struct alert_table *table,
                             const struct service_health *health);

/*
 * Marks an alert as seen. False when there is none with this id (yet: what Redis
 * knows may arrive before Kafka's alert); it is then marked when it comes.
 */
bool alert_table_ack(struct alert_table *table, const char *id, int64_t now_ms);

/* Whether there is an alert with this id. */
bool alert_table_has(struct alert_table *table, const char *id);

/* Grows with every change. */
uint64_t alert_table_version(struct alert_table *table);

/* How many are active and not acknowledged. */
size_t alert_table_open_count(struct alert_table *table);

enum alert_choice { ALERT_ANY, ALERT_ACTIVE, ALERT_ENDED };

/*
 * Writes the chosen alerts that changed after version `after` (0 = all; newest
 * first), at most limit, as a JSON array. Returns how many match.
 */
size_t alert_table_write(struct alert_table *table, uint64_t after,
                         enum alert_choice choice, size_t limit, struct strbuf *out);

/*
 * Calls fn with the object of each alert that changed after version `after`. fn
 * must not call into the table.
 */
typedef void (*alert_visit_fn)(void *data, const char *id, const char *json,
                               size_t len);
void alert_table_visit(struct alert_table *table, uint64_t after, alert_visit_fn fn,
                       void *data);
