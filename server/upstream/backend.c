#include "upstream/backend.h"

#include <errno.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/macros.h"
#include "net/http_client.h"
#include "telemetry/health.h"
#include "telemetry/metrics.h"
#include "upstream/breaker.h"

struct backend {
    const struct upstream_class *class;
    struct backend_deps deps;
    char *url; /* no slash at its end */
    char *link_url;
    char *username;
    char *password;
    char *ca_file;
    struct breaker breaker;
    struct backend_ask *ping;
    struct upstream_plan ping_plan;
    int64_t asked_ms; /* monotonic */
    char trouble[UPSTREAM_MESSAGE_MAX];
};

struct backend_ask {
    struct backend *backend;
    struct backend_question question;
    struct http_call *call;
};

/* The first line of a file: USER:PASSWORD. */
static int read_credentials(struct backend *b, const char *file,
                            struct strbuf *ret_error)
{
    char line[512];
    FILE *in = fopen(file, "re");
    const char *read = in ? fgets(line, sizeof line, in) : NULL;
    const int failed = in ? 0 : errno;
    if (in)
        fclose(in);
    char *colon = read ? strchr(line, ':') : NULL;
    if (!colon) {
        strbuf_addf(ret_error, "%s: %s: %s", b->class->name, file,
                    failed ? strerror(failed) : "a line USER:PASSWORD expected");
        return -EINVAL;
    }
    line[strcspn(line, "\r\n")] = '\0';
    *colon = '\0';
    b->username = xstrdup(line);
    b->password = xstrdup(colon + 1);
    explicit_bzero(line, sizeof line);
    return 0;
}

static char *without_end_slash(const char *url)
{
    size_t len = strlen(url);
    while (len > 0 && url[len - 1] == '/')
        len--;
    return xstrndup(url, len);
}

struct backend *backend_new(const struct upstream_class *class,
                            const struct upstream_backend *config,
                            const struct backend_deps *deps, struct strbuf *ret_error)
{
    struct backend *b = xcalloc(1, sizeof *b);
    b->class = class;
    b->deps = *deps;
    b->url = without_end_slash(config->url);
    b->link_url = config->link_url ? without_end_slash(config->link_url) : NULL;
    b->ca_file = config->ca_file ? xstrdup(config->ca_file) : NULL;
    if (b->deps.timeout_ms <= 0)
        b->deps.timeout_ms = BACKEND_TIMEOUT_MS;
    breaker_init(&b->breaker, (uint64_t)clock_mono_ns() ^ (uintptr_t)b);
    upstream_plan_init(&b->ping_plan);
    class->ping(&b->ping_plan);
    const bool is_http = strncmp(b->url, "http://", 7) == 0 && b->url[7];
    const bool is_https = strncmp(b->url, "https://", 8) == 0 && b->url[8];
    int rc = 0;
    if (!is_http && !is_https) {
        strbuf_addf(ret_error, "%s: http://HOST[:PORT] expected", class->name);
        rc = -EINVAL;
    }
    if (rc == 0 && config->credentials_file)
        rc = read_credentials(b, config->credentials_file, ret_error);
    if (rc == 0) {
        health_set(deps->board, class->name, HEALTH_WARN, HEALTH_NO_LATENCY,
                   "not asked yet");
        return b;
    }
    backend_free(b);
    return NULL;
}

void backend_free(struct backend *b)
{
    if (!b)
        return;
    if (b->ping)
        backend_cancel(b->ping);
    upstream_plan_release(&b->ping_plan);
    if (b->password)
        explicit_bzero(b->password, strlen(b->password));
    free(b->password);
    free(b->username);
    free(b->ca_file);
    free(b->link_url);
    free(b->url);
    free(b);
}

const char *backend_name(const struct backend *b)
{
    return b->class->name;
}

const char *backend_link_url(const struct backend *b)
{
    return b->link_url;
}

const char *backend_trouble(const struct backend *b)
{
    return b->trouble;
}

/* ---- one question ---- */

static void count(const struct backend *b, const char *outcome, int64_t duration_ms)
{
    struct metrics *m = b->deps.metrics;
    metric_add(metrics_cell_of(m, METRIC_UPSTREAM_REQUESTS, b->class->name, outcome),
               1);
    metric_observe(metrics_cell_of(m, METRIC_UPSTREAM_DURATION, b->class->name, NULL),
                   (double)duration_ms / 1e3);
}

static const char *outcome_text(const struct http_result *result,
                                enum upstream_verdict verdict)
{
    if (result->error == -ETIMEDOUT)
        return "timeout";
    if (result->error == -EMSGSIZE)
        return "too_large";
    if (result->error)
        return "unreachable";
    if (verdict == UPSTREAM_GOOD)
        return "ok";
    return verdict == UPSTREAM_REFUSED ? "refused" : "bad_answer";
}

