/*
 * What can be asked of the platform's other servers and what is answered: the
 * values that upstream.h passes around. Pure declarations; any thread.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

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

enum {
    UPSTREAM_QUESTIONS_MAX = 256, /* different ones at a time */
    UPSTREAM_TICKETS_MAX = 20000, /* askers waiting or subscribed */
    UPSTREAM_BODY_MAX = 8 << 20,  /* bytes of one answer of a server */
    UPSTREAM_ARG_MAX = 4096       /* bytes of one argument */
};
