/*
 * One HTTP/1.1 request out of bytes (RFC 9112), strict: what is ambiguous is
 * refused, because a proxy in front might read it another way. Every part has a
 * ceiling. Pure; one thread. Texts are views into the request's own copy.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum {
    HTTP_HEAD_MAX = 16384, /* bytes of request line and headers: 431 */
    HTTP_PATH_MAX = 2048,  /* bytes of it before decoding: 414 */
    HTTP_HEADERS_MAX = 64,
    HTTP_PARAMS_MAX = 64
};

struct http_pair {
    const char *name; /* headers: lower case */
    const char *value;
};

struct http_request {
    char *head; /* owns every text below */
    const char *method;
    char *path; /* decoded */
    struct http_pair headers[HTTP_HEADERS_MAX];
    size_t header_count;
    struct http_pair query[HTTP_PARAMS_MAX]; /* decoded */
    size_t query_count;
    bool query_too_long; /* and not read: 414 when all else is right */
    size_t body_len;     /* Content-Length */
    bool keep_alive;
    bool expects_continue;
};

/*
 * Looks for a whole head in n bytes. Returns its length and fills ret_request
 * (to be released), 0 when more bytes are needed, or the negative status with
 * which to refuse (-400, -411, -413, -414, -431, -505).
 */
long http_request_parse(const char *bytes, size_t n, struct http_request *ret_request);
void http_request_release(struct http_request *request);

/* A header by lower-case name, NULL when absent. */
const char *http_request_header(const struct http_request *request, const char *name);

/* True when a comma-separated header has the token (case is ignored). */
bool http_header_has(const char *value, const char *token);
