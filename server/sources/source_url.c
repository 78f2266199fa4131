#include "sources/source_url.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/host_port.h"
#include "base/macros.h"
#include "base/strbuf.h"
#include "sources/source.h"

enum { URL_MAX = 4096, PORT_MAX = 65535 };

/* What the parser holds in its hands while it works. */
struct parse {
    struct source_url *url;
    struct strbuf *error;
    struct strbuf kept; /* the query that is sent on */
};

static bool fail(struct parse *p, const char *what)
{
    strbuf_addf(p->error, "source \"%s\": %s", p->url->text, what);
    return false;
}

static int hex_digit(char c)
{
    const char *digits = "0123456789abcdef";
    const char *at = c != '\0' ? strchr(digits, tolower((unsigned char)c)) : NULL;
    return at != NULL ? (int)(at - digits) : -1;
}

/* text of n bytes with %41 undone, + left as it is; free() it. */
static char *decode(const char *text, size_t n)
{
    char *out = xmalloc(n + 1);
    size_t len = 0;
    for (size_t i = 0; i < n; i++) {
        bool coded = text[i] == '%' && i + 2 < n && hex_digit(text[i + 1]) >= 0 &&
                     hex_digit(text[i + 2]) >= 0;
        if (coded) {
            out[len++] = (char)(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
            i += 2;
        } else {
            out[len++] = text[i];
        }
    }
    out[len] = '\0';
    return out;
}

static bool holds(const char *const *list, const char *key, size_t n)
{
    for (; list != NULL && *list != NULL; list++)
        if (strlen(*list) == n && strncmp(*list, key, n) == 0)
            return true;
    return false;
}

/* True for the parameters that are for us. */
static bool is_own(const struct source_class *kind, const char *key, size_t n)
{
    static const char *const all[] = {"name", "poll_s", NULL};
    const char *const *lists[] = {kind->poll_ms > 0 ? all : NULL, kind->parameters};
    if (n == strlen("name") && strncmp(key, "name", n) == 0)
        return true;
    for (size_t i = 0; i < ARRAY_LEN(lists); i++)
        if (holds(lists[i], key, n))
            return true;
    return false;
}

static bool add_parameter(struct parse *p, const char *pair, size_t n)
{
    struct source_url *url = p->url;
    const char *equals = memchr(pair, '=', n);
    size_t key_len = equals != NULL ? (size_t)(equals - pair) : n;
    if (n == 0)
        return true;
    if (!is_own(url->kind, pair, key_len) && url->kind->web) {
        strbuf_addf(&p->kept, "%s%.*s", p->kept.len > 0 ? "&" : "?", (int)n, pair);
        return true;
    }
    if (!is_own(url->kind, pair, key_len)) {
        strbuf_addf(p->error, "source \"%s\": unknown parameter \"%.*s\"; wanted: %s",
                    url->text, (int)key_len, pair, url->kind->form);
        return false;
    }
    if (url->parameter_count == SOURCE_PARAMETERS_MAX)
        return fail(p, "too many parameters");
    char *key = xstrndup(pair, key_len);
    if (source_url_value(url, key) != NULL) {
        strbuf_addf(p->error, "source \"%s\": %s= stands there twice", url->text, key);
        free(key);
        return false;
    }
    struct source_parameter *parameter = &url->parameters[url->parameter_count++];
    parameter->key = key;
    parameter->value =
        equals != NULL ? decode(equals + 1, n - key_len - 1) : xstrdup("");
    return true;
}

static bool split_query(struct parse *p, const char *query)
{
    while (*query != '\0') {
        size_t n = strcspn(query, "&");
        if (!add_parameter(p, query, n))
            return false;
        query += n + (query[n] == '&');
    }
    return true;
}

/* What may stand in a `src`: it goes to logs, labels and terminals as it is. */
static bool take_name(struct parse *p)
{
    const char *name = source_url_value(p->url, "name");
    p->url->named = name != NULL;
    if (name == NULL)
        name = p->url->kind->name;
    size_t n = strlen(name);
    if (n == 0 || n >= sizeof p->url->name)
        return fail(p, "name= must have 1 to 23 characters");
    for (size_t i = 0; i < n; i++)
        if (name[i] < ' ' || name[i] > '~' || name[i] == '"' || name[i] == '\\')
            return fail(p, "name= must be plain ASCII without quotes");
    memcpy(p->url->name, name, n + 1);
    return true;
}

static bool take_poll(struct parse *p)
{
    const struct source_range range = {0.1, SOURCE_POLL_MAX_S,
                                       (double)p->url->kind->poll_ms / 1000};
    double seconds;
    if (!source_url_number(p->url, "poll_s", range, &seconds, p->error))
        return false;
    p->url->poll_ms = llround(seconds * 1000);
    return true;
}

/* "//host:port" with nothing behind it; [v6] in brackets. */
static bool take_host_port(struct parse *p, const char *rest, size_t n)
{
    static const char wanted[] = "wanted: //HOST:PORT with a port from 1 to 65535";
    char *end;
    if (n < 3 || strncmp(rest, "//", 2) != 0)
        return fail(p, wanted);
    char *place = xstrndup(rest + 2, n - 2);
    size_t len = strlen(place);
    while (len > 0 && place[len - 1] == '/')
        place[--len] = '\0';
    char *colon = strrchr(place, ':');
    bool good = colon != NULL && colon > place && isdigit((unsigned char)colon[1]);
    if (good) {
        long port = strtol(colon + 1, &end, 10);
        good = *end == '\0' && port >= 1 && port <= PORT_MAX;
        p->url->port = good ? (int)port : 0;
        *colon = '\0';
    }
    size_t host_len = strlen(place);
    bool bracketed = host_len > 2 && place[0] == '[' && place[host_len - 1] == ']';
    good = good && (bracketed || strchr(place, ':') == NULL);
    p->url->target = bracketed ? xstrndup(place + 1, host_len - 2) : xstrdup(place);
    free(place);
    return good || fail(p, wanted);
}

/* The URL for the web server: scheme without our prefix, and the kept query. */
static bool take_web_url(struct parse *p, const char *rest, size_t n)
{
    const char *scheme = strchr(p->url->kind->scheme, '+');
    if (n < 3 || strncmp(rest, "//", 2) != 0 ||
        !host_port_valid(rest + 2, MIN_OF(strcspn(rest + 2, "/?#"), n - 2)))
        return fail(p, "wanted: //HOST[:PORT]/PATH behind the scheme");
    struct strbuf url;
    strbuf_init(&url, URL_MAX);
    strbuf_addf(&url, "%s:%.*s%s", scheme + 1, (int)n, rest, strbuf_text(&p->kept));
    p->url->target = strbuf_detach(&url);
    return true;
}

static bool take_target(struct parse *p, const char *rest, size_t n)
{
    const char *scheme = p->url->kind->scheme;
    size_t scheme_len = strlen(scheme);
    if (p->url->kind->web)
        return take_web_url(p, rest, n);
    if (scheme_len > 4 && strcmp(scheme + scheme_len - 4, "+tcp") == 0)
        return take_host_port(p, rest, n);
    p->url->target = xstrndup(rest, n);
    return true;
}

static bool holds_control(const char *text)
{
    for (; *text != '\0'; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            return true;
    return false;
}

static bool parse(struct parse *p)
{
    static const char kinds[] = "unknown kind of source; wanted: sim: replay:FILE "
                                "readsb+http:// readsb+https:// readsb+tcp:// "
                                "sbs+tcp:// opensky: adsbv2+http:// adsbv2+https://";
    const char *text = p->url->text;
    size_t scheme_len = strcspn(text, ":");
    if (strlen(text) > URL_MAX / 2)
        return fail(p, "too long");
    if (p->url->kind == NULL || text[scheme_len] != ':')
        return fail(p, kinds);
    const char *rest = text + scheme_len + 1;
    size_t n = strcspn(rest, "?");
    if (holds_control(text))
        return fail(p, "holds a control character");
    if (!split_query(p, rest[n] == '?' ? rest + n + 1 : "") ||
        !take_target(p, rest, n) || !take_name(p) || !take_poll(p))
        return false;
    return p->url->kind->check == NULL || p->url->kind->check(p->url, p->error);
}

struct source_url *source_url_parse(const char *text, const struct source_class *kind,
                                    struct strbuf *ret_error)
{
    struct parse p = {.url = xcalloc(1, sizeof *p.url), .error = ret_error};
    p.url->text = xstrdup(text);
    p.url->kind = kind;
    strbuf_init(&p.kept, URL_MAX);
    bool good = parse(&p);
    if (p.url->target == NULL)
        p.url->target = xstrdup("");
    strbuf_release(&p.kept);
    if (good)
        return p.url;
    source_url_free(p.url);
    return NULL;
}

void source_url_free(struct source_url *url)
{
    if (url == NULL)
        return;
    for (size_t i = 0; i < url->parameter_count; i++) {
        free(url->parameters[i].key);
        free(url->parameters[i].value);
    }
    free(url->text);
    free(url->target);
    free(url);
}

const char *source_url_value(const struct source_url *url, const char *key)
{
    for (size_t i = 0; i < url->parameter_count; i++)
        if (strcmp(url->parameters[i].key, key) == 0)
            return url->parameters[i].value;
    return NULL;
}

bool source_url_number(const struct source_url *url, const char *key,
                       struct source_range range, double *ret_value,
                       struct strbuf *ret_error)
{
    const char *text = source_url_value(url, key);
    char *end = NULL;
    double value = range.fallback;
    if (text != NULL)
        value = strtod(text, &end);
    if (text == NULL ||
        (end != text && *end == '\0' && strpbrk(text, "xXnN ") == NULL &&
         value >= range.min && value <= range.max)) {
        *ret_value = value;
        return true;
    }
    strbuf_addf(ret_error, "source \"%s\": %s=%s: wanted a number from %g to %g",
                url->text, key, text, range.min, range.max);
    return false;
}

bool source_url_check_file(const struct source_url *url, const char *key,
                           struct strbuf *ret_error)
{
    const char *path = source_url_value(url, key);
    if (path == NULL || access(path, R_OK) == 0)
        return true;
    strbuf_addf(ret_error, "source \"%s\": %s=%s: %s", url->text, key, path,
                strerror(errno));
    return false;
}
