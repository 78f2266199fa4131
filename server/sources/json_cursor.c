#include "sources/json_cursor.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* Bytes that numbers and the words true, false, null (and NaN) are made of. */
static bool is_scalar(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           c == '-' || c == '+' || c == '.';
}

static void skip_space(struct json_cursor *c)
{
    while (c->at < c->end && is_space(*c->at))
        c->at++;
}

static bool skip_string(struct json_cursor *c)
{
    for (c->at++; c->at < c->end; c->at++) {
        if (*c->at == '"') {
            c->at++;
            return true;
        }
        if (*c->at == '\\')
            c->at++;
    }
    c->at = c->end;
    return false;
}

static bool skip_scalar(struct json_cursor *c)
{
    const char *from = c->at;
    while (c->at < c->end && is_scalar(*c->at))
        c->at++;
    return c->at > from;
}

static bool skip_value(struct json_cursor *c, unsigned depth);

static bool skip_separator(struct json_cursor *c, char close, bool *ret_end)
{
    skip_space(c);
    if (c->at >= c->end)
        return false;
    *ret_end = *c->at == close;
    if (*c->at != close && *c->at != ',')
        return false;
    c->at++;
    return true;
}

static bool skip_key(struct json_cursor *c)
{
    skip_space(c);
    if (c->at >= c->end || *c->at != '"' || !skip_string(c))
        return false;
    skip_space(c);
    if (c->at >= c->end || *c->at != ':')
        return false;
    c->at++;
    return true;
}

static bool skip_container(struct json_cursor *c, unsigned depth)
{
    bool object = *c->at == '{';
    bool end = false;
    char close = object ? '}' : ']';
    if (depth >= JSON_CURSOR_DEPTH_MAX)
        return false;
    c->at++;
    skip_space(c);
    if (c->at < c->end && *c->at == close) {
        c->at++;
        return true;
    }
    while (!end)
        if ((object && !skip_key(c)) || !skip_value(c, depth + 1) ||
            !skip_separator(c, close, &end))
            return false;
    return true;
}

/* Depth is bounded, so the recursion is. NOLINTNEXTLINE(misc-no-recursion) */
static bool skip_value(struct json_cursor *c, unsigned depth)
{
    skip_space(c);
    if (c->at >= c->end)
        return false;
    if (*c->at == '{' || *c->at == '[')
        return skip_container(c, depth);
    return *c->at == '"' ? skip_string(c) : skip_scalar(c);
}

struct json_slice json_slice_trim(const char *text, size_t n)
{
    while (n > 0 && is_space(*text)) {
        text++;
        n--;
    }
    while (n > 0 && is_space(text[n - 1]))
        n--;
    return (struct json_slice){text, n};
}

bool json_cursor_check(const char *text, size_t n, size_t *ret_error_at)
{
    struct json_cursor c = {.at = text, .end = text + n};
    skip_space(&c);
    bool good = c.at < c.end && (*c.at == '{' || *c.at == '[') && skip_value(&c, 0);
    if (good)
        skip_space(&c);
    if (good && c.at == c.end)
        return true;
    *ret_error_at = (size_t)(c.at - text);
    return false;
}

char json_slice_kind(struct json_slice value)
{
    return (char)(value.len > 0 ? value.at[0] : 0);
}

struct json_cursor json_cursor_open(struct json_slice container)
{
    struct json_cursor c = {.at = container.at, .end = container.at + container.len};
    c.failed = container.len < 2;
    c.first = true;
    c.at += c.failed ? 0 : 1;
    return c;
}

/* Stands before the next member or element; false at the closing bracket. */
static bool advance(struct json_cursor *c)
{
    if (c->failed)
        return false;
    skip_space(c);
    if (c->at >= c->end) {
        c->failed = true;
        return false;
    }
    if (*c->at == ']' || *c->at == '}')
        return false;
    if (!c->first) {
        c->failed = *c->at != ',';
        c->at++;
        skip_space(c);
    }
    c->first = false;
    return !c->failed;
}

static bool take_value(struct json_cursor *c, struct json_slice *ret_value)
{
    skip_space(c);
    const char *from = c->at;
    if (!skip_value(c, 1)) {
        c->failed = true;
        return false;
    }
    *ret_value = (struct json_slice){from, (size_t)(c->at - from)};
    return true;
}

bool json_cursor_element(struct json_cursor *cursor, struct json_slice *ret_value)
{
    return advance(cursor) && take_value(cursor, ret_value);
}

bool json_cursor_member(struct json_cursor *cursor, struct json_slice *ret_key,
                        struct json_slice *ret_value)
{
    if (!advance(cursor))
        return false;
    const char *from = cursor->at;
    if (!skip_key(cursor)) {
        cursor->failed = true;
        return false;
    }
    const char *close = memchr(from + 1, '"', (size_t)(cursor->at - from - 1));
    *ret_key = (struct json_slice){from + 1, (size_t)(close - from - 1)};
    return take_value(cursor, ret_value);
}

bool json_slice_find(struct json_slice object, const char *key,
                     struct json_slice *ret_value)
{
    struct json_slice name;
    struct json_slice value;
    if (json_slice_kind(object) != '{')
        return false;
    struct json_cursor c = json_cursor_open(object);
    while (json_cursor_member(&c, &name, &value)) {
        if (!json_slice_is(name, key))
            continue;
        *ret_value = value;
        return true;
    }
    return false;
}

bool json_slice_number(struct json_slice value, double *ret_number)
{
    char text[40];
    char *end;
    char kind = json_slice_kind(value);
    if (!(kind == '-' || (kind >= '0' && kind <= '9')) || value.len >= sizeof text)
        return false;
    memcpy(text, value.at, value.len);
    text[value.len] = '\0';
    double number = strtod(text, &end);
    if (*end != '\0' || !isfinite(number) || strpbrk(text, "xX") != NULL)
        return false;
    *ret_number = number;
    return true;
}

bool json_slice_string(struct json_slice value, struct json_slice *ret_text)
{
    if (json_slice_kind(value) != '"' || value.len < 2 ||
        memchr(value.at, '\\', value.len) != NULL)
        return false;
    *ret_text = (struct json_slice){value.at + 1, value.len - 2};
    return true;
}

bool json_slice_is(struct json_slice slice, const char *text)
{
    return strlen(text) == slice.len && memcmp(slice.at, text, slice.len) == 0;
}
