#include "sources/poller.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/backoff.h"
#include "base/clock.h"
#include "base/macros.h"
#include "base/strbuf.h"
#include "net/http_client.h"
#include "net/loop.h"
#include "sources/source_clock.h"

enum { TEXT_MAX = 400, PAUSE_MIN_MS = 1000, PAUSE_POLLS = 60 };

struct poller {
    struct poller_config config;
    struct source_context context;
    struct source_sink sink;
    char *url;
    char *ca_file;
    struct loop_timer *timer;
    struct http_call *call;
    struct backoff backoff;
    struct source_clock clock;
    int64_t started_ms; /* of the poll under way, monotonic */
    int64_t least_ms;
};

static void due(void *data)
{
    struct poller *p = data;
    p->started_ms = clock_mono_ms();
    if (p->config.prepare == NULL || p->config.prepare(p->config.owner))
        poller_go(p, NULL);
}

/* The next poll, counted from the start of this one. */
static void wait_for_next(struct poller *p)
{
    int64_t period_ms = MAX_OF(p->config.poll_ms, p->least_ms);
    int64_t passed_ms = clock_mono_ms() - p->started_ms;
    loop_update_time(p->context.loop);
    loop_timer_arm(p->timer, MAX_OF(period_ms - passed_ms, (int64_t)0));
}

void poller_fail(struct poller *p, enum source_trouble trouble, const char *text,
                 int64_t retry_after_ms)
{
    int64_t pause_ms = backoff_next_ms(&p->backoff);
    if (trouble == SOURCE_TROUBLE_UNAUTHORIZED)
        pause_ms = MAX_OF(pause_ms, (int64_t)POLLER_AUTH_PAUSE_MS);
    pause_ms = MAX_OF(pause_ms, MIN_OF(retry_after_ms, (int64_t)POLLER_RETRY_MAX_MS));
    pause_ms = MAX_OF(pause_ms, p->least_ms);
    loop_update_time(p->context.loop);
    loop_timer_arm(p->timer, pause_ms);
    p->sink.trouble(p->sink.data, trouble, text, pause_ms);
}

static enum source_trouble trouble_of(int error)
{
    switch (error) {
    case -ETIMEDOUT: return SOURCE_TROUBLE_TIMEOUT;
    case -EMSGSIZE: return SOURCE_TROUBLE_TOO_LARGE;
    case -EXDEV: return SOURCE_TROUBLE_REDIRECT;
    case -EPROTO: return SOURCE_TROUBLE_CLOSED;
    case -EKEYREJECTED: return SOURCE_TROUBLE_TLS;
    default: return SOURCE_TROUBLE_UNREACHABLE;
    }
}

static enum source_trouble trouble_of_status(int status)
{
    if (status == 401 || status == 403)
        return SOURCE_TROUBLE_UNAUTHORIZED;
    return status == 429 ? SOURCE_TROUBLE_RATE_LIMITED : SOURCE_TROUBLE_HTTP_STATUS;
}

enum source_trouble poller_explain(const struct http_result *result,
                                   struct strbuf *ret_text)
{
    if (result->error != 0) {
        strbuf_add_text(ret_text, result->error_text);
        return trouble_of(result->error);
    }
    strbuf_addf(ret_text, "HTTP status %d", result->status);
    switch (result->status) {
    case 401:
    case 403: strbuf_add_text(ret_text, ": not allowed; check the credentials"); break;
    case 404: strbuf_add_text(ret_text, ": no such document; check the path"); break;
    case 429: strbuf_add_text(ret_text, ": too many requests"); break;
    default: break;
    }
    document_message(ret_text, result->body, result->body_len);
    return trouble_of_status(result->status);
}

static void decode_rows(struct poller *p, struct document *document, int64_t now_ms,
                        int64_t shift_ms)
{
    struct json_slice row;
    struct observation obs;
    while (json_cursor_element(&document->rows, &row)) {
        struct flight_refusals refusals = {0};
        enum observation_reason reason =
            p->config.format->decode(row, now_ms, &obs, &refusals);
        if (reason != OBSERVATION_NONE) {
            p->sink.refuse(p->sink.data, reason, 1);
            continue;
        }
        if (refusals.count > 0)
            p->sink.refuse(p->sink.data, OBSERVATION_OUT_OF_RANGE, refusals.count);
        observation_shift(&obs, shift_ms);
        p->sink.observe(p->sink.data, &obs);
    }
}

