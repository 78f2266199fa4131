/*
 * A request and its answer between http_conn (which has the bytes) and a route
 * (which knows nothing of them). Implements the verbs of route.h. Io thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/strbuf.h"
#include "gateway/http_request.h"
#include "gateway/router.h"

struct exchange_ref;
struct http_conn;

enum { HTTP_REPLY_HEADERS_MAX = 4096 };

struct http_exchange {
    struct http_conn *conn;
    const struct route_context *context;
    const char *peer;
    struct http_request request;
    char *body; /* NUL-terminated; NULL = none */
    const struct route *route;
    char *segments; /* a copy of the path, which the params point into */
    struct http_pair params[ROUTE_SEGMENTS_MAX];
    size_t param_count;

    bool answered;
    struct exchange_ref *deferred; /* NULL = not deferred */
    int64_t began_ms;
    int status;
    char content_type_text[128];
    struct strbuf headers; /* "Name: value\r\n" lines of the reply */
    char *reply;
    size_t reply_len;
};

/* Borrows nothing: the request is taken. */
struct http_exchange *exchange_new(struct http_conn *conn,
                                   const struct route_context *context,
                                   const char *peer, struct http_request *take_request,
                                   int64_t now_ms);
void exchange_free(struct http_exchange *x); /* accepts NULL; tokens learn of it */

/* The reason phrase of a status. */
const char *http_reason(int status);
