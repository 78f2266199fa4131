/*
 * One server that is asked: its address and credentials, its breaker, its health
 * row and counters. Asks it something at least every BACKEND_PING_MS, so that
 * its health is known and a breaker closes again with nobody asking. Lives on
 * the upstream loop.
 */
#pragma once

#include <stdint.h>

#include "upstream/upstream_class.h"

struct backend;
struct health_board;
struct http_client;
struct metrics;

enum { BACKEND_PING_MS = 10000, BACKEND_TIMEOUT_MS = 8000 };

struct backend_deps {
    struct http_client *http;
    struct metrics *metrics;
    struct health_board *board;
    int64_t timeout_ms; /* 0 = BACKEND_TIMEOUT_MS */
};

/* What a question is, for backend_ask; all must live until done or cancelled. */
struct backend_question {
    const struct upstream_plan *plan;
    /* Makes our answer of a reply; pure. */
    enum upstream_verdict (*digest)(void *data, const struct upstream_reply *reply,
                                    struct strbuf *ret_text);
    /* text: our answer (GOOD) or the message. Called once, on the loop. */
    void (*done)(void *data, enum upstream_verdict verdict, struct strbuf *text,
                 int64_t retry_ms);
    void *data;
};

/* NULL with a line in ret_error when URL or credentials cannot be used. */
struct backend *backend_new(const struct upstream_class *class,
                            const struct upstream_backend *config,
                            const struct backend_deps *deps, struct strbuf *ret_error);
void backend_free(struct backend *b); /* accepts NULL */

const char *backend_name(const struct backend *b);
const char *backend_link_url(const struct backend *b);

/*
 * Sends a question; NULL when the breaker is open (ret_retry_ms: for how long;
 * backend_trouble: why). done may be called only after this returned.
 */
struct backend_ask *backend_ask(struct backend *b,
                                const struct backend_question *question,
                                int64_t *ret_retry_ms);

/* Withdraws a question: done is not called. */
void backend_cancel(struct backend_ask *ask);

/* The last failure in words. */
const char *backend_trouble(const struct backend *b);

/* To be called about once a second: pings when nobody has asked for long. */
void backend_tick(struct backend *b, int64_t now_ms);
