/*
 * curl multi in socket mode: curl tells which descriptors and which one timer
 * to watch, we tell it what happened. curl may ask for both from inside its own
 * calls, so nothing here calls back into curl from those two functions; finished
 * transfers are collected after each curl_multi_socket_action.
 *
 * Redirects are not left to curl: it would follow to any host (and send the
 * Authorization header to a sibling port in older versions).
 */
#include "net/http_client.h"

#include <assert.h>
#include <errno.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>

#include "base/alloc.h"
#include "base/strbuf.h"
#include "net/loop.h"

enum {
    REDIRECTS_MAX = 5,
    ERROR_TEXT_MAX = 512,
    DEFAULT_PER_HOST = 4,
    DEFAULT_TOTAL = 64,
    DEFAULT_LOW_SPEED_B_S = 16,
    DEFAULT_LOW_SPEED_S = 10
};

struct http_call {
    struct http_call *prev;
    struct http_call *next;
    struct http_client *client;
    CURL *easy;
    struct curl_slist *headers;
    struct strbuf body;
    http_done_fn done;
    void *data;
    int redirects;
    int64_t spent_ms; /* by the answers that redirected here */
    bool has_body;
    bool in_done;
    char curl_error[CURL_ERROR_SIZE];
};

struct http_client {
    struct loop *loop;
    CURLM *multi;
    struct loop_timer *timer;
    struct http_limits limits;
    char *ca_file;
    struct http_call *calls;
    bool collecting; /* guards against collect_finished inside a callback */
};

static void collect_finished(struct http_client *client);

static void socket_event(void *data, int fd, unsigned events)
{
    struct http_client *client = data;
    int action = 0;
    int running;
    /* On a hang-up curl looks at the descriptor by itself (action 0): CURL_CSELECT_ERR
     * would make it drop an answer whose end is still in the socket buffer. */
    if (!(events & LOOP_HANGUP)) {
        action |= (events & LOOP_READABLE) ? CURL_CSELECT_IN : 0;
        action |= (events & LOOP_WRITABLE) ? CURL_CSELECT_OUT : 0;
    }
    curl_multi_socket_action(client->multi, fd, action, &running);
    collect_finished(client);
}

static void timer_fired(void *data)
{
    struct http_client *client = data;
    int running;
    curl_multi_socket_action(client->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    collect_finished(client);
}

static int on_curl_timer(CURLM *multi, long timeout_ms, void *data)
{
    (void)multi;
    struct http_client *client = data;
    if (timeout_ms < 0)
        loop_timer_disarm(client->timer);
    else
        loop_timer_arm(client->timer, timeout_ms);
    return 0;
}

static int on_curl_socket(CURL *easy, curl_socket_t fd, int what, void *data,
                          void *socket_data)
{
    (void)easy;
    struct http_client *client = data;
    struct loop_fd *watch = socket_data;
    if (what == CURL_POLL_REMOVE) {
        loop_fd_free(watch);
        curl_multi_assign(client->multi, fd, NULL);
        return 0;
    }
    unsigned events = 0;
    events |= (what & CURL_POLL_IN) ? LOOP_READABLE : 0;
    events |= (what & CURL_POLL_OUT) ? LOOP_WRITABLE : 0;
    if (watch != NULL) {
        loop_fd_change(watch, events);
        return 0;
    }
    watch = loop_watch_fd(client->loop, fd, events, socket_event, client);
    curl_multi_assign(client->multi, fd, watch);
    return 0;
}

static size_t on_body(char *bytes, size_t size, size_t n, void *data)
{
    struct http_call *call = data;
    return strbuf_add(&call->body, bytes, size * n) ? size * n : 0;
}

static int or_default(int value, int fallback)
{
    return value > 0 ? value : fallback;
}

struct http_client *http_client_new(struct loop *loop, const struct http_limits *limits)
{
    curl_global_init(CURL_GLOBAL_DEFAULT); /* counted by curl, safe in threads */
    struct http_client *client = xcalloc(1, sizeof *client);
    client->loop = loop;
    if (limits != NULL)
        client->limits = *limits;
    struct http_limits *l = &client->limits;
    l->per_host = or_default(l->per_host, DEFAULT_PER_HOST);
    l->total = or_default(l->total, DEFAULT_TOTAL);
    l->low_speed_b_s = or_default(l->low_speed_b_s, DEFAULT_LOW_SPEED_B_S);
    l->low_speed_s = or_default(l->low_speed_s, DEFAULT_LOW_SPEED_S);
    if (l->ca_file != NULL && *l->ca_file != '\0')
        client->ca_file = xstrdup(l->ca_file);
    client->timer = loop_timer_new(loop, timer_fired, client);
    client->multi = curl_multi_init();
    curl_multi_setopt(client->multi, CURLMOPT_SOCKETFUNCTION, on_curl_socket);
    curl_multi_setopt(client->multi, CURLMOPT_SOCKETDATA, client);
    curl_multi_setopt(client->multi, CURLMOPT_TIMERFUNCTION, on_curl_timer);
    curl_multi_setopt(client->multi, CURLMOPT_TIMERDATA, client);
    curl_multi_setopt(client->multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)l->per_host);
    curl_multi_setopt(client->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)l->total);
    curl_multi_setopt(client->multi, CURLMOPT_MAXCONNECTS, (long)l->total);
    return client;
}

