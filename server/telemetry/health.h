/*
 * What this process knows of its own parts: a registry of components ("kafka",
 * "redis", "source:NAME", "state", ...) with status, since when, latency and a
 * line of text. Whoever owns a part reports it with health_set; /healthz,
 * /readyz, the monitor and the health channel read snapshots. Thread-safe; the
 * board is main's and outlives every reporter.
 *
 * The process fails when a component fails without which it cannot do its work
 * (health_is_critical); any other failure makes it warn.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/macros.h"

struct health_board;
struct strbuf;

enum health_status { HEALTH_PASS, HEALTH_WARN, HEALTH_FAIL };

enum {
    HEALTH_NAME_SIZE = 48,
    HEALTH_OUTPUT_SIZE = 240,
    HEALTH_COMPONENTS_MAX = 64, /* later names are not kept */
    HEALTH_NO_LATENCY = -1
};

struct health_entry {
    char name[HEALTH_NAME_SIZE];
    enum health_status status;
    int64_t since_ms;   /* epoch ms at which this status began */
    int64_t checked_ms; /* epoch ms of the last report */
    int64_t latency_ms; /* HEALTH_NO_LATENCY when there is none */
    char output[HEALTH_OUTPUT_SIZE];
};

struct health_board *health_board_new(void);
void health_board_free(struct health_board *board);

/*
 * Reports a component: printf-like text says what is the matter.
 * A NULL board is accepted and does nothing, for tests of the reporters.
 */
void health_set(struct health_board *board, const char *name, enum health_status status,
                int64_t latency_ms, const char *fmt, ...) PRINTF_LIKE(5, 6);

/* Reports that all is well. */
void health_pass(struct health_board *board, const char *name, int64_t latency_ms);

/* Forgets a component (a source that a reload took away). */
void health_remove(struct health_board *board, const char *name);

/* Copies at most max entries, by name; returns how many. */
size_t health_snapshot(struct health_board *board, struct health_entry *ret_entries,
                       size_t max);

/* The entry of one component; false when nobody has reported it. */
bool health_find(struct health_board *board, const char *name,
                 struct health_entry *ret_entry);

/* Pass, warn or fail of the process as a whole. */
enum health_status health_overall(struct health_board *board);

/* Grows with every change of a status or text: cheap "anything new?". */
uint64_t health_version(const struct health_board *board);

/* Ready: caught up and serving. Draining: on the way out, never ready again. */
void health_board_ready(struct health_board *board, bool ready);
void health_board_draining(struct health_board *board);
bool health_is_ready(const struct health_board *board);
bool health_is_draining(const struct health_board *board);

/* True for the components whose failure is the process' failure. */
bool health_is_critical(const char *name);

/* "pass", "warn", "fail"; and back (false when text is none of them). */
const char *health_status_text(enum health_status status);
bool health_status_parse(const char *text, enum health_status *ret_status);

/*
 * The board as one application/health+json document
 * (draft-inadarei-api-health-check-06). service: "flightdashd"; now_ms: epoch.
 */
void health_write(struct health_board *board, const char *service, int64_t now_ms,
                  struct strbuf *out);
