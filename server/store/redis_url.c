#include "store/redis_url.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"

static int fail(struct strbuf *ret_error, const char *what)
{
    strbuf_addf(ret_error,
                "Redis URL: %s; expected redis://[USER@]HOST[:PORT][/DB]"
                "[?password_file=FILE]",
                what);
    return -EINVAL;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Copies n bytes, %XX decoded; false when it does not fit or is malformed. */
static bool decode(const char *text, size_t n, char *out, size_t size)
{
    size_t len = 0;
    for (size_t i = 0; i < n; i++) {
        char c = text[i];
        if (c == '%') {
            if (i + 2 >= n || hex_digit(text[i + 1]) < 0 || hex_digit(text[i + 2]) < 0)
                return false;
            c = (char)(hex_digit(text[i + 1]) << 4 | hex_digit(text[i + 2]));
            i += 2;
        }
        if (c == '\0' || len + 1 >= size)
            return false;
        out[len++] = c;
    }
    out[len] = '\0';
    return true;
}

/* All n bytes as a number up to max. */
static bool read_number(const char *text, size_t n, int max, int *ret_number)
{
    int number = 0;
    if (n == 0)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        number = number * 10 + (text[i] - '0');
        if (number > max)
            return false;
    }
    *ret_number = number;
    return true;
}

static int parse_host(const char *text, size_t n, struct redis_url *url,
                      struct strbuf *ret_error)
{
    const char *end = text + n;
    const char *host_end = memchr(text, ':', n);
    const char *host = text;
    if (n > 0 && text[0] == '[') { /* RFC 3986: IPv6 addresses are bracketed */
        host_end = memchr(text, ']', n);
        if (host_end == NULL)
            return fail(ret_error, "no ] after the address");
        host++;
    }
    if (host_end == NULL)
        host_end = end;
    if (host_end == host ||
        !decode(host, (size_t)(host_end - host), url->host, sizeof url->host))
        return fail(ret_error, "no host");
    const char *rest = host_end < end && *host_end == ']' ? host_end + 1 : host_end;
    if (rest == end)
        return 0;
    if (*rest != ':' ||
        !read_number(rest + 1, (size_t)(end - rest - 1), 65535, &url->port))
        return fail(ret_error, "bad port");
    return 0;
}

static int parse_authority(const char *text, size_t n, struct redis_url *url,
                           struct strbuf *ret_error)
{
    const char *at = memrchr(text, '@', n);
    if (at == NULL)
        return parse_host(text, n, url, ret_error);
    size_t user_len = (size_t)(at - text);
    if (memchr(text, ':', user_len) != NULL)
        return fail(ret_error, "a password in it would be seen by others: put it into "
                               "a file");
    if (!decode(text, user_len, url->user, sizeof url->user))
        return fail(ret_error, "bad user");
    return parse_host(at + 1, n - user_len - 1, url, ret_error);
}

static int parse_parameter(const char *text, size_t n, struct redis_url *url,
                           struct strbuf *ret_error)
{
    static const char password[] = "password_file=";
    static const char ca[] = "ca_file=";
    char *out = NULL;
    size_t skip = 0;
    if (strncmp(text, password, sizeof password - 1) == 0) {
        out = url->password_file;
        skip = sizeof password - 1;
    } else if (strncmp(text, ca, sizeof ca - 1) == 0) {
        out = url->ca_file;
        skip = sizeof ca - 1;
    }
    if (out == NULL || n < skip)
        return fail(ret_error, "unknown parameter");
    if (!decode(text + skip, n - skip, out, REDIS_PATH_SIZE))
        return fail(ret_error, "bad file name");
    return 0;
}

static int parse_query(const char *text, struct redis_url *url,
                       struct strbuf *ret_error)
{
    int rc = 0;
    while (rc == 0 && *text != '\0') {
        size_t n = strcspn(text, "&");
        rc = parse_parameter(text, n, url, ret_error);
        text += n + (text[n] == '&');
    }
    return rc;
}

int redis_url_parse(const char *text, struct redis_url *ret_url,
                    struct strbuf *ret_error)
{
    struct redis_url url = {.port = 6379};
    if (strncmp(text, "rediss://", 9) == 0)
        url.tls = true;
    else if (strncmp(text, "redis://", 8) != 0)
        return fail(ret_error, "unknown scheme");
    text += url.tls ? 9 : 8;
    size_t n = strcspn(text, "/?");
    if (parse_authority(text, n, &url, ret_error) != 0)
        return -EINVAL;
    text += n;
    if (*text == '/') {
        n = strcspn(++text, "?");
        if (n > 0 && !read_number(text, n, 1000000, &url.db))
            return fail(ret_error, "the database must be a number");
        text += n;
    }
    if (*text == '?' && parse_query(text + 1, &url, ret_error) != 0)
        return -EINVAL;
    *ret_url = url;
    return 0;
}