static void free_call(struct http_call *call)
{
    struct http_client *client = call->client;
    curl_multi_remove_handle(client->multi, call->easy);
    curl_easy_cleanup(call->easy);
    curl_slist_free_all(call->headers);
    strbuf_release(&call->body);
    if (call->prev != NULL)
        call->prev->next = call->next;
    else
        client->calls = call->next;
    if (call->next != NULL)
        call->next->prev = call->prev;
    free(call);
}

void http_client_free(struct http_client *client)
{
    if (client == NULL)
        return;
    assert(!client->collecting);
    for (struct http_call *call = client->calls, *next; call != NULL; call = next) {
        next = call->next;
        free_call(call);
    }
    curl_multi_cleanup(client->multi);
    loop_timer_free(client->timer);
    free(client->ca_file);
    free(client);
    curl_global_cleanup();
}

/* Requests to this machine never go through a proxy of the environment. */
static bool is_loopback(const char *url)
{
    static const char *const names[] = {"127.0.0.1", "localhost", "[::1]"};
    char *host = NULL;
    bool found = false;
    CURLU *parts = curl_url();
    if (curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK &&
        curl_url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK)
        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
            found = found || strcmp(host, names[i]) == 0;
    curl_free(host);
    curl_url_cleanup(parts);
    return found;
}

static void set_limits(struct http_call *call, const struct http_request *request)
{
    const struct http_limits *l = &call->client->limits;
    int64_t timeout_ms =
        request->timeout_ms > 0 ? request->timeout_ms : HTTP_TIMEOUT_MS;
    int64_t connect_ms =
        timeout_ms < HTTP_CONNECT_TIMEOUT_MS ? timeout_ms : HTTP_CONNECT_TIMEOUT_MS;
    CURL *easy = call->easy;
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)timeout_ms);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)connect_ms);
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, (long)l->low_speed_b_s);
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, (long)l->low_speed_s);
    curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)call->body.max);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    const char *ca_file =
        request->ca_file != NULL ? request->ca_file : call->client->ca_file;
    if (ca_file != NULL)
        curl_easy_setopt(easy, CURLOPT_CAINFO, ca_file);
    if (request->any_name && request->ca_file != NULL)
        curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
}

static void set_auth(struct http_call *call, const struct http_request *request)
{
    if (request->username != NULL) {
        curl_easy_setopt(call->easy, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
        curl_easy_setopt(call->easy, CURLOPT_USERNAME, request->username);
        curl_easy_setopt(call->easy, CURLOPT_PASSWORD,
                         request->password != NULL ? request->password : "");
    }
    if (request->bearer != NULL) {
        curl_easy_setopt(call->easy, CURLOPT_HTTPAUTH, CURLAUTH_BEARER);
        curl_easy_setopt(call->easy, CURLOPT_XOAUTH2_BEARER, request->bearer);
    }
}

static void set_method(struct http_call *call, const struct http_request *request)
{
    CURL *easy = call->easy;
    if (request->body != NULL) {
        call->has_body = true;
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                         (curl_off_t)request->body_len);
        curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, request->body);
    }
    if (request->method != NULL && strcmp(request->method, "HEAD") == 0)
        curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    else if (request->method != NULL)
        curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
    for (size_t i = 0; request->headers != NULL && request->headers[i] != NULL; i++)
        call->headers = curl_slist_append(call->headers, request->headers[i]);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, call->headers);
}

