#include "gateway/router.h"

#include <stdbool.h>
#include <string.h>

#include "base/strbuf.h"
#include "gateway/route.h"

/* The length of the segment at text. */
static size_t segment(const char *text)
{
    return strcspn(text, "/");
}

/* Captured names are "{name}": kept with the braces, out of the row's own text. */
static bool matches(const char *pattern, const char *path, struct route_hit *hit)
{
    hit->param_count = 0;
    while (*pattern == '/' && *path == '/') {
        pattern++;
        path++;
        size_t p = segment(pattern);
        size_t t = segment(path);
        if (pattern[0] == '{') {
            if (t == 0 || hit->param_count == ROUTE_SEGMENTS_MAX)
                return false;
            hit->params[hit->param_count++] = (struct http_pair){pattern, path};
        } else if (p != t || strncmp(pattern, path, p) != 0) {
            return false;
        }
        pattern += p;
        path += t;
    }
    return *pattern == '\0' && *path == '\0';
}

/* So that each captured segment is a text of its own. */
static void end_at_slashes(char *path)
{
    for (char *c = strchr(path, '/'); c != NULL; c = strchr(c + 1, '/'))
        *c = '\0';
}

enum route_match route_find(const struct route *rows, size_t count, const char *method,
                            char *path, struct route_hit *ret_hit)
{
    enum route_match result = ROUTE_NO_PATH;
    const char *wanted = strcmp(method, "HEAD") == 0 ? "GET" : method;
    for (size_t i = 0; i < count; i++) {
        if (!matches(rows[i].path, path, ret_hit))
            continue;
        result = ROUTE_NO_METHOD;
        if (strcmp(rows[i].method, wanted) != 0)
            continue;
        ret_hit->route = &rows[i];
        if (ret_hit->param_count > 0)
            end_at_slashes(path);
        return ROUTE_FOUND;
    }
    ret_hit->param_count = 0;
    return result;
}

void route_methods(const struct route *rows, size_t count, const char *path,
                   char ret_methods[ROUTE_METHODS_SIZE])
{
    struct route_hit hit;
    struct strbuf out;
    strbuf_init(&out, ROUTE_METHODS_SIZE - 1);
    for (size_t i = 0; i < count; i++) {
        if (!matches(rows[i].path, path, &hit) ||
            strstr(strbuf_text(&out), rows[i].method) != NULL)
            continue;
        strbuf_addf(&out, "%s%s, ", rows[i].method,
                    strcmp(rows[i].method, "GET") == 0 ? ", HEAD" : "");
    }
    strbuf_add_text(&out, "OPTIONS");
    memcpy(ret_methods, out.data, out.len + 1);
    strbuf_release(&out);
}

const char *route_param_value(const struct route_hit *hit, const char *name)
{
    size_t n = strlen(name);
    for (size_t i = 0; i < hit->param_count; i++) {
        const char *at = hit->params[i].name + 1;
        if (strncmp(at, name, n) == 0 && at[n] == '}')
            return hit->params[i].value;
    }
    return NULL;
}
