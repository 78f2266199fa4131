/*
 * A kind of server that can be asked, as one row: how a question becomes an HTTP
 * request, and how its answer becomes ours. Both are pure functions of texts; all
 * waiting, sharing and failing is upstream.c's. A new kind of server is a new
 * file with one such row and a line in upstream_classes.c.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/strbuf.h"
#include "upstream/ask.h"

enum {
    UPSTREAM_REQUEST_MAX = 32768,  /* bytes of a path with query, or of a body */
    UPSTREAM_RESULT_MAX = 4 << 20, /* bytes of one of our answers */
    UPSTREAM_MESSAGE_MAX = 512
};

/* One request. path is joined to the server's URL; a body makes it a POST. */
struct upstream_plan {
    struct strbuf path;
    struct strbuf body; /* JSON */
    int64_t fresh_ms;   /* the answer may be given again for so long */
    int64_t period_ms;  /* a subscription asks again after so long */
    int64_t start_ms;   /* the window asked for, epoch ms; start = end: an instant */
    int64_t end_ms;
    int64_t step_ms;
    size_t limit;
    const char *link_url; /* where people look, for links; NULL = none */
};

/* What came back. */
struct upstream_reply {
    int status;
    const char *content_type; /* "" when none */
    const char *product;      /* header X-elastic-product, "" when none */
    const char *body;         /* NUL-terminated */
    size_t len;
};

/* What a digest says of the reply. */
enum upstream_verdict {
    UPSTREAM_GOOD,    /* our answer is in ret_text */
    UPSTREAM_REFUSED, /* the server understood and refused the question: our asker's
                         mistake */
    UPSTREAM_BAD /* not an answer that such a server gives, or an error of its own */
};

struct upstream_feed_state;

struct upstream_class {
    const char *name; /* of the health row and the metrics: "prometheus" */
    enum upstream_target target;

    /* A question that any such server answers quickly; proves that it is one. */
    void (*ping)(struct upstream_plan *ret_plan);

    /* 0, or -EINVAL with a message that names the argument. now_ms: epoch. */
    int (*plan)(const struct upstream_args *args, int64_t now_ms,
                struct upstream_plan *ret_plan, struct strbuf *ret_error);

    /* ret_text: members of our answer (GOOD), else the message. */
    enum upstream_verdict (*digest)(const struct upstream_args *args,
                                    const struct upstream_plan *plan,
                                    const struct upstream_reply *reply,
                                    struct strbuf *ret_text);

    /*
     * What a subscription remembers between requests; NULL where each answer is
     * whole by itself (then plan and digest serve subscriptions too).
     */
    struct upstream_feed_state *(*feed_new)(const struct upstream_args *args);
    void (*feed_free)(struct upstream_feed_state *state);
    int (*feed_plan)(struct upstream_feed_state *state, int64_t now_ms,
                     struct upstream_plan *ret_plan, struct strbuf *ret_error);

    /* GOOD with an empty ret_text: nothing new. ret_lost: lines skipped. */
    enum upstream_verdict (*feed_digest)(struct upstream_feed_state *state,
                                         const struct upstream_plan *plan,
                                         const struct upstream_reply *reply,
                                         struct strbuf *ret_text, uint64_t *ret_lost);

    /* What a newcomer needs to be where the others are; empty: wait for the first. */
    void (*feed_catch_up)(const struct upstream_feed_state *state,
                          struct strbuf *ret_text);
};

/* Empties a plan for use; its buffers are bounded. Release when done. */
void upstream_plan_init(struct upstream_plan *plan);
void upstream_plan_release(struct upstream_plan *plan);

/* Adds "?name=value" or "&name=value" to the path, percent-encoded. */
void upstream_plan_param(struct upstream_plan *plan, const char *name,
                         const char *value);

/* An argument as the client gave it; NULL for none, and for an empty one. */
const char *upstream_arg_text(const struct upstream_args *args,
                              enum upstream_arg which);

/* -EINVAL, with why in ret_error: for a plan that cannot be made. */
int upstream_refuse(struct strbuf *ret_error, const char *why);

/*
 * The message for an answer that is none: "answered 500", "answered text/html
 * where JSON was expected".
 */
void upstream_reply_explain(const struct upstream_reply *reply, const char *expected,
                            struct strbuf *ret_text);
