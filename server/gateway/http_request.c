#include "gateway/http_request.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "gateway/route.h"
#include "gateway/ws_frame.h"

static bool is_token_char(unsigned char c)
{
    return isalnum(c) || (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static bool is_token(const char *text)
{
    if (*text == '\0')
        return false;
    for (; *text != '\0'; text++)
        if (!is_token_char((unsigned char)*text))
            return false;
    return true;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)tolower((unsigned char)c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Decodes in place; false for a bad escape, a NUL, or what is not UTF-8. */
static bool decode(char *text, bool plus_is_space)
{
    char *to = text;
    for (const char *from = text; *from != '\0'; from++, to++) {
        *to = plus_is_space && *from == '+' ? ' ' : *from;
        if (*from != '%')
            continue;
        int high = hex_digit(from[1]);
        int low = high < 0 ? -1 : hex_digit(from[2]);
        if (low < 0 || (high == 0 && low == 0))
            return false;
        *to = (char)(high * 16 + low);
        from += 2;
    }
    *to = '\0';
    struct utf8_state utf8 = {0};
    return utf8_check(&utf8, (const uint8_t *)text, (size_t)(to - text)) &&
           utf8.need == 0;
}

static int parse_query(struct http_request *r, char *query)
{
    char *rest = query;
    for (char *pair; (pair = strsep(&rest, "&")) != NULL;) {
        if (*pair == '\0')
            continue;
        if (r->query_count == HTTP_PARAMS_MAX)
            return -414;
        char *value = pair;
        char *name = strsep(&value, "=");
        if (value == NULL)
            value = name + strlen(name);
        if (!decode(name, true) || (*value != '\0' && !decode(value, true)))
            return -400;
        r->query[r->query_count++] = (struct http_pair){name, value};
    }
    return 0;
}

/* "http://host/path" means the same as "/path". */
static char *strip_origin(char *target)
{
    static const char *const schemes[] = {"http://", "https://"};
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        size_t n = strlen(schemes[i]);
        if (strncasecmp(target, schemes[i], n) != 0)
            continue;
        char *path = strchr(target + n, '/');
        return path != NULL ? path : target;
    }
    return target;
}

static int parse_target(struct http_request *r, char *target)
{
    if (strcspn(target, "?") > HTTP_PATH_MAX)
        return -414;
    for (const char *c = target; *c != '\0'; c++)
        if ((unsigned char)*c <= ' ' || (unsigned char)*c >= 0x7f)
            return -400;
    r->path = strip_origin(target);
    if (r->path[0] != '/' && strcmp(r->path, "*") != 0)
        return -400;
    char *query = strchr(r->path, '?');
    if (query != NULL) {
        *query++ = '\0';
        r->query_too_long = strlen(query) > HTTP_QUERY_MAX;
    }
    if (!decode(r->path, false))
        return -400;
    return query != NULL && !r->query_too_long ? parse_query(r, query) : 0;
}

static int parse_start(struct http_request *r, char *line, bool *ret_http_1_1)
{
    char *target = strchr(line, ' ');
    char *version = target != NULL ? strchr(target + 1, ' ') : NULL;
    if (version == NULL)
        return -400;
    *target++ = '\0';
    *version++ = '\0';
    r->method = line;
    if (!is_token(line) || strncmp(version, "HTTP/", 5) != 0)
        return -400;
    if (strcmp(version, "HTTP/1.1") != 0 && strcmp(version, "HTTP/1.0") != 0)
        return -505;
    *ret_http_1_1 = version[7] == '1';
    return parse_target(r, target);
}

static int parse_header(struct http_request *r, char *line)
{
    char *colon = strchr(line, ':');
    if (colon == NULL || r->header_count == HTTP_HEADERS_MAX)
        return colon == NULL ? -400 : -431;
    *colon = '\0';
    if (!is_token(line)) /* also refuses continued lines and spaces before ':' */
        return -400;
    for (char *c = line; *c != '\0'; c++)
        *c = (char)tolower((unsigned char)*c);
    char *value = colon + 1 + strspn(colon + 1, " \t");
    for (char *end = value + strlen(value);
         end > value && (end[-1] == ' ' || end[-1] == '\t');)
        *--end = '\0';
    for (const char *c = value; *c != '\0'; c++)
        if (((unsigned char)*c < ' ' && *c != '\t') || *c == 0x7f)
            return -400;
    r->headers[r->header_count++] = (struct http_pair){line, value};
    return 0;
}

const char *http_request_header(const struct http_request *request, const char *name)
{
    for (size_t i = 0; i < request->header_count; i++)
        if (strcmp(request->headers[i].name, name) == 0)
            return request->headers[i].value;
    return NULL;
}

bool http_header_has(const char *value, const char *token)
{
    size_t n = strlen(token);
    while (value != NULL && *value != '\0') {
        value += strspn(value, " \t,");
        size_t len = strcspn(value, ",");
        size_t end = len;
        while (end > 0 && (value[end - 1] == ' ' || value[end - 1] == '\t'))
            end--;
        if (end == n && strncasecmp(value, token, n) == 0)
            return true;
        value += len;
    }
    return false;
}

static size_t count_header(const struct http_request *r, const char *name)
{
    size_t count = 0;
    for (size_t i = 0; i < r->header_count; i++)
        count += strcmp(r->headers[i].name, name) == 0;
    return count;
}

static int parse_length(struct http_request *r)
{
    const char *text = http_request_header(r, "content-length");
    if (http_request_header(r, "transfer-encoding") != NULL)
        return text != NULL ? -400 : -411;
    if (text == NULL)
        return 0;
    if (count_header(r, "content-length") > 1 || *text == '\0')
        return -400;
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9')
            return -400;
        if (r->body_len > SIZE_MAX / 20)
            return -413;
        r->body_len = r->body_len * 10 + (size_t)(*text - '0');
    }
    return r->body_len > HTTP_BODY_MAX ? -413 : 0;
}

static int check_headers(struct http_request *r, bool http_1_1)
{
    const char *connection = http_request_header(r, "connection");
    size_t hosts = count_header(r, "host");
    if (hosts > 1 || (http_1_1 && hosts == 0))
        return -400;
    r->keep_alive = http_1_1 ? !http_header_has(connection, "close")
                             : http_header_has(connection, "keep-alive");
    r->expects_continue =
        http_header_has(http_request_header(r, "expect"), "100-continue");
    return parse_length(r);
}

/* Where the head ends (after its blank line), 0 when it does not yet. */
static size_t find_end(const char *bytes, size_t n)
{
    const char *end = memmem(bytes, n, "\r\n\r\n", 4);
    return end != NULL ? (size_t)(end - bytes) + 4 : 0;
}

static int parse_lines(struct http_request *r)
{
    bool http_1_1 = false;
    char *rest = r->head;
    for (bool first = true; *rest != '\0'; first = false) {
        char *end = strstr(rest, "\r\n");
        *end = '\0';
        if (strpbrk(rest, "\r\n") != NULL)
            return -400;
        int rc = first ? parse_start(r, rest, &http_1_1) : parse_header(r, rest);
        if (rc != 0)
            return rc;
        rest = end + 2;
    }
    return check_headers(r, http_1_1);
}

long http_request_parse(const char *bytes, size_t n, struct http_request *ret_request)
{
    size_t skip = 0; /* blank lines before a request are allowed (RFC 9112, 2.2) */
    while (skip + 1 < n && skip < 8 && memcmp(bytes + skip, "\r\n", 2) == 0)
        skip += 2;
    size_t end = find_end(bytes + skip, n - skip);
    if (end > HTTP_HEAD_MAX || (end == 0 && n - skip > HTTP_HEAD_MAX))
        return memchr(bytes, '\n', n) == NULL ? -414 : -431;
    if (end == 0)
        return n > skip && memchr(bytes + skip, '\0', n - skip) != NULL ? -400 : 0;
    if (memchr(bytes + skip, '\0', end) != NULL)
        return -400;
    *ret_request = (struct http_request){0};
    ret_request->head = xstrndup(bytes + skip, end - 2);
    int rc = parse_lines(ret_request);
    if (rc != 0) {
        http_request_release(ret_request);
        return rc;
    }
    return (long)(skip + end);
}

void http_request_release(struct http_request *request)
{
    free(request->head);
    *request = (struct http_request){0};
}