struct http_call *http_client_start(struct http_client *client,
                                    const struct http_request *request,
                                    http_done_fn done, void *data)
{
    struct http_call *call = xcalloc(1, sizeof *call);
    *call = (struct http_call){.client = client, .done = done, .data = data};
    strbuf_init(&call->body, request->max_body > 0 ? request->max_body : HTTP_BODY_MAX);
    call->next = client->calls;
    if (call->next != NULL)
        call->next->prev = call;
    client->calls = call;
    CURL *easy = call->easy = curl_easy_init();
    curl_easy_setopt(easy, CURLOPT_PRIVATE, call);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, call->curl_error);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, call);
    curl_easy_setopt(easy, CURLOPT_URL, request->url);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "flightdash/" FLIGHTDASH_VERSION);
    curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip, deflate");
    if (is_loopback(request->url))
        curl_easy_setopt(easy, CURLOPT_PROXY, "");
    set_limits(call, request);
    set_auth(call, request);
    set_method(call, request);
    curl_multi_add_handle(client->multi, easy);
    return call;
}

void http_call_cancel(struct http_call *call)
{
    if (call == NULL)
        return;
    assert(!call->in_done);
    free_call(call);
}

/* curl's result as ours; the header says which errno means what. */
static int errno_of(const struct http_call *call, CURLcode code)
{
    long port = 0; /* of the peer; 0 or -1 (curl 8) = it never came to a connection */
    curl_easy_getinfo(call->easy, CURLINFO_PRIMARY_PORT, &port);
    switch (code) {
    case CURLE_OK: return 0;
    case CURLE_OPERATION_TIMEDOUT: return -ETIMEDOUT;
    case CURLE_COULDNT_CONNECT: return -ECONNREFUSED;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY: return -EHOSTUNREACH;
    case CURLE_FILESIZE_EXCEEDED: return -EMSGSIZE;
    case CURLE_WRITE_ERROR: return call->body.overflowed ? -EMSGSIZE : -EIO;
    case CURLE_URL_MALFORMAT: return -EINVAL;
    case CURLE_UNSUPPORTED_PROTOCOL: return port <= 0 ? -EINVAL : -EPROTO; /* 0.9 */
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM: return -EKEYREJECTED;
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_PARTIAL_FILE:
    case CURLE_GOT_NOTHING:
    case CURLE_BAD_CONTENT_ENCODING:
    case CURLE_RECV_ERROR: return -EPROTO;
    default: return -EIO;
    }
}

