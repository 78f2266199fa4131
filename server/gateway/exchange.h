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

enum { HTTP_REPLY_HEADERS_MAX = 4096 };

struct http_exchange {
    void (*on_answer)(void *data); /* the reply is complete */
    void *data;
    const struct route_context *context;
    const char *peer;
    struct http_request request;
    char *body;           /* NUL-terminated; NULL = none */
    struct route_hit hit; /* its route is NULL before it is found */
    char *segments;       /* a copy of the path, which the hit points into */

    bool answered;
    struct exchange_ref *deferred; /* NULL = not deferred */
    int64_t began_ms;
    int status;
    char content_type_text[128];
    struct strbuf headers; /* "Name: value\r\n" lines of the reply */
    char *reply;
    size_t reply_len;
};

/* The request is taken; on_answer(data) is called once, from any verb that answers. */
struct http_exchange *exchange_new(const struct route_context *context,
                                   const char *peer, struct http_request *take_request,
                                   int64_t now_ms, void (*on_answer)(void *data),
                                   void *data);
void exchange_free(struct http_exchange *x); /* accepts NULL; tokens learn of it */

/* The reason phrase of a status. */
const char *http_reason(int status);