/* Tells breaker, health board and counters how a question ended. */
static void report(struct backend *b, const struct http_result *result,
                   enum upstream_verdict verdict, const char *text)
{
    const bool answered = verdict != UPSTREAM_BAD;
    breaker_report(&b->breaker, answered, clock_mono_ms());
    count(b, outcome_text(result, verdict), result->duration_ms);
    metrics_set_to(b->deps.metrics, METRIC_UPSTREAM_BREAKER, b->class->name,
                   breaker_is_open(&b->breaker));
    if (answered) {
        health_pass(b->deps.board, b->class->name, result->duration_ms);
        return;
    }
    snprintf(b->trouble, sizeof b->trouble, "%.500s", text);
    health_set(b->deps.board, b->class->name, HEALTH_FAIL, HEALTH_NO_LATENCY, "%.200s",
               text);
}

static enum upstream_verdict digest(const struct backend_ask *ask,
                                    const struct http_result *result,
                                    struct strbuf *text)
{
    if (result->error) {
        strbuf_add_text(text, result->error_text);
        return UPSTREAM_BAD;
    }
    const char *product = http_result_header(result, "x-elastic-product");
    const struct upstream_reply reply = {.status = result->status,
                                         .content_type = result->content_type,
                                         .product = product ? product : "",
                                         .body = result->body,
                                         .len = result->body_len};
    return ask->question.digest(ask->question.data, &reply, text);
}

static void on_result(void *data, const struct http_result *result)
{
    struct backend_ask *ask = data;
    struct strbuf text;
    strbuf_init(&text, UPSTREAM_RESULT_MAX);
    const enum upstream_verdict verdict = digest(ask, result, &text);
    report(ask->backend, result, verdict, strbuf_text(&text));
    const int64_t wait_ms = breaker_wait_ms(&ask->backend->breaker, clock_mono_ms());
    const int64_t retry_ms =
        verdict == UPSTREAM_BAD ? MAX_OF(wait_ms, result->retry_after_ms) : 0;
    ask->question.done(ask->question.data, verdict, &text,
                       MAX_OF(retry_ms, INT64_C(0)));
    strbuf_release(&text);
    free(ask);
}

struct backend_ask *backend_ask(struct backend *b,
                                const struct backend_question *question,
                                int64_t *ret_retry_ms)
{
    static const char *const headers[] = {"Accept: application/json",
                                          "Content-Type: application/json", NULL};
    const int64_t now_ms = clock_mono_ms();
    if (!breaker_allow(&b->breaker, now_ms)) {
        *ret_retry_ms = MAX_OF(breaker_wait_ms(&b->breaker, now_ms), INT64_C(1000));
        return NULL;
    }
    struct backend_ask *ask = xcalloc(1, sizeof *ask);
    ask->backend = b;
    ask->question = *question;
    b->asked_ms = now_ms;
    const struct upstream_plan *plan = question->plan;
    struct strbuf url;
    strbuf_init(&url, UPSTREAM_REQUEST_MAX + UPSTREAM_ARG_MAX);
    strbuf_add_text(&url, b->url);
    strbuf_add_text(&url, strbuf_text(&plan->path));
    const struct http_request request = {.url = strbuf_text(&url),
                                         .headers = headers,
                                         .body =
                                             plan->body.len ? plan->body.data : NULL,
                                         .body_len = plan->body.len,
                                         .timeout_ms = b->deps.timeout_ms,
                                         .max_body = UPSTREAM_BODY_MAX,
                                         .ca_file = b->ca_file,
                                         .username = b->username,
                                         .password = b->password};
    ask->call = http_client_start(b->deps.http, &request, on_result, ask);
    strbuf_release(&url);
    return ask;
}

void backend_cancel(struct backend_ask *ask)
{
    http_call_cancel(ask->call);
    breaker_withdraw(&ask->backend->breaker);
    free(ask);
}

/* ---- pings ---- */

static enum upstream_verdict digest_ping(void *data, const struct upstream_reply *reply,
                                         struct strbuf *ret_text)
{
    static const struct upstream_args nothing = {.text = {NULL}};
    const struct backend *b = data;
    return b->class->digest(&nothing, &b->ping_plan, reply, ret_text);
}

static void ping_done(void *data, enum upstream_verdict verdict, struct strbuf *text,
                      int64_t retry_ms)
{
    (void)verdict;
    (void)text;
    (void)retry_ms;
    struct backend *b = data;
    b->ping = NULL;
}

void backend_tick(struct backend *b, int64_t now_ms)
{
    /* An open breaker sets its own pace: a server that is back is noticed soon. */
    const bool open = breaker_is_open(&b->breaker);
    if (b->ping || (!open && b->asked_ms && now_ms - b->asked_ms < BACKEND_PING_MS))
        return;
    const struct backend_question question = {
        .plan = &b->ping_plan, .digest = digest_ping, .done = ping_done, .data = b};
    int64_t retry_ms = 0;
    b->ping = backend_ask(b, &question, &retry_ms);
}
