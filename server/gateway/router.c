#include "gateway/router.h"

#include <stdbool.h>
#include <string.h>

#include "base/strbuf.h"
#include "gateway/http_request.h"
#include "gateway/route.h"

/* The length of the segment at text. */
static size_t segment(const char *text)
{
    return strcspn(text, "/");
}

/* Captured names are "{name}": kept with the braces, out of the row's own text. */
static bool matches(const char *pattern, const char *path, struct http_pair *params,
                    size_t *ret_count)
{
    *ret_count = 0;
    while (*pattern == '/' && *path == '/') {
        pattern++;
        path++;
        size_t p = segment(pattern);
        size_t t = segment(path);
        if (pattern[0] == '{') {
            if (t == 0 || *ret_count == ROUTE_SEGMENTS_MAX)
                return false;
            params[(*ret_count)++] = (struct http_pair){pattern, path};
        } else if (p != t || strncmp(pattern, path, p) != 0) {
            return false;
        }
        pattern += p;
        path += t;
    }
    return *pattern == '\0' && *path == '\0';
}

enum route_match route_find(const struct route *rows, size_t count, const char *method,
                            char *path, const struct route **ret_route,
                            struct http_pair *ret_params, size_t *ret_param_count)
{
    enum route_match result = ROUTE_NO_PATH;
    const char *wanted = strcmp(method, "HEAD") == 0 ? "GET" : method;
    for (size_t i = 0; i < count; i++) {
        if (!matches(rows[i].path, path, ret_params, ret_param_count))
            continue;
        *ret_route = &rows[i];
        result = ROUTE_NO_METHOD;
        if (strcmp(rows[i].method, wanted) != 0)
            continue;
        if (*ret_param_count > 0)
            for (char *c = path; *c != '\0'; c++)
                *c = *c == '/' ? '\0' : *c;
        return ROUTE_FOUND;
    }
    return result;
}

void route_methods(const struct route *rows, size_t count, const char *path,
                   char ret_methods[ROUTE_METHODS_SIZE])
{
    struct http_pair params[ROUTE_SEGMENTS_MAX];
    size_t param_count;
    struct strbuf out;
    strbuf_init(&out, ROUTE_METHODS_SIZE - 1);
    for (size_t i = 0; i < count; i++)
        if (matches(rows[i].path, path, params, &param_count))
            strbuf_addf(&out, "%s%s, ", rows[i].method,
                        strcmp(rows[i].method, "GET") == 0 ? ", HEAD" : "");
    strbuf_add_text(&out, "OPTIONS");
    memcpy(ret_methods, out.data, out.len + 1);
    strbuf_release(&out);
}

const char *route_param_value(const struct http_pair *params, size_t count,
                              const char *name)
{
    size_t n = strlen(name);
    for (size_t i = 0; i < count; i++)
        if (strncmp(params[i].name + 1, name, n) == 0 && params[i].name[n + 1] == '}')
            return params[i].value;
    return NULL;
}
