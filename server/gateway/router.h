/*
 * Which row serves a path: exact segments first, {name} matches any one segment.
 * Pure.
 */
#pragma once

#include <stddef.h>

struct http_pair;
struct route;

enum { ROUTE_SEGMENTS_MAX = 8, ROUTE_METHODS_SIZE = 64 };

enum route_match { ROUTE_FOUND, ROUTE_NO_PATH, ROUTE_NO_METHOD };

/*
 * FOUND: ret_route and the {name} values, which are written into path (its
 * slashes become ends of texts). NO_METHOD: ret_route is a row of the path with
 * another method. HEAD finds the GET row.
 */
enum route_match route_find(const struct route *rows, size_t count, const char *method,
                            char *path, const struct route **ret_route,
                            struct http_pair *ret_params, size_t *ret_param_count);

/* The methods of a path as in an Allow header: "GET, HEAD, OPTIONS". */
void route_methods(const struct route *rows, size_t count, const char *path,
                   char ret_methods[ROUTE_METHODS_SIZE]);

/* The value of a captured {name}; name is what stands between the braces. */
const char *route_param_value(const struct http_pair *params, size_t count,
                              const char *name);
