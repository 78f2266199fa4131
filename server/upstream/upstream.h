/*
 * Questions to the platform's other servers (Prometheus, Elasticsearch; later
 * Jaeger, Pinot), asked on the upstream thread so that a dead, slow or lying
 * one never touches the flights. Equal questions share one request and its
 * answer; every server has a breaker, a time-out, a size cap and a bounded
 * number of questions.
 *
 * An asker lives on its own loop (an io thread): upstream_query and
 * upstream_subscribe are called there, answers come back there, and after
 * upstream_drop none comes any more. new and free: main, while the upstream
 * loop does not run.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "upstream/ask.h"

struct health_board;
struct loop;
struct metrics;
struct strbuf;
struct upstream;
struct upstream_ticket;

struct upstream_config {
    struct upstream_backend backends[UPSTREAM_TARGET_COUNT];
    int64_t timeout_ms; /* of one request; 0 = 8000 */
};

/*
 * Runs on `loop`. board and metrics are reported to ("prometheus",
 * "elasticsearch" rows for what is configured). NULL with a line in ret_error
 * when a URL or a credentials file is unusable.
 */
struct upstream *upstream_new(const struct upstream_config *config, struct loop *loop,
                              struct metrics *metrics, struct health_board *board,
                              struct strbuf *ret_error);
void upstream_free(struct upstream *u);

/* True when there is a server to ask. Any thread. */
bool upstream_configured(const struct upstream *u, enum upstream_target target);

/* Why there is none: "not configured", or that this version asks no such server. */
const char *upstream_absence(enum upstream_target target);

/* The loop it runs on, for askers that have none of their own. Any thread. */
struct loop *upstream_loop(const struct upstream *u);

/*
 * True when the arguments make a question that can be asked; else false, with
 * what is wrong in ret_error. Says nothing of the server. Any thread.
 */
bool upstream_check(enum upstream_target target, const struct upstream_args *args,
                    struct strbuf *ret_error);

/*
 * Asks once: fn is called exactly once on `loop` (the caller's), never from
 * within this call. A wrong argument, no server, a server that does not answer:
 * all are answers of kind ERROR. The ticket is the caller's until it drops it,
 * which it may do before or after the answer, also inside fn.
 */
struct upstream_ticket *upstream_query(struct upstream *u, enum upstream_target target,
                                       const struct upstream_args *args,
                                       struct loop *loop, upstream_answer_fn fn,
                                       void *data);

/*
 * Asks again and again. metrics: the whole window each time it is new, in the
 * form of a query's result. logs: the newest lines, then those that follow; the
 * text is one JSON object a line, oldest first (empty: no line, but the server
 * answers again). An ERROR is told once, and the subscription goes on; with
 * http_status 400 it was refused for good.
 */
struct upstream_ticket *upstream_subscribe(struct upstream *u,
                                           enum upstream_target target,
                                           const struct upstream_args *args,
                                           struct loop *loop, upstream_answer_fn fn,
                                           void *data);

/* Ends it: fn is not called again. On the asker's loop. Accepts NULL. */
void upstream_drop(struct upstream_ticket *ticket);

/* "metrics" and back; "query" of UPSTREAM_ARG_QUERY. */
const char *upstream_target_name(enum upstream_target target);
bool upstream_target_parse(const char *name, enum upstream_target *ret_target);
const char *upstream_arg_name(enum upstream_arg arg);
