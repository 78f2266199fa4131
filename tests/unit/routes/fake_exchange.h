/*
 * The transport's part of route.h, for tests of routes without one: a request is
 * a path and a query, the answer is kept. Include once in a test program; the
 * real one (web_server.c) then stays out of it. Deferred answers work as in the
 * server: the exchange waits until its token is used.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/alloc.h"
#include "base/strbuf.h"
#include "gateway/route.h"
#include "gateway/route_context.h"

enum { FAKE_PARAMS_MAX = 16, FAKE_HEADERS_MAX = 4 };

struct fake_pair {
    char name[64];
    char value[2048];
};

struct http_exchange {
    const struct route_context *context;
    const struct route *route;
    struct fake_pair path_params[FAKE_PARAMS_MAX];
    size_t path_param_count;
    struct fake_pair query[FAKE_PARAMS_MAX];
    size_t query_count;
    const char *accept;
    const char *if_none_match;
    struct fake_pair set[FAKE_HEADERS_MAX]; /* headers of the answer */
    size_t set_count;
    bool answered;
    bool deferred;
    int status;
    char content_type[128];
    char *body;
    size_t len;
};

/* In the fake a token is its exchange. */
struct exchange_token {
    int unused;
};

const struct route_context *exchange_context(const struct http_exchange *x)
{
    return x->context;
}

const struct route *exchange_route(const struct http_exchange *x)
{
    return x->route;
}

static const char *fake_find(const struct fake_pair *pairs, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(pairs[i].name, name) == 0)
            return pairs[i].value;
    return NULL;
}

const char *exchange_param(const struct http_exchange *x, const char *name)
{
    const char *value = fake_find(x->path_params, x->path_param_count, name);
    return value ? value : fake_find(x->query, x->query_count, name);
}

bool exchange_query_at(const struct http_exchange *x, size_t i, const char **ret_name,
                       const char **ret_value)
{
    if (i >= x->query_count)
        return false;
    *ret_name = x->query[i].name;
    *ret_value = x->query[i].value;
    return true;
}

const char *exchange_header(const struct http_exchange *x, const char *name)
{
    if (strcmp(name, "accept") == 0)
        return x->accept;
    return strcmp(name, "if-none-match") == 0 ? x->if_none_match : NULL;
}

void exchange_set_header(struct http_exchange *x, const char *name, const char *value)
{
    assert_true(x->set_count < FAKE_HEADERS_MAX);
    struct fake_pair *pair = &x->set[x->set_count++];
    snprintf(pair->name, sizeof pair->name, "%s", name);
    snprintf(pair->value, sizeof pair->value, "%s", value);
}

void exchange_reply_take(struct http_exchange *x, int status, const char *content_type,
                         char *take_body, size_t len)
{
    assert_false(x->answered);
    x->answered = true;
    x->status = status;
    snprintf(x->content_type, sizeof x->content_type, "%s", content_type);
    x->body = take_body;
    x->len = len;
}

void exchange_reply(struct http_exchange *x, int status, const char *content_type,
                    const char *body, size_t len)
{
    exchange_reply_take(x, status, content_type, xstrndup(body, len), len);
}

void exchange_error(struct http_exchange *x, int status, const char *code,
                    const char *message, int64_t retry_ms)
{
    struct strbuf body;
    strbuf_init(&body, 65536);
    strbuf_addf(&body, "{\"error\":{\"code\":\"%s\",\"message\":", code);
    strbuf_add_json(&body, message, strlen(message));
    strbuf_addf(&body, ",\"retry_ms\":%lld}}", (long long)retry_ms);
    const size_t len = body.len;
    exchange_reply_take(x, status, "application/json", strbuf_detach(&body), len);
}

struct exchange_token *exchange_defer(struct http_exchange *x)
{
    x->deferred = true;
    return (struct exchange_token *)(void *)x;
}

struct http_exchange *exchange_resume(struct exchange_token *take_token)
{
    return (struct http_exchange *)(void *)take_token;
}

void exchange_token_reply(struct exchange_token *take_token, int status,
                          const char *content_type, const char *body, size_t len)
{
    exchange_reply(exchange_resume(take_token), status, content_type, body, len);
}

void exchange_token_error(struct exchange_token *take_token, int status,
                          const char *code, const char *message, int64_t retry_ms)
{
    exchange_error(exchange_resume(take_token), status, code, message, retry_ms);
}

/* ---- requests ---- */

static void fake_take(struct fake_pair *pairs, size_t *count, const char *name,
                      size_t name_len, const char *value, size_t value_len)
{
    assert_true(*count < FAKE_PARAMS_MAX);
    struct fake_pair *pair = &pairs[(*count)++];
    snprintf(pair->name, sizeof pair->name, "%.*s", (int)name_len, name);
    snprintf(pair->value, sizeof pair->value, "%.*s", (int)value_len, value);
}

/* True when path fits the row's pattern; its {names} are taken. */
static bool fake_fits(struct http_exchange *x, const char *pattern, const char *path,
                      size_t path_len)
{
    const char *end = path + path_len;
    x->path_param_count = 0;
    while (*pattern && path < end) {
        if (*pattern != '{') {
            if (*pattern++ != *path++)
                return false;
            continue;
        }
        const size_t name_len = strcspn(pattern + 1, "}");
        const size_t value_len = strcspn(path, "/?");
        fake_take(x->path_params, &x->path_param_count, pattern + 1, name_len, path,
                  value_len);
        pattern += name_len + 2;
        path += value_len;
    }
    return !*pattern && path == end;
}

/* Serves "/path?name=value&..." (not percent-encoded) by the row that fits. */
static void fake_get(struct http_exchange *x, const char *target)
{
    const size_t path_len = strcspn(target, "?");
    const struct route_context *context = x->context;
    free(x->body);
    *x = (struct http_exchange){
        .context = context, .accept = x->accept, .if_none_match = x->if_none_match};
    for (const char *p = target + path_len; *p;) {
        const size_t len = strcspn(++p, "&");
        const size_t name_len = strcspn(p, "=");
        fake_take(x->query, &x->query_count, p, name_len, p + name_len + 1,
                  len - name_len - 1);
        p += len;
    }
    for (unsigned i = 0; i < context->route_count && !x->route; i++)
        if (fake_fits(x, context->routes[i].path, target, path_len))
            x->route = &context->routes[i];
    assert_non_null(x->route);
    x->route->handle(x);
    assert_true(x->answered || x->deferred);
}

/* GETs a JSON answer; the caller releases it. */
static json_t *fake_get_json(struct http_exchange *x, const char *target)
{
    fake_get(x, target);
    json_t *root = json_loadb(x->body, x->len, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(root);
    return root;
}
