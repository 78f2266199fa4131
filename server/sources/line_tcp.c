/*
 * Both ports are lines; what differs is the decoder. Messages are gathered for
 * FLUSH_MS, since BaseStation tells one thing per line. A port that is connected
 * and talks nonsense is in trouble too: BAD_RUN lines in a row that mean nothing.
 */
#include "sources/line_tcp.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/macros.h"
#include "net/line_client.h"
#include "net/loop.h"
#include "sources/coalescer.h"
#include "sources/decode_readsb.h"
#include "sources/decode_sbs.h"
#include "sources/source_clock.h"
#include "sources/source_url.h"

enum { FLUSH_MS = 200, BAD_RUN = 20, LINE_PERIOD_MS = 1000, SHOWN_MAX = 60 };

typedef enum observation_reason (*line_decode_fn)(const char *line, size_t len,
                                                  int64_t heard_ms,
                                                  struct observation *ret_obs,
                                                  struct flight_refusals *ret_refusals);

struct line_tcp {
    const struct source_url *url;
    struct source_sink sink;
    line_decode_fn decode;
    struct line_client *client;
    struct coalescer *coalescer;
    struct loop_timer *flush;
    struct source_clock clock;
    unsigned bad_run;
};

static void flush(void *data)
{
    struct line_tcp *s = data;
    coalescer_flush(s->coalescer);
}

static void show_bad_line(struct line_tcp *s, const char *line, size_t len)
{
    char text[200];
    char shown[SHOWN_MAX + 1];
    size_t n = MIN_OF(len, (size_t)SHOWN_MAX);
    for (size_t i = 0; i < n; i++)
        shown[i] = (char)(line[i] >= ' ' && line[i] < 0x7f ? line[i] : '?');
    shown[n] = '\0';
    snprintf(text, sizeof text, "%.80s:%d sends lines that are not %s: \"%s\"",
             s->url->target, s->url->port, s->url->kind->name, shown);
    s->sink.trouble(s->sink.data, SOURCE_TROUBLE_BAD_DOCUMENT, text, -1);
}

static void count_bad(struct line_tcp *s, enum observation_reason reason,
                      const char *line, size_t len)
{
    s->sink.refuse(s->sink.data, reason, 1);
    if (++s->bad_run == BAD_RUN)
        show_bad_line(s, line, len);
}

/* Moves the times to our clock; false when that clock cannot be believed (yet). */
static bool to_our_time(struct line_tcp *s, struct observation *obs, int64_t heard_ms)
{
    if (obs->now_ms == heard_ms) /* no `now` in the line */
        return true;
    enum source_clock_verdict verdict =
        source_clock_sample(&s->clock, obs->now_ms, heard_ms);
    if (verdict == SOURCE_CLOCK_GOOD || verdict == SOURCE_CLOCK_SAME) {
        observation_shift(obs, s->clock.shift_ms);
        return true;
    }
    s->sink.refuse(s->sink.data, OBSERVATION_BAD_TIME, 1);
    return false;
}

static void on_line(void *data, const char *line, size_t len)
{
    struct line_tcp *s = data;
    struct observation obs;
    struct flight_refusals refusals;
    int64_t heard_ms = clock_wall_ms();
    enum observation_reason reason = s->decode(line, len, heard_ms, &obs, &refusals);
    if (reason == OBSERVATION_EMPTY)
        return;
    if (reason != OBSERVATION_NONE) {
        count_bad(s, reason, line, len);
        return;
    }
    if (s->bad_run >= BAD_RUN)
        s->sink.good(s->sink.data, -1);
    s->bad_run = 0;
    if (refusals.count > 0)
        s->sink.refuse(s->sink.data, OBSERVATION_OUT_OF_RANGE, refusals.count);
    if (!to_our_time(s, &obs, heard_ms))
        return;
    coalescer_add(s->coalescer, &obs);
    if (!loop_timer_armed(s->flush))
        loop_timer_arm(s->flush, FLUSH_MS);
}

static void on_drop(void *data, enum line_drop why)
{
    struct line_tcp *s = data;
    s->sink.refuse(s->sink.data,
                   why == LINE_TOO_LONG ? OBSERVATION_TOO_LARGE : OBSERVATION_BAD_LINE,
                   1);
}

static void on_up(void *data)
{
    struct line_tcp *s = data;
    s->bad_run = 0;
    source_clock_init(&s->clock, LINE_PERIOD_MS);
    s->sink.good(s->sink.data, -1);
}

static void on_down(void *data, const char *text, int64_t retry_ms)
{
    struct line_tcp *s = data;
    s->sink.trouble(s->sink.data, SOURCE_TROUBLE_CLOSED, text, retry_ms);
}

static void *open_with(const struct source_url *url,
                       const struct source_context *context,
                       const struct source_sink *sink, line_decode_fn decode)
{
    struct line_tcp *s = xcalloc(1, sizeof *s);
    const struct line_handler handler = {on_line, on_drop, on_up, on_down, s};
    const struct line_client_config config = {
        .host = url->target, .port = url->port, .seed = context->seed};
    s->url = url;
    s->sink = *sink;
    s->decode = decode;
    s->coalescer = coalescer_new(sink->observe, sink->data);
    s->flush = loop_timer_new(context->loop, flush, s);
    source_clock_init(&s->clock, LINE_PERIOD_MS);
    s->client = line_client_new(context->loop, &config, &handler);
    return s;
}

static void *open_readsb(const struct source_url *url,
                         const struct source_context *context,
                         const struct source_sink *sink, struct strbuf *ret_error)
{
    (void)ret_error;
    return open_with(url, context, sink, decode_readsb_line);
}

static void *open_sbs(const struct source_url *url,
                      const struct source_context *context,
                      const struct source_sink *sink, struct strbuf *ret_error)
{
    (void)ret_error;
    return open_with(url, context, sink, decode_sbs);
}

static void close_lines(void *source)
{
    struct line_tcp *s = source;
    line_client_free(s->client);
    loop_timer_free(s->flush);
    coalescer_free(s->coalescer);
    free(s);
}

const struct source_class source_readsb_tcp = {
    .scheme = "readsb+tcp",
    .name = "readsb",
    .form = "readsb+tcp://HOST:PORT[?name=TEXT]",
    .full_state = true,
    .open = open_readsb,
    .close = close_lines,
};

const struct source_class source_sbs_tcp = {
    .scheme = "sbs+tcp",
    .name = "sbs",
    .form = "sbs+tcp://HOST:PORT[?name=TEXT]",
    .open = open_sbs,
    .close = close_lines,
};
