#include "gateway/exchange.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/macros.h"
#include "gateway/route.h"
#include "gateway/route_context.h"
#include "net/loop.h"

/* What a token and the exchange know of each other; io thread only. */
struct exchange_ref {
    uint32_t refs;
    struct http_exchange *x; /* NULL when it is gone */
};

struct exchange_token {
    struct exchange_ref *ref;
    struct loop *loop;
    int status; /* of the answer under way */
    char content_type[128];
    char *body;
    size_t len;
    bool failed;
    char code[32];
    int64_t retry_ms;
};

static void ref_drop(struct exchange_ref *ref)
{
    if (--ref->refs == 0)
        free(ref);
}

struct http_exchange *exchange_new(const struct route_context *context,
                                   const char *peer, struct http_request *take_request,
                                   int64_t now_ms, void (*on_answer)(void *data),
                                   void *data)
{
    struct http_exchange *x = xcalloc(1, sizeof *x);
    x->on_answer = on_answer;
    x->data = data;
    x->context = context;
    x->peer = peer;
    x->request = *take_request;
    x->began_ms = now_ms;
    *take_request = (struct http_request){0};
    strbuf_init(&x->headers, HTTP_REPLY_HEADERS_MAX);
    return x;
}

void exchange_free(struct http_exchange *x)
{
    if (x == NULL)
        return;
    if (x->deferred != NULL) {
        x->deferred->x = NULL;
        ref_drop(x->deferred);
    }
    http_request_release(&x->request);
    free(x->segments);
    strbuf_release(&x->headers);
    free(x->body);
    free(x->reply);
    free(x);
}

/* --- reading ------------------------------------------------------------ */

const struct route_context *exchange_context(const struct http_exchange *x)
{
    return x->context;
}

const struct route *exchange_route(const struct http_exchange *x)
{
    return x->hit.route;
}

const char *exchange_param(const struct http_exchange *x, const char *name)
{
    const char *value = route_param_value(&x->hit, name);
    for (size_t i = 0; value == NULL && i < x->request.query_count; i++)
        if (strcmp(x->request.query[i].name, name) == 0)
            value = x->request.query[i].value;
    return value;
}

bool exchange_query_at(const struct http_exchange *x, size_t i, const char **ret_name,
                       const char **ret_value)
{
    if (i >= x->request.query_count)
        return false;
    *ret_name = x->request.query[i].name;
    *ret_value = x->request.query[i].value;
    return true;
}

const char *exchange_header(const struct http_exchange *x, const char *name)
{
    return http_request_header(&x->request, name);
}

const char *exchange_body(const struct http_exchange *x, size_t *ret_len)
{
    *ret_len = x->body != NULL ? x->request.body_len : 0;
    return x->body != NULL ? x->body : "";
}

const char *exchange_method(const struct http_exchange *x)
{
    return x->request.method;
}

const char *exchange_path(const struct http_exchange *x)
{
    return x->request.path;
}

const char *exchange_peer(const struct http_exchange *x)
{
    return x->peer;
}

/* --- answering ---------------------------------------------------------- */

void exchange_set_header(struct http_exchange *x, const char *name, const char *value)
{
    /* A line break in a value would end the header: such a value is not sent. */
    if (strpbrk(value, "\r\n") == NULL)
        strbuf_addf(&x->headers, "%s: %s\r\n", name, value);
}

void exchange_reply_take(struct http_exchange *x, int status, const char *content_type,
                         char *take_body, size_t len)
{
    assert(!x->answered);
    if (len > HTTP_REPLY_MAX) {
        free(take_body);
        exchange_error(x, 500, "too_large", "the answer is over 64 MiB: ask for less",
                       0);
        return;
    }
    x->answered = true;
    x->status = status;
    snprintf(x->content_type_text, sizeof x->content_type_text, "%s",
             content_type != NULL ? content_type : "");
    x->reply = take_body;
    x->reply_len = len;
    x->on_answer(x->data);
}

