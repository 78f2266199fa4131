#include "base/strbuf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

enum { STRBUF_FIRST_CAP = 64 };

void strbuf_init(struct strbuf *buf, size_t max)
{
    *buf = (struct strbuf){.max = max};
}

void strbuf_release(struct strbuf *buf)
{
    free(buf->data);
    strbuf_init(buf, buf->max);
}

void strbuf_clear(struct strbuf *buf)
{
    buf->overflowed = false;
    strbuf_truncate(buf, 0);
}

void strbuf_truncate(struct strbuf *buf, size_t len)
{
    assert(len <= buf->len);
    buf->len = len;
    if (buf->data != NULL)
        buf->data[len] = '\0';
}

const char *strbuf_text(const struct strbuf *buf)
{
    return buf->data != NULL ? buf->data : "";
}

char *strbuf_detach(struct strbuf *buf)
{
    char *text = buf->data != NULL ? buf->data : xstrdup("");
    strbuf_init(buf, buf->max);
    return text;
}

bool strbuf_reserve(struct strbuf *buf, size_t extra)
{
    if (extra > buf->max - buf->len) {
        buf->overflowed = true;
        return false;
    }
    size_t need = buf->len + extra + 1;
    if (need <= buf->cap)
        return true;
    size_t cap = buf->cap != 0 ? buf->cap : STRBUF_FIRST_CAP;
    while (cap < need)
        cap *= 2;
    if (cap > buf->max + 1)
        cap = buf->max + 1;
    buf->data = xreallocarray(buf->data, cap, 1);
    buf->cap = cap;
    buf->data[buf->len] = '\0';
    return true;
}

bool strbuf_add(struct strbuf *buf, const void *bytes, size_t n)
{
    if (!strbuf_reserve(buf, n))
        return false;
    if (n > 0)
        memcpy(buf->data + buf->len, bytes, n);
    buf->len += n;
    buf->data[buf->len] = '\0';
    return true;
}

bool strbuf_add_text(struct strbuf *buf, const char *text)
{
    return strbuf_add(buf, text, strlen(text));
}

bool strbuf_add_char(struct strbuf *buf, char c)
{
    return strbuf_add(buf, &c, 1);
}

bool strbuf_addf(struct strbuf *buf, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    if (n < 0 || !strbuf_reserve(buf, (size_t)n))
        return false;
    va_start(args, fmt);
    vsnprintf(buf->data + buf->len, (size_t)n + 1, fmt, args);
    va_end(args);
    buf->len += (size_t)n;
    return true;
}

/* Writes the digits of v before end and returns where they begin. */
static char *digits_before(char *end, uint64_t v)
{
    do {
        *--end = (char)('0' + v % 10);
        v /= 10;
    } while (v != 0);
    return end;
}

bool strbuf_add_int(struct strbuf *buf, int64_t v)
{
    char text[24];
    char *end = text + sizeof text;
    char *at = digits_before(end, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
    if (v < 0)
        *--at = '-';
    return strbuf_add(buf, at, (size_t)(end - at));
}

bool strbuf_add_fixed(struct strbuf *buf, int64_t v, unsigned decimals)
{
    assert(decimals <= 9);
    char text[40];
    char *end = text + sizeof text;
    uint64_t rest = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
    while (decimals > 0 && rest % 10 == 0) {
        rest /= 10;
        decimals--;
    }
    char *at = end;
    for (unsigned i = 0; i < decimals; i++) {
        *--at = (char)('0' + rest % 10);
        rest /= 10;
    }
    if (decimals > 0)
        *--at = '.';
    at = digits_before(at, rest);
    if (v < 0)
        *--at = '-';
    return strbuf_add(buf, at, (size_t)(end - at));
}

/* Length of the valid UTF-8 sequence at s (n bytes left), 0 when invalid. */
static size_t utf8_length(const unsigned char *s, size_t n)
{
    if (s[0] < 0x80)
        return 1;
    size_t len = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
    if (s[0] < 0xc2 || s[0] > 0xf4 || len > n)
        return 0;
    for (size_t i = 1; i < len; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    bool overlong = (s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xf0 && s[1] < 0x90);
    bool surrogate = s[0] == 0xed && s[1] > 0x9f;
    bool beyond = s[0] == 0xf4 && s[1] > 0x8f;
    return overlong || surrogate || beyond ? 0 : len;
}

static bool add_escape(struct strbuf *buf, unsigned char c)
{
    switch (c) {
    case '"': return strbuf_add(buf, "\\\"", 2);
    case '\\': return strbuf_add(buf, "\\\\", 2);
    case '\n': return strbuf_add(buf, "\\n", 2);
    case '\r': return strbuf_add(buf, "\\r", 2);
    case '\t': return strbuf_add(buf, "\\t", 2);
    default: return strbuf_addf(buf, "\\u%04x", c);
    }
}

bool strbuf_add_json(struct strbuf *buf, const char *text, size_t n)
{
    const unsigned char *s = (const unsigned char *)text;
    size_t start = buf->len;
    bool ok = strbuf_add_char(buf, '"');
    for (size_t i = 0; ok && i < n;) {
        size_t len = utf8_length(s + i, n - i);
        if (len == 0) {
            ok = strbuf_add(buf, "\xef\xbf\xbd", 3);
            i++;
        } else if (s[i] < 0x20 || s[i] == '"' || s[i] == '\\' || s[i] == 0x7f) {
            ok = add_escape(buf, s[i++]);
        } else {
            ok = strbuf_add(buf, s + i, len);
            i += len;
        }
    }
    ok = ok && strbuf_add_char(buf, '"');
    if (!ok)
        strbuf_truncate(buf, start);
    return ok;
}
