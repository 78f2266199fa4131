#include "gateway/route_upstream.h"

#include "base/alloc.h"
#include "gateway/route.h"
#include "gateway/route_args.h"
#include "gateway/route_context.h"
#include "upstream/panels.h"
#include "upstream/upstream.h"

#define JSON_TYPE "application/json"

enum { PANELS_MAX = 1000 };

/* A client that waits for an answer from upstream. */
struct waiting {
    struct exchange_token *token;
    struct upstream_ticket *ticket;
};

static void on_answer(void *data, const struct upstream_answer *answer)
{
    struct waiting *waiting = data;
    struct strbuf body;
    if (answer->kind == UPSTREAM_ERROR) {
        exchange_token_error(waiting->token, answer->http_status, answer->code,
                             answer->text, answer->retry_ms);
    } else {
        route_body_init(&body);
        strbuf_add_char(&body, '{');
        strbuf_add(&body, answer->text, answer->len);
        strbuf_add_text(&body, "}\n");
        exchange_token_reply(waiting->token, 200, JSON_TYPE, strbuf_text(&body),
                             body.len);
        strbuf_release(&body);
    }
    upstream_drop(waiting->ticket);
    free(waiting);
}

/* The parameters of the request become the question's arguments by name. */
static void ask(struct http_exchange *x, enum upstream_target target)
{
    const struct route_context *context = exchange_context(x);
    struct upstream_args args;
    char message[64];
    if (!route_args_known(x))
        return;
    if (!upstream_configured(context->upstream, target)) {
        snprintf(message, sizeof message, "%s: %s", upstream_target_name(target),
                 upstream_absence(target));
        exchange_error(x, 503, "backend_unavailable", message, 0);
        return;
    }
    for (unsigned i = 0; i < UPSTREAM_ARG_COUNT; i++)
        args.text[i] = exchange_param(x, upstream_arg_name((enum upstream_arg)i));
    struct waiting *waiting = xcalloc(1, sizeof *waiting);
    waiting->token = exchange_defer(x);
    waiting->ticket = upstream_query(context->upstream, target, &args, context->loop,
                                     on_answer, waiting);
}

void route_panels(struct http_exchange *x)
{
    struct strbuf body;
    size_t limit = 0;
    if (!route_args_known(x) || !route_args_limit(x, PANELS_MAX, PANELS_MAX, &limit))
        return;
    route_body_init(&body);
    strbuf_add_text(&body, "{\"panels\":");
    const size_t total = panels_write(limit, &body);
    strbuf_addf(&body, ",\"total\":%zu}\n", total);
    route_send(x, JSON_TYPE, &body);
}

void route_metrics_query(struct http_exchange *x)
{
    ask(x, UPSTREAM_METRICS);
}

void route_logs(struct http_exchange *x)
{
    ask(x, UPSTREAM_LOGS);
}

void route_traces(struct http_exchange *x)
{
    ask(x, UPSTREAM_TRACES);
}

void route_analytics(struct http_exchange *x)
{
    ask(x, UPSTREAM_ANALYTICS);
}
