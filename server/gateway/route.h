/*
 * HTTP routes as rows, and the verbs with which a route answers. Routes never
 * see the transport (web_server and web_connection alone use libwebsockets). All on the
 * io thread that holds the connection, except exchange_token_*: any thread.
 *
 * A handler answers once: exchange_reply or exchange_error before it returns,
 * or exchange_defer and an answer through the token later. HEAD is served by
 * the GET row, OPTIONS by the server; both without the handler's help.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct exchange_token;
struct http_exchange;
struct route_context;

enum route_flags {
    ROUTE_PUBLIC = 1 /* no token is asked even when auth is on (/livez ...) */
};

enum {
    HTTP_REPLY_MAX = 64 << 20, /* bytes of a reply's body */
    HTTP_BODY_MAX = 64 << 10,  /* bytes of a request's body: 413 */
    HTTP_QUERY_MAX = 4096      /* bytes of a request's query string: 414 */
};

/* For openapi.json; the name is what exchange_param is asked for. */
struct route_param {
    const char *name;
    const char *in;     /* "path" or "query" */
    const char *schema; /* JSON schema text: {"type":"integer","minimum":1} */
    const char *description;
    bool required;
};

struct route {
    const char *method; /* "GET", "POST" */
    const char *path;   /* "/api/v1/flights/{icao24}"; a {name} is one segment */
    void (*handle)(struct http_exchange *x);
    const char *summary;
    const struct route_param *params;
    size_t param_count;
    unsigned flags; /* enum route_flags */
};

const struct route_context *exchange_context(const struct http_exchange *x);

/* The row that is being served (a HEAD: the GET row). */
const struct route *exchange_route(const struct http_exchange *x);

/*
 * The decoded value of a {name} of the path or of a query parameter (the first
 * of that name), NULL when absent. Borrowed until the exchange ends.
 */
const char *exchange_param(const struct http_exchange *x, const char *name);

/* The i-th query parameter, for checks against unknown names; false past the end. */
bool exchange_query_at(const struct http_exchange *x, size_t i, const char **ret_name,
                       const char **ret_value);

/* A request header by lower-case name ("accept", "if-none-match", "host"), or NULL. */
const char *exchange_header(const struct http_exchange *x, const char *name);

/* The request's body, "" when there is none. */
const char *exchange_body(const struct http_exchange *x, size_t *ret_len);

const char *exchange_method(const struct http_exchange *x);
const char *exchange_path(const struct http_exchange *x);
const char *exchange_peer(const struct http_exchange *x); /* address as text */

/* Adds a header to the reply (ETag, Cache-Control); before the reply. */
void exchange_set_header(struct http_exchange *x, const char *name, const char *value);

/* Answers. The body is copied. */
void exchange_reply(struct http_exchange *x, int status, const char *content_type,
                    const char *body, size_t len);

/* Answers; the body (malloc, as from strbuf_detach) becomes the exchange's. */
void exchange_reply_take(struct http_exchange *x, int status, const char *content_type,
                         char *take_body, size_t len);

/* Answers {"error":{"code","message","retry_ms"}}; retry_ms > 0 sets Retry-After. */
void exchange_error(struct http_exchange *x, int status, const char *code,
                    const char *message, int64_t retry_ms);

/*
 * The answer comes later, perhaps from another thread. The token outlives the
 * client; it is used up by exactly one of the two calls below (any thread).
 * A deferred exchange that is not answered within HTTP_DEFER_MS gets a 504.
 */
enum { HTTP_DEFER_MS = 30000 };
struct exchange_token *exchange_defer(struct http_exchange *x);
void exchange_token_reply(struct exchange_token *take_token, int status,
                          const char *content_type, const char *body, size_t len);
void exchange_token_error(struct exchange_token *take_token, int status,
                          const char *code, const char *message, int64_t retry_ms);

/*
 * As above for callers on the io thread which want the exchange itself back:
 * NULL when the client has left. The token is used up; answer the exchange now.
 */
struct http_exchange *exchange_resume(struct exchange_token *take_token);
