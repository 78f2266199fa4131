/*
 * Bounded HTTP requests on a loop: the one user of libcurl. Every request has a
 * total time-out, a least speed and a body ceiling (counted after gzip); TLS
 * certificates are always verified; a redirect is followed only to the same
 * scheme, host and port. A client belongs to the thread of its loop; http_done_fn
 * is called there, once per request that was not cancelled, never from within
 * http_client_start.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct loop;
struct http_client;
struct http_call;

enum {
    HTTP_BODY_MAX = 16 << 20,      /* default body ceiling, bytes */
    HTTP_TIMEOUT_MS = 10000,       /* default total time-out */
    HTTP_CONNECT_TIMEOUT_MS = 5000 /* at most, and never over the total */
};

/* What holds for all requests of a client; 0 = the default given here. */
struct http_limits {
    int per_host;        /* connections to one host: 4; more requests wait */
    int total;           /* connections: 64 */
    int low_speed_b_s;   /* an answer slower than this: 16 bytes/s ... */
    int low_speed_s;     /* ... for this long is given up: 10 s */
    const char *ca_file; /* PEM file for requests that name none; NULL = the system's */
};

struct http_request {
    const char *method;         /* NULL = "GET", or "POST" when there is a body */
    const char *url;            /* http:// or https:// */
    const char *const *headers; /* "Name: value" texts, NULL-terminated; may be NULL */
    const char *body;           /* copied; NULL = none */
    size_t body_len;
    int64_t timeout_ms; /* 0 = HTTP_TIMEOUT_MS */
    size_t max_body;    /* 0 = HTTP_BODY_MAX */
    const char *ca_file;
    bool any_name; /* the certificate need not name the host: it is known by ca_file */
    const char *username; /* HTTP Basic; NULL = none */
    const char *password;
    const char *bearer; /* token for Authorization: Bearer; NULL = none */
};

/* Everything is borrowed until http_done_fn returns. */
struct http_result {
    int error; /* 0 = a whole answer came, whatever its status; else negative errno:
                  -ETIMEDOUT -ECONNREFUSED -EHOSTUNREACH (unknown host or no way)
                  -EMSGSIZE (body ceiling) -EXDEV (redirect elsewhere)
                  -EPROTO (not HTTP, cut off) -EKEYREJECTED (TLS) -EINVAL -EIO */
    const char *error_text; /* "host:port: what happened"; "" without error */
    int status;             /* HTTP status, 0 when none came */
    const char *body;       /* NUL-terminated */
    size_t body_len;
    const char *content_type; /* "" when none */
    int64_t retry_after_ms;   /* of Retry-After (seconds or date), -1 when none */
    int64_t duration_ms;
    struct http_call *call; /* for http_result_header */
};

typedef void (*http_done_fn)(void *data, const struct http_result *result);

struct http_client *http_client_new(struct loop *loop,
                                    const struct http_limits *limits);

/* Cancels what is under way. Not from within http_done_fn. Accepts NULL. */
void http_client_free(struct http_client *client);

/* Starts a request (all texts are copied); the call is valid until done or cancelled.
 */
struct http_call *http_client_start(struct http_client *client,
                                    const struct http_request *request,
                                    http_done_fn done, void *data);

/* Ends a request without calling back. Not from within its own http_done_fn. */
void http_call_cancel(struct http_call *call);

/* A header of the final answer by name (any case), NULL when it is not there. */
const char *http_result_header(const struct http_result *result, const char *name);

/* text percent-encoded for a query value (RFC 3986 unreserved kept); free() it. */
char *http_escape(const char *text);
