#include "gateway/route_args.h"

#include <math.h>

#include "gateway/route.h"

enum { MESSAGE_MAX = 256 };

void route_refuse(struct http_exchange *x, const char *name, const char *what)
{
    char message[MESSAGE_MAX];
    snprintf(message, sizeof message, "%.60s: %.180s", name, what);
    exchange_error(x, 400, "bad_request", message, 0);
}

static bool is_known(const struct route *route, const char *name)
{
    for (size_t i = 0; i < route->param_count; i++)
        if (strcmp(route->params[i].in, "query") == 0 &&
            strcmp(route->params[i].name, name) == 0)
            return true;
    return false;
}

bool route_args_known(struct http_exchange *x)
{
    const struct route *route = exchange_route(x);
    const char *name = NULL;
    const char *value = NULL;
    for (size_t i = 0; exchange_query_at(x, i, &name, &value); i++) {
        if (!is_known(route, name)) {
            route_refuse(x, name, "no such parameter here");
            return false;
        }
        /* The first value is what is taken: another one would be passed over. */
        if (exchange_param(x, name) != value) {
            route_refuse(x, name, "stands there twice");
            return false;
        }
    }
    return true;
}

/* Decimal digits with an optional sign, nothing else. */
static bool read_int(const char *text, int64_t *ret_value)
{
    char *end = NULL;
    const size_t sign = text[0] == '-';
    const size_t digits = strspn(text + sign, "0123456789");
    if (digits == 0 || digits > 15 || text[sign + digits] != '\0')
        return false;
    *ret_value = strtoll(text, &end, 10);
    return true;
}

bool route_args_int(struct http_exchange *x, const char *name, int64_t min, int64_t max,
                    int64_t *ret_value)
{
    char what[MESSAGE_MAX];
    int64_t value = 0;
    const char *text = exchange_param(x, name);
    if (!text)
        return true;
    if (read_int(text, &value) && value >= min && value <= max) {
        *ret_value = value;
        return true;
    }
    snprintf(what, sizeof what, "a whole number from %lld to %lld expected",
             (long long)min, (long long)max);
    route_refuse(x, name, what);
    return false;
}

bool route_args_limit(struct http_exchange *x, size_t default_limit, size_t max,
                      size_t *ret_limit)
{
    int64_t limit = (int64_t)default_limit;
    if (!route_args_int(x, "limit", 0, (int64_t)max, &limit))
        return false;
    *ret_limit = (size_t)limit;
    return true;
}

bool route_args_number(struct http_exchange *x, const char *name, double min,
                       double max, double *ret_value)
{
    char what[MESSAGE_MAX];
    const char *text = exchange_param(x, name);
    char *end = NULL;
    const bool plain = text && *text && text[strspn(text, "+-.0123456789")] == '\0';
    const double value = plain ? strtod(text, &end) : (double)NAN;
    if (plain && *end == '\0' && value >= min && value <= max) {
        *ret_value = value;
        return true;
    }
    snprintf(what, sizeof what, "a number from %g to %g expected", min, max);
    route_refuse(x, name, what);
    return false;
}

bool route_args_flag(struct http_exchange *x, const char *name, bool *ret_value)
{
    const char *text = exchange_param(x, name);
    if (!text)
        return true;
    const bool yes = strcmp(text, "true") == 0 || strcmp(text, "1") == 0;
    const bool no = strcmp(text, "false") == 0 || strcmp(text, "0") == 0;
    if (yes || no)
        *ret_value = yes;
    else
        route_refuse(x, name, "true or false expected");
    return yes || no;
}

void route_body_init(struct strbuf *body)
{
    strbuf_init(body, HTTP_REPLY_MAX);
}

void route_send(struct http_exchange *x, const char *content_type, struct strbuf *body)
{
    if (body->overflowed) {
        strbuf_release(body);
        exchange_error(x, 400, "too_large",
                       "limit: the answer would be too large, ask for less", 0);
        return;
    }
    const size_t len = body->len;
    exchange_reply_take(x, 200, content_type, strbuf_detach(body), len);
}