void exchange_reply(struct http_exchange *x, int status, const char *content_type,
                    const char *body, size_t len)
{
    char *copy = xmalloc(len + 1);
    memcpy(copy, body, len);
    copy[len] = '\0';
    exchange_reply_take(x, status, content_type, copy, len);
}

void exchange_error(struct http_exchange *x, int status, const char *code,
                    const char *message, int64_t retry_ms)
{
    struct strbuf body;
    strbuf_init(&body, 8192);
    strbuf_addf(&body, "{\"error\":{\"code\":\"%s\",\"message\":", code);
    strbuf_add_json(&body, message, strnlen(message, 1000));
    strbuf_addf(&body, ",\"retry_ms\":%" PRId64 "}}\n", retry_ms);
    if (retry_ms > 0) {
        char seconds[24];
        snprintf(seconds, sizeof seconds, "%" PRId64, (retry_ms + 999) / 1000);
        exchange_set_header(x, "Retry-After", seconds);
    }
    size_t len = body.len;
    exchange_reply_take(x, status, "application/json", strbuf_detach(&body), len);
}

struct exchange_token *exchange_defer(struct http_exchange *x)
{
    assert(x->deferred == NULL && !x->answered);
    struct exchange_ref *ref = xmalloc(sizeof *ref);
    *ref = (struct exchange_ref){.refs = 2, .x = x};
    x->deferred = ref;
    struct exchange_token *token = xcalloc(1, sizeof *token);
    token->ref = ref;
    token->loop = x->context->loop;
    return token;
}

struct http_exchange *exchange_resume(struct exchange_token *take_token)
{
    struct http_exchange *x = take_token->ref->x;
    if (x != NULL && x->answered) /* with a 504, meanwhile */
        x = NULL;
    ref_drop(take_token->ref);
    free(take_token->body);
    free(take_token);
    return x;
}

static void deliver(void *data)
{
    struct exchange_token *token = data;
    struct http_exchange *x = token->ref->x;
    if (x != NULL && x->answered)
        x = NULL;
    if (x != NULL && token->failed) {
        exchange_error(x, token->status, token->code, token->body, token->retry_ms);
    } else if (x != NULL) {
        exchange_reply_take(x, token->status, token->content_type, token->body,
                            token->len);
        token->body = NULL;
    }
    exchange_resume(token);
}

void exchange_token_reply(struct exchange_token *take_token, int status,
                          const char *content_type, const char *body, size_t len)
{
    take_token->status = status;
    snprintf(take_token->content_type, sizeof take_token->content_type, "%s",
             content_type);
    take_token->body = xmalloc(len + 1);
    memcpy(take_token->body, body, len);
    take_token->body[len] = '\0';
    take_token->len = len;
    loop_post(take_token->loop, deliver, take_token);
}

void exchange_token_error(struct exchange_token *take_token, int status,
                          const char *code, const char *message, int64_t retry_ms)
{
    take_token->failed = true;
    take_token->status = status;
    take_token->retry_ms = retry_ms;
    memcpy(take_token->code, code, strnlen(code, sizeof take_token->code - 1));
    take_token->body = xstrdup(message);
    loop_post(take_token->loop, deliver, take_token);
}

const char *http_reason(int status)
{
    static const struct {
        int status;
        const char *reason;
    } reasons[] = {
        {101, "Switching Protocols"},
        {200, "OK"},
        {204, "No Content"},
        {304, "Not Modified"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {408, "Request Timeout"},
        {411, "Length Required"},
        {413, "Content Too Large"},
        {414, "URI Too Long"},
        {426, "Upgrade Required"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {503, "Service Unavailable"},
        {504, "Gateway Timeout"},
        {505, "HTTP Version Not Supported"},
    };
    for (size_t i = 0; i < ARRAY_LEN(reasons); i++)
        if (reasons[i].status == status)
            return reasons[i].reason;
    return "Status";
}
