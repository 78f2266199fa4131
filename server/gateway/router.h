/*
 * Which row serves a path: exact segments first, {name} matches any one segment.
 * Pure.
 */
#pragma once

#include <stddef.h>

#include "gateway/http_request.h"

struct route;

enum { ROUTE_SEGMENTS_MAX = 8, ROUTE_METHODS_SIZE = 64 };

enum route_match { ROUTE_FOUND, ROUTE_NO_PATH, ROUTE_NO_METHOD };

/* What was found: the row and its {name}s, whose values point into the path. */
struct route_hit {
    const struct route *route;
    struct http_pair params[ROUTE_SEGMENTS_MAX];
    size_t param_count;
};

/*
 * FOUND: ret_hit is complete, and the slashes of path have become ends of texts.
 * HEAD finds the GET row.
 */
enum route_match route_find(const struct route *rows, size_t count, const char *method,
                            char *path, struct route_hit *ret_hit);

/* The methods of a path as in an Allow header: "GET, HEAD, OPTIONS". */
void route_methods(const struct route *rows, size_t count, const char *path,
                   char ret_methods[ROUTE_METHODS_SIZE]);

/* The value of a captured {name}, NULL when there is none of that name. */
const char *route_param_value(const struct route_hit *hit, const char *name);
