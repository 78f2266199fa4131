/*
 * The quota is counted in credits per day (X-Rate-Limit-Remaining with every
 * answer; a poll of the whole world costs four). When few polls are left we ask
 * ten times less often rather than fall silent; when none are, the service says
 * for how long (X-Rate-Limit-Retry-After-Seconds, its own form of Retry-After).
 */
#include "sources/opensky.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/macros.h"
#include "base/strbuf.h"
#include "net/http_client.h"
#include "sources/decode_opensky.h"
#include "sources/oauth_token.h"
#include "sources/poller.h"
#include "sources/source_url.h"

#define DEFAULT_URL "https://opensky-network.org/api"
#define DEFAULT_AUTH_URL                                                               \
    "https://auth.opensky-network.org/auth/realms/opensky-network/protocol/"           \
    "openid-connect/token"

enum {
    POLL_MS = 10000,
    SPARE_POLLS = 20,
    SPARE_FACTOR = 10,
    URL_MAX = 2048,
    SECONDS_PER_DAY = 86400
};

struct opensky {
    const struct source_url *url;
    struct source_sink sink;
    struct poller *poller;
    struct oauth_token *token; /* NULL = anonymous */
    bool token_retried;        /* a fresh token was refused just now */
    int64_t left;              /* of the quota, -1 = not told */
    int64_t cost;              /* of one poll, as observed */
};

struct box {
    double west;
    double south;
    double east;
    double north;
};

/* west,south,east,north in degrees. */
static bool parse_box(const char *text, struct box *ret_box)
{
    double side[4];
    for (size_t i = 0; i < ARRAY_LEN(side); i++) {
        char *end;
        side[i] = strtod(text, &end);
        if (end == text || *end != (i + 1 < ARRAY_LEN(side) ? ',' : '\0'))
            return false;
        text = end + 1;
    }
    const struct box b = {side[0], side[1], side[2], side[3]};
    if (!(b.west >= -180 && b.west < b.east && b.east <= 180) ||
        !(b.south >= -90 && b.south < b.north && b.north <= 90))
        return false;
    *ret_box = b;
    return true;
}

static bool is_web_url(const char *text)
{
    return text == NULL || strncmp(text, "http://", 7) == 0 ||
           strncmp(text, "https://", 8) == 0;
}

static bool credentials_readable(const struct source_url *url, struct strbuf *ret_error)
{
    static const char *const keys[] = {"client_id_file", "client_secret_file"};
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        char *text = NULL;
        const char *path = source_url_value(url, keys[i]);
        if (path != NULL && !oauth_read_file(path, &text, ret_error))
            return false;
        free(text);
    }
    return true;
}

static bool check_opensky(const struct source_url *url, struct strbuf *ret_error)
{
    struct box box;
    const char *bbox = source_url_value(url, "bbox");
    const char *problem = NULL;
    bool has_id = source_url_value(url, "client_id_file") != NULL;
    bool has_secret = source_url_value(url, "client_secret_file") != NULL;
    if (url->target[0] != '\0')
        problem = "nothing belongs between opensky: and ?";
    else if (has_id != has_secret)
        problem = "client_id_file and client_secret_file go together";
    else if (!is_web_url(source_url_value(url, "url")) ||
             !is_web_url(source_url_value(url, "auth_url")))
        problem = "url and auth_url begin with http:// or https://";
    else if (bbox != NULL && !parse_box(bbox, &box))
        problem = "bbox is west,south,east,north in degrees with west < east (OpenSky "
                  "cannot cross the date line: give two sources)";
    if (problem != NULL)
        strbuf_addf(ret_error, "source \"%s\": %s", url->text, problem);
    return problem == NULL && source_url_check_file(url, "ca_file", ret_error) &&
           credentials_readable(url, ret_error);
}

static void take_token(void *data, const struct oauth_answer *answer)
{
    struct opensky *o = data;
    if (answer->token != NULL)
        poller_go(o->poller, answer->token);
    else
        poller_fail(o->poller, answer->trouble, answer->text, answer->retry_after_ms);
}

static bool prepare(void *owner)
{
    struct opensky *o = owner;
    if (o->token == NULL)
        return true;
    const char *token = oauth_token_get(o->token, clock_mono_ms());
    if (token != NULL)
        poller_go(o->poller, token);
    else
        oauth_token_fetch(o->token, take_token, o);
    return false;
}

static bool header_number(const struct http_result *result, const char *name,
                          int64_t *ret_value)
{
    char *end;
    const char *text = http_result_header(result, name);
    if (text == NULL)
        return false;
    long long value = strtoll(text, &end, 10);
    if (end == text || value < 0)
        return false;
    *ret_value = value;
    return true;
}