/* The document's clock says whether its rows are used at all. */
static void use_document(struct poller *p, struct document *document,
                         int64_t latency_ms)
{
    int64_t our_ms = clock_wall_ms();
    int64_t now_ms = document->now_ms != 0 ? document->now_ms : our_ms;
    enum source_clock_verdict verdict = SOURCE_CLOCK_GOOD;
    char text[160];
    char iso[CLOCK_ISO8601_SIZE];
    if (document->now_ms != 0)
        verdict = source_clock_sample(&p->clock, now_ms, our_ms);
    clock_iso8601(now_ms, iso);
    if (verdict == SOURCE_CLOCK_FROZEN) {
        snprintf(text, sizeof text,
                 "stale file: its time stands at %s, unchanged for %lld s; is the "
                 "receiver running?",
                 iso, (long long)(source_clock_still_ms(&p->clock, our_ms) / 1000));
        poller_fail(p, SOURCE_TROUBLE_FROZEN, text, -1);
        return;
    }
    if (verdict == SOURCE_CLOCK_HOLD) {
        snprintf(text, sizeof text, "its time is %s; waiting to see it move", iso);
        p->sink.notice(p->sink.data, text);
    } else {
        p->sink.good(p->sink.data, latency_ms);
        if (verdict == SOURCE_CLOCK_GOOD)
            decode_rows(p, document, now_ms,
                        document->now_ms != 0 ? p->clock.shift_ms : 0);
    }
    backoff_reset(&p->backoff);
    wait_for_next(p);
}

static void use_answer(struct poller *p, const struct http_result *result)
{
    struct strbuf text;
    struct document document;
    strbuf_init(&text, TEXT_MAX);
    if (result->error != 0 || result->status != 200) {
        enum source_trouble trouble = poller_explain(result, &text);
        poller_fail(p, trouble, strbuf_text(&text), result->retry_after_ms);
    } else if (!document_open(result->body, result->body_len, p->config.format,
                              &document, &text)) {
        poller_fail(p, SOURCE_TROUBLE_BAD_DOCUMENT, strbuf_text(&text),
                    result->retry_after_ms);
    } else {
        use_document(p, &document, result->duration_ms);
    }
    strbuf_release(&text);
}

static void answered(void *data, const struct http_result *result)
{
    struct poller *p = data;
    p->call = NULL;
    if (p->config.answered != NULL && p->config.answered(p->config.owner, result))
        loop_timer_arm(p->timer, 0);
    else
        use_answer(p, result);
}

void poller_go(struct poller *p, const char *bearer)
{
    const struct http_request request = {.url = p->url,
                                         .bearer = bearer,
                                         .ca_file = p->ca_file,
                                         .timeout_ms = POLLER_TIMEOUT_MS,
                                         .max_body = POLLER_BODY_MAX};
    p->call = http_client_start(p->context.http, &request, answered, p);
}

void poller_pace(struct poller *p, int64_t least_ms)
{
    p->least_ms = least_ms;
}

struct poller *poller_new(const struct poller_config *config)
{
    struct poller *p = xcalloc(1, sizeof *p);
    p->config = *config;
    p->context = *config->context;
    p->sink = *config->sink;
    p->url = xstrdup(config->url);
    p->ca_file = config->ca_file != NULL ? xstrdup(config->ca_file) : NULL;
    int64_t base_ms = MAX_OF(config->poll_ms, (int64_t)PAUSE_MIN_MS);
    int64_t longest_ms = MIN_OF(base_ms * PAUSE_POLLS, (int64_t)POLLER_PAUSE_MAX_MS);
    backoff_init(&p->backoff, base_ms, MAX_OF(base_ms, longest_ms),
                 config->context->seed);
    source_clock_init(&p->clock, config->poll_ms);
    p->timer = loop_timer_new(p->context.loop, due, p);
    loop_timer_arm(p->timer, 0);
    return p;
}

void poller_free(struct poller *p)
{
    if (p == NULL)
        return;
    http_call_cancel(p->call);
    loop_timer_free(p->timer);
    free(p->url);
    free(p->ca_file);
    free(p);
}
