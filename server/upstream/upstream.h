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
#include <stddef.h>
#include <stdint.h>

struct health_board;
struct loop;
struct metrics;
struct strbuf;
struct upstream;
struct upstream_ticket;

/* What can be asked for: UPSTREAM_TARGETS(X) X(ID, "name"). */
#define UPSTREAM_TARGETS(X)                                                            \
    X(METRICS, "metrics")                                                              \
    X(LOGS, "logs")                                                                    \
    X(TRACES, "traces")                                                                \
    X(ANALYTICS, "analytics")

enum upstream_target {
#define X(id, name) UPSTREAM_##id,
    UPSTREAM_TARGETS(X)
#undef X
        UPSTREAM_TARGET_COUNT
};

/* The arguments of a question, by the names clients use: X(ID, "name"). */
#define UPSTREAM_ARGS(X)                                                               \
    X(QUERY, "query")                                                                  \
    X(PANEL, "panel")                                                                  \
    X(RANGE, "range")                                                                  \
    X(STEP, "step")                                                                    \
    X(END, "end")                                                                      \
    X(LEVEL, "level")                                                                  \
    X(SERVICE, "service")                                                              \
    X(SINCE, "since")                                                                  \
    X(UNTIL, "until")                                                                  \
    X(LIMIT, "limit")

enum upstream_arg {
#define X(id, name) UPSTREAM_ARG_##id,
    UPSTREAM_ARGS(X)
#undef X
        UPSTREAM_ARG_COUNT
};

/* Texts as the client gave them; NULL = not given. Copied by those who take it. */
struct upstream_args {
    const char *text[UPSTREAM_ARG_COUNT];
};

enum upstream_answer_kind { UPSTREAM_RESULT, UPSTREAM_ERROR, UPSTREAM_GAP };

/*
 * One answer, the same for all who asked; borrowed until the callback returns.
 * text of a RESULT: the members of a JSON object without its braces, so that
 * the asker can put its own ("type", "id") before them.
 */
struct upstream_answer {
    enum upstream_answer_kind kind;
    const char *text; /* RESULT: JSON members; ERROR: the message, plain text */
    size_t len;
    const char *code; /* ERROR: an error code of the protocol; else "" */
    int http_status;  /* 200, or what suits the code */
    int64_t retry_ms; /* ERROR: worth asking again after this; 0 = no idea */
    uint64_t lost;    /* GAP: log lines that were skipped */
};

typedef void (*upstream_answer_fn)(void *data, const struct upstream_answer *answer);

struct upstream_backend {
    const char *url;              /* NULL or "" = not configured */
    const char *credentials_file; /* one line USER:PASSWORD; NULL = none */
    const char *ca_file;          /* NULL = the system's */
    const char *link_url;         /* where people look (Kibana); NULL = none */
};

struct upstream_config {
    struct upstream_backend backends[UPSTREAM_TARGET_COUNT];
    int64_t timeout_ms; /* of one request; 0 = 8000 */
};

enum {
    UPSTREAM_QUESTIONS_MAX = 256, /* different ones at a time */
    UPSTREAM_TICKETS_MAX = 20000, /* askers waiting or subscribed */
    UPSTREAM_BODY_MAX = 8 << 20,  /* bytes of one answer of a server */
    UPSTREAM_ARG_MAX = 4096       /* bytes of one argument */
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