/* scheme://host:port of a URL, without user, password, path and query. */
static void add_origin(struct strbuf *out, const char *url)
{
    char *scheme = NULL;
    char *host = NULL;
    char *port = NULL;
    CURLU *parts = curl_url();
    if (curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK &&
        curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
        curl_url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
        curl_url_get(parts, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK)
        strbuf_addf(out, "%s://%s:%s", scheme, host, port);
    else
        strbuf_add_text(out, "the URL");
    curl_free(scheme);
    curl_free(host);
    curl_free(port);
    curl_url_cleanup(parts);
}

static bool same_origin(const char *a, const char *b)
{
    struct strbuf x;
    struct strbuf y;
    strbuf_init(&x, ERROR_TEXT_MAX);
    strbuf_init(&y, ERROR_TEXT_MAX);
    add_origin(&x, a);
    add_origin(&y, b);
    bool same = x.len > 0 && strcasecmp(strbuf_text(&x), strbuf_text(&y)) == 0;
    strbuf_release(&x);
    strbuf_release(&y);
    return same;
}

static void explain(struct strbuf *out, const struct http_call *call, int error,
                    const char *curl_text, const char *redirect)
{
    char *url = NULL;
    long os_errno = 0;
    curl_easy_getinfo(call->easy, CURLINFO_EFFECTIVE_URL, &url);
    curl_easy_getinfo(call->easy, CURLINFO_OS_ERRNO, &os_errno);
    add_origin(out, url != NULL ? url : "");
    if (error == -EMSGSIZE) {
        strbuf_addf(out, ": the answer is larger than %zu bytes", call->body.max);
    } else if (error == -EXDEV) {
        strbuf_add_text(out, ": redirects to ");
        add_origin(out, redirect);
        strbuf_add_text(out, ", which is not followed; use that URL itself");
    } else if (error == -ECONNREFUSED && os_errno != 0) {
        strbuf_addf(out, ": %s", strerror((int)os_errno));
    } else {
        strbuf_addf(out, ": %s", curl_text);
    }
}

/*
 * Where the answer sends us: 0 and *ret_url for the same origin, -EXDEV for
 * another, -ENOENT when it is no redirect (or one too many). Only requests
 * without a body are sent again.
 */
static int redirect_of(struct http_call *call, char **ret_url)
{
    char *from = NULL;
    char *to = NULL;
    curl_easy_getinfo(call->easy, CURLINFO_REDIRECT_URL, &to);
    curl_easy_getinfo(call->easy, CURLINFO_EFFECTIVE_URL, &from);
    if (to == NULL || from == NULL || call->has_body)
        return -ENOENT;
    *ret_url = to;
    if (!same_origin(from, to))
        return -EXDEV;
    return call->redirects < REDIRECTS_MAX ? 0 : -ENOENT;
}

static int64_t transfer_ms(const struct http_call *call)
{
    curl_off_t total_us = 0;
    curl_easy_getinfo(call->easy, CURLINFO_TOTAL_TIME_T, &total_us);
    return (int64_t)(total_us / 1000);
}

static void start_again(struct http_call *call, const char *url)
{
    char *copy = xstrdup(url); /* curl owns url and frees it on reuse */
    curl_multi_remove_handle(call->client->multi, call->easy);
    call->redirects++;
    call->spent_ms += transfer_ms(call);
    strbuf_clear(&call->body);
    curl_easy_setopt(call->easy, CURLOPT_URL, copy);
    curl_multi_add_handle(call->client->multi, call->easy);
    free(copy);
}

static int64_t retry_after_ms(const struct http_call *call)
{
    curl_off_t seconds = 0;
    curl_easy_getinfo(call->easy, CURLINFO_RETRY_AFTER, &seconds);
    return seconds > 0 ? (int64_t)seconds * 1000 : -1;
}

static void finish(struct http_call *call, CURLcode code)
{
    char *redirect = NULL;
    int error = errno_of(call, code);
    int go = error == 0 ? redirect_of(call, &redirect) : -ENOENT;
    if (go == 0) {
        start_again(call, redirect);
        return;
    }
    if (go == -EXDEV)
        error = -EXDEV;
    const char *curl_text =
        call->curl_error[0] != '\0' ? call->curl_error : curl_easy_strerror(code);
    struct strbuf text;
    strbuf_init(&text, (size_t)2 * ERROR_TEXT_MAX);
    if (error != 0)
        explain(&text, call, error, curl_text, redirect);
    long status = 0;
    char *content_type = NULL;
    curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(call->easy, CURLINFO_CONTENT_TYPE, &content_type);
    const struct http_result result = {
        .error = error,
        .error_text = strbuf_text(&text),
        .status = (int)status,
        .body = strbuf_text(&call->body),
        .body_len = call->body.len,
        .content_type = content_type != NULL ? content_type : "",
        .retry_after_ms = retry_after_ms(call),
        .duration_ms = call->spent_ms + transfer_ms(call),
        .call = call,
    };
    call->in_done = true;
    call->done(call->data, &result);
    strbuf_release(&text);
    free_call(call);
}

static void collect_finished(struct http_client *client)
{
    if (client->collecting)
        return;
    client->collecting = true;
    int left;
    CURLMsg *msg;
    while ((msg = curl_multi_info_read(client->multi, &left)) != NULL) {
        struct http_call *call = NULL;
        if (msg->msg != CURLMSG_DONE)
            continue;
        CURLcode code = msg->data.result;
        curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &call);
        finish(call, code);
    }
    client->collecting = false;
}

const char *http_result_header(const struct http_result *result, const char *name)
{
    struct curl_header *header;
    if (curl_easy_header(result->call->easy, name, 0, CURLH_HEADER, -1, &header) !=
        CURLHE_OK)
        return NULL;
    return header->value;
}

char *http_escape(const char *text)
{
    char *escaped = curl_easy_escape(NULL, text, 0);
    char *copy = xstrdup(escaped != NULL ? escaped : "");
    curl_free(escaped);
    return copy;
}
