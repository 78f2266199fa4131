#include "gateway/upstream_provider.h"

#include <jansson.h>

#include "base/alloc.h"
#include "base/strbuf.h"
#include "gateway/feed.h"
#include "gateway/provider.h"
#include "net/loop.h"
#include "upstream/upstream.h"

enum { OBJECT_MAX = 8 << 20, NUMBER_SIZE = 32 };

static const char too_large[] =
    "{\"error\":{\"code\":\"too_large\",\"message\":\"the answer is over 128 KiB: ask "
    "for fewer series, or a larger step\",\"retry_ms\":0}}";

struct upstream_provider {
    struct provider face;
    struct upstream *upstream;
};

/* The arguments of a request; what is not a text of the request is owned. */
struct arguments {
    struct upstream_args args;
    json_t *message; /* keeps texts alive */
    char numbers[UPSTREAM_ARG_COUNT][NUMBER_SIZE];
};

/* One opening of a channel, or one question; lives on the upstream loop. */
struct opening {
    struct upstream *upstream;
    enum upstream_target target;
    struct arguments arguments;
    struct upstream_ticket *ticket;
    struct feed_port *port;    /* of a channel */
    struct query_reply *reply; /* of a question */
};

/* ---- arguments ---- */

static void take_named(const struct provider_request *request,
                       struct upstream_args *args)
{
    args->text[UPSTREAM_ARG_PANEL] = request->panel;
    args->text[UPSTREAM_ARG_QUERY] = request->query;
    args->text[UPSTREAM_ARG_RANGE] = request->range;
    args->text[UPSTREAM_ARG_STEP] = request->step;
    args->text[UPSTREAM_ARG_LEVEL] = request->level;
    args->text[UPSTREAM_ARG_SERVICE] = request->service;
}

/* Members of the client's message by the arguments' names; numbers as texts. */
static void take_members(struct arguments *a)
{
    for (unsigned i = 0; i < UPSTREAM_ARG_COUNT; i++) {
        const json_t *value =
            json_object_get(a->message, upstream_arg_name((enum upstream_arg)i));
        if (json_is_string(value)) {
            a->args.text[i] = json_string_value(value);
        } else if (json_is_number(value)) {
            snprintf(a->numbers[i], NUMBER_SIZE, "%.3f", json_number_value(value));
            char *end = a->numbers[i] + strlen(a->numbers[i]);
            while (end[-1] == '0') /* 100, not 100.000 */
                *--end = '\0';
            if (end[-1] == '.')
                end[-1] = '\0';
            a->args.text[i] = a->numbers[i];
        }
    }
}

static void release_arguments(struct arguments *a)
{
    json_decref(a->message);
    a->message = NULL;
}

/* Texts of the request may go away: everything is taken from our own copy. */
static void read_arguments(const struct provider_request *request, struct arguments *a)
{
    if (request->json)
        a->message = json_loadb(request->json, request->json_len, 0, NULL);
    if (a->message) {
        take_members(a);
        return;
    }
    take_named(request, &a->args);
    a->message = json_object();
    for (unsigned i = 0; i < UPSTREAM_ARG_COUNT; i++) {
        const char *name = upstream_arg_name((enum upstream_arg)i);
        if (!a->args.text[i])
            continue;
        json_object_set_new(a->message, name, json_string(a->args.text[i]));
        a->args.text[i] = json_string_value(json_object_get(a->message, name));
    }
}

/* ---- answers ---- */

static void write_error(const struct upstream_answer *answer, struct strbuf *out)
{
    strbuf_addf(out, "{\"error\":{\"code\":\"%s\",\"message\":", answer->code);
    strbuf_add_json(out, answer->text, answer->len);
    strbuf_addf(out, ",\"retry_ms\":%lld}}", (long long)answer->retry_ms);
}

static void put_lines(struct feed_port *port, const char *text)
{
    for (const char *p = text; *p;) {
        const size_t len = strcspn(p, "\n");
        feed_port_put(port, "", p, len);
        p += len;
        p += *p == '\n';
    }
}

static void on_news(void *data, const struct upstream_answer *answer)
{
    struct opening *opening = data;
    struct strbuf object;
    if (answer->kind == UPSTREAM_RESULT && opening->target == UPSTREAM_LOGS) {
        put_lines(opening->port, answer->text);
        return;
    }
    strbuf_init(&object, OBJECT_MAX);
    switch (answer->kind) {
    case UPSTREAM_RESULT: strbuf_addf(&object, "{%s}", answer->text); break;
    case UPSTREAM_ERROR: write_error(answer, &object); break;
    case UPSTREAM_GAP:
        strbuf_addf(&object, "{\"lost\":%llu}", (unsigned long long)answer->lost);
        break;
    }
    if (object.len > FEED_OBJECT_MAX)
        feed_port_put(opening->port, "", too_large, sizeof too_large - 1);
    else
        feed_port_put(opening->port, "", strbuf_text(&object), object.len);
    strbuf_release(&object);
}