static void watch_quota(struct opensky *o, const struct http_result *result)
{
    char text[120];
    int64_t left;
    if (!header_number(result, "X-Rate-Limit-Remaining", &left))
        return;
    if (o->left > left)
        o->cost = o->left - left;
    o->left = left;
    o->sink.quota(o->sink.data, left);
    bool scarce = left < o->cost * SPARE_POLLS;
    if (!scarce)
        return;
    poller_pace(o->poller, o->url->poll_ms * SPARE_FACTOR);
    snprintf(text, sizeof text, "quota nearly used up, %lld left: asking less often",
             (long long)left);
    o->sink.notice(o->sink.data, text);
}

/* The service's own Retry-After: from now on at least that long. */
static void watch_retry(struct opensky *o, const struct http_result *result)
{
    int64_t seconds;
    if (result->status == 429 &&
        header_number(result, "X-Rate-Limit-Retry-After-Seconds", &seconds) &&
        seconds <= SECONDS_PER_DAY)
        poller_pace(o->poller, seconds * 1000);
}

/* A refused token is replaced once; refused again, the credentials are wrong. */
static bool answered(void *owner, const struct http_result *result)
{
    struct opensky *o = owner;
    if (result->error != 0)
        return false;
    poller_pace(o->poller, 0);
    watch_quota(o, result);
    watch_retry(o, result);
    bool refused = result->status == 401 && o->token != NULL;
    bool again = refused && !o->token_retried;
    if (refused)
        oauth_token_drop(o->token);
    o->token_retried = again;
    return again;
}

static char *states_url(const struct source_url *url)
{
    struct strbuf text;
    struct box b;
    const char *base = source_url_value(url, "url");
    const char *bbox = source_url_value(url, "bbox");
    base = base != NULL ? base : DEFAULT_URL;
    size_t len = strlen(base);
    while (len > 0 && base[len - 1] == '/')
        len--;
    strbuf_init(&text, URL_MAX);
    strbuf_addf(&text, "%.*s/states/all?extended=1", (int)len, base);
    if (bbox != NULL && parse_box(bbox, &b))
        strbuf_addf(&text, "&lamin=%.6g&lomin=%.6g&lamax=%.6g&lomax=%.6g", b.south,
                    b.west, b.north, b.east);
    return strbuf_detach(&text);
}

static struct oauth_token *open_token(const struct source_url *url,
                                      const struct source_context *context)
{
    const char *auth_url = source_url_value(url, "auth_url");
    const struct oauth_config config = {
        .url = auth_url != NULL ? auth_url : DEFAULT_AUTH_URL,
        .id_file = source_url_value(url, "client_id_file"),
        .secret_file = source_url_value(url, "client_secret_file"),
        .ca_file = source_url_value(url, "ca_file"),
        .http = context->http,
    };
    return config.id_file != NULL ? oauth_token_new(&config) : NULL;
}

static void *open_opensky(const struct source_url *url,
                          const struct source_context *context,
                          const struct source_sink *sink, struct strbuf *ret_error)
{
    (void)ret_error;
    struct opensky *o = xcalloc(1, sizeof *o);
    *o = (struct opensky){.url = url, .sink = *sink, .left = -1, .cost = 1};
    char *states = states_url(url);
    const struct poller_config config = {
        .url = states,
        .ca_file = source_url_value(url, "ca_file"),
        .poll_ms = url->poll_ms,
        .format = &decode_opensky_format,
        .context = context,
        .sink = sink,
        .prepare = prepare,
        .answered = answered,
        .owner = o,
    };
    o->token = open_token(url, context);
    o->poller = poller_new(&config);
    free(states);
    return o;
}

static void close_opensky(void *source)
{
    struct opensky *o = source;
    poller_free(o->poller);
    oauth_token_free(o->token);
    free(o);
}

static const char *const parameters[] = {
    "bbox", "url", "auth_url", "client_id_file", "client_secret_file", "ca_file", NULL};

const struct source_class source_opensky = {
    .scheme = "opensky",
    .name = "opensky",
    .form = "opensky:[?bbox=w,s,e,n&url=BASE&auth_url=URL&client_id_file=F&"
            "client_secret_file=F&ca_file=F&poll_s=N&name=TEXT]",
    .parameters = parameters,
    .full_state = true,
    .poll_ms = POLL_MS,
    .check = check_opensky,
    .open = open_opensky,
    .close = close_opensky,
};