static void opening_free(struct opening *opening)
{
    upstream_drop(opening->ticket);
    feed_port_unref(opening->port);
    release_arguments(&opening->arguments);
    free(opening);
}

static void on_reply(void *data, const struct upstream_answer *answer)
{
    struct opening *opening = data;
    struct strbuf object;
    if (answer->kind == UPSTREAM_ERROR) {
        query_reply_error(opening->reply, answer->code, answer->text, answer->retry_ms);
    } else {
        strbuf_init(&object, OBJECT_MAX);
        strbuf_addf(&object, "{%s}", answer->text);
        query_reply_result(opening->reply, strbuf_text(&object), object.len);
        strbuf_release(&object);
    }
    opening_free(opening);
}

/* ---- on the upstream loop ---- */

static void follow(void *data)
{
    struct opening *opening = data;
    opening->ticket =
        upstream_subscribe(opening->upstream, opening->target, &opening->arguments.args,
                           upstream_loop(opening->upstream), on_news, opening);
}

static void unfollow(void *data)
{
    opening_free(data);
}

static void ask(void *data)
{
    struct opening *opening = data;
    opening->ticket =
        upstream_query(opening->upstream, opening->target, &opening->arguments.args,
                       upstream_loop(opening->upstream), on_reply, opening);
}

/* ---- the provider, on an io thread ---- */

/* NULL, with code and message, when the request cannot be served. */
static struct opening *opening_new(struct upstream *upstream,
                                   const struct provider_request *request,
                                   const char **ret_code, struct strbuf *ret_message)
{
    enum upstream_target target = UPSTREAM_METRICS;
    if (!upstream_target_parse(request->channel, &target)) {
        *ret_code = "bad_request";
        strbuf_add_text(ret_message, "target: metrics, logs, traces or analytics");
        return NULL;
    }
    if (!upstream_configured(upstream, target)) {
        *ret_code = "backend_unavailable";
        strbuf_addf(ret_message, "%s: %s", request->channel, upstream_absence(target));
        return NULL;
    }
    struct opening *opening = xcalloc(1, sizeof *opening);
    opening->upstream = upstream;
    opening->target = target;
    read_arguments(request, &opening->arguments);
    if (upstream_check(target, &opening->arguments.args, ret_message))
        return opening;
    *ret_code = "bad_request";
    opening_free(opening);
    return NULL;
}

static void *provider_open(void *data, const struct provider_request *request,
                           struct feed_port *port, const char **ret_code,
                           struct strbuf *ret_message)
{
    const struct upstream_provider *provider = data;
    struct opening *opening =
        opening_new(provider->upstream, request, ret_code, ret_message);
    if (!opening)
        return NULL;
    opening->port = feed_port_ref(port);
    loop_post(upstream_loop(provider->upstream), follow, opening);
    return opening;
}

static void provider_close(void *data, void *handle)
{
    const struct upstream_provider *provider = data;
    loop_post(upstream_loop(provider->upstream), unfollow, handle);
}

static void provider_query(void *data, const struct provider_request *request,
                           struct query_reply *take_reply)
{
    const struct upstream_provider *provider = data;
    const char *code = "";
    struct strbuf message;
    strbuf_init(&message, UPSTREAM_ARG_MAX);
    struct opening *opening = opening_new(provider->upstream, request, &code, &message);
    if (opening) {
        opening->reply = take_reply;
        loop_post(upstream_loop(provider->upstream), ask, opening);
    } else {
        query_reply_error(take_reply, code, strbuf_text(&message), 0);
    }
    strbuf_release(&message);
}

struct upstream_provider *upstream_provider_new(struct upstream *upstream)
{
    struct upstream_provider *provider = xcalloc(1, sizeof *provider);
    provider->upstream = upstream;
    provider->face = (struct provider){.data = provider,
                                       .open = provider_open,
                                       .close = provider_close,
                                       .query = provider_query};
    return provider;
}

void upstream_provider_free(struct upstream_provider *provider)
{
    free(provider);
}

const struct provider *upstream_provider(const struct upstream_provider *provider)
{
    return &provider->face;
}
