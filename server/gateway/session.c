#include "gateway/session.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/macros.h"
#include "gateway/channel.h"
#include "gateway/chunk.h"
#include "gateway/hub_shared.h"
#include "gateway/mailbox.h"
#include "gateway/tick_message.h"
#include "gateway/ws_frame.h"
#include "state/flight_index.h"
#include "telemetry/metrics.h"
#include "wire/wire_limits.h"

/* The hub's list of sessions. */
static void enter(struct hub *hub, struct session *s)
{
    s->next = hub->first;
    if (hub->first != NULL)
        hub->first->previous = s;
    hub->first = s;
    hub->session_count++;
    metric_add(hub->metrics.clients, 1);
}

static void leave(struct hub *hub, struct session *s)
{
    if (s->previous != NULL)
        s->previous->next = s->next;
    else
        hub->first = s->next;
    if (s->next != NULL)
        s->next->previous = s->previous;
    hub->session_count--;
    metric_add(hub->metrics.clients, -1);
}

struct session *session_new(struct hub *hub, bool authorized, void *transport,
                            int64_t now_ms)
{
    struct session *s = xcalloc(1, sizeof *s);
    s->hub = hub;
    s->transport = transport;
    s->authorized = authorized;
    s->opened_ms = s->heard_ms = s->tokens_ms = s->progress_ms = now_ms;
    s->slowed_ms = s->tick_told_ms = now_ms;
    s->tokens_milli = WIRE_MESSAGES_BURST * INT64_C(1000);
    s->period_ticks = s->slow_divisor = 1;
    strbuf_init(&s->answers, SESSION_ANSWERS_MAX);
    s->mailbox = mailbox_new(s);
    enter(hub, s);
    return s;
}

struct subscription *session_find(struct session *s, int64_t id)
{
    for (unsigned i = 0; i < s->sub_count; i++)
        if (s->subs[i].id == id)
            return &s->subs[i];
    return NULL;
}

static void release_sub(struct subscription *sub)
{
    if (sub->view != NULL)
        view_close(sub->view);
    if (sub->source != NULL)
        channel_close(sub->source);
}

void session_drop(struct session *s, struct subscription *sub)
{
    size_t at = (size_t)(sub - s->subs);
    assert(at < s->sub_count);
    release_sub(sub);
    s->sub_count--;
    memmove(sub, sub + 1, (s->sub_count - at) * sizeof *sub);
    s->next_sub = 0;
}

static void drop_all(struct session *s)
{
    for (unsigned i = 0; i < s->sub_count; i++)
        release_sub(&s->subs[i]);
    s->sub_count = 0;
    free(s->subs);
    s->subs = NULL;
}

void session_free(struct session *s)
{
    if (s == NULL)
        return;
    leave(s->hub, s);
    drop_all(s);
    s->mailbox->session = NULL;
    mailbox_unref(s->mailbox);
    chunk_unref(s->sending);
    strbuf_release(&s->answers);
    free(s);
}

uint32_t session_period(const struct session *s, double max_hz)
{
    if (max_hz <= 0)
        return 1;
    double ticks = 1000.0 / (max_hz * flight_index_tick_ms(s->hub->index));
    return ticks <= 1 ? 1 : ticks >= 1e6 ? 1000000 : (uint32_t)(ticks + 0.5);
}

/* --- answers ------------------------------------------------------------ */

struct strbuf *session_begin(struct session *s, const char *type, bool has_id,
                             int64_t id, size_t *ret_mark)
{
    *ret_mark = ws_begin(&s->answers);
    strbuf_addf(&s->answers, "{\"type\":\"%s\"", type);
    if (has_id)
        strbuf_addf(&s->answers, ",\"id\":%" PRId64, id);
    return &s->answers;
}

void session_end(struct session *s, size_t mark)
{
    strbuf_add_char(&s->answers, '}');
    if (s->answers.overflowed)
        strbuf_truncate(&s->answers, MIN_OF(mark, s->answers.len));
    else
        ws_end(&s->answers, mark, WS_TEXT);
}

void session_error(struct session *s, const struct wire_request *request,
                   enum wire_fault fault, const char *message, int64_t retry_ms)
{
    size_t mark;
    bool has_id = request != NULL && request->has_id;
    struct strbuf *out =
        session_begin(s, "error", has_id, has_id ? request->id : 0, &mark);
    strbuf_addf(out, ",\"code\":\"%s\",\"message\":", wire_fault_code(fault));
    strbuf_add_json(out, message, strlen(message));
    strbuf_addf(out, ",\"retry_ms\":%" PRId64, retry_ms);
    session_end(s, mark);
}

void session_close(struct session *s, enum wire_close code, const char *reason,
                   int64_t now_ms)
{
    if (s->phase == SESSION_CLOSING)
        return;
    s->phase = SESSION_CLOSING;
    s->close_code = code;
    s->closing_ms = now_ms;
    drop_all(s);
    if (s->sending != NULL && s->sent > 0) {
        /* The frame under way must be finished, or the close is not understood. */
        const struct strbuf *bytes = &s->sending->bytes;
        uint32_t end = 0;
        while (end < s->sent)
            end += (uint32_t)ws_frame_size(bytes->data + end, bytes->len - end);
        struct chunk *rest = chunk_new(s->hub->chunks);
        strbuf_add(&rest->bytes, bytes->data + s->sent, end - s->sent);
        chunk_unref(s->sending);
        s->sending = rest;
        s->sent = 0;
    } else {
        chunk_unref(s->sending);
        s->sending = NULL;
    }
    if (code == CLOSE_SLOW || s->answers.overflowed)
        strbuf_release(&s->answers);
    ws_add_close(&s->answers, (uint16_t)code, reason);
}

/* --- input -------------------------------------------------------------- */

/* True when the client may say one more thing now. */
static bool take_token(struct session *s, int64_t now_ms)
{
    const int64_t full = WIRE_MESSAGES_BURST * INT64_C(1000);
    int64_t earned = (now_ms - s->tokens_ms) * WIRE_MESSAGES_PER_S;
    s->tokens_milli = MIN_OF(s->tokens_milli + earned, full);
    s->tokens_ms = now_ms;
    if (s->tokens_milli < 1000)
        return false;
    s->tokens_milli -= 1000;
    s->strikes = 0;
    return true;
}

/* Answers and in the end closes who says too much; true when it was too much. */
static bool is_flooding(struct session *s, int64_t now_ms)
{
    if (take_token(s, now_ms))
        return false;
    if (++s->strikes > WIRE_FLOOD_STRIKES) {
        session_close(s, CLOSE_FLOODING, wire_close_reason(CLOSE_FLOODING), now_ms);
        return true;
    }
    session_error(s, NULL, FAULT_RATE_LIMITED,
                  "too many messages; this one was dropped",
                  (1000 - s->tokens_milli) / WIRE_MESSAGES_PER_S + 1);
    return true;
}

void session_receive(struct session *s, const char *text, size_t len, int64_t now_ms)
{
    s->heard_ms = now_ms;
    s->pinged_ms = 0;
    if (s->phase == SESSION_CLOSING || is_flooding(s, now_ms))
        return;
    struct wire_request request;
    enum wire_fault fault = FAULT_BAD_REQUEST;
    struct strbuf message;
    strbuf_init(&message, 1024);
    if (wire_request_parse(text, len, &request, &fault, &message) == 0)
        session_obey(s, &request, text, len, now_ms);
    else
        session_error(s, &request, fault, strbuf_text(&message), 0);
    strbuf_release(&message);
    wire_request_release(&request);
    if (s->answers.overflowed) /* asks, and does not read */
        session_close(s, CLOSE_SLOW, wire_close_reason(CLOSE_SLOW), now_ms);
}

void session_receive_ping(struct session *s, const char *data, size_t len,
                          int64_t now_ms)
{
    s->heard_ms = now_ms;
    s->pinged_ms = 0;
    if (s->phase == SESSION_CLOSING || is_flooding(s, now_ms))
        return;
    ws_add(&s->answers, WS_PONG, data, len);
}

void session_receive_pong(struct session *s, int64_t now_ms)
{
    s->heard_ms = now_ms;
    s->pinged_ms = 0;
}

/* --- output ------------------------------------------------------------- */

/* The tick up to which this client misses nothing. */
static uint32_t complete_tick(const struct session *s)
{
    uint32_t tick = flight_index_tick(s->hub->index);
    for (unsigned i = 0; i < s->sub_count; i++)
        if (s->subs[i].channel == CHANNEL_FLIGHTS)
            tick = MIN_OF(tick, s->subs[i].complete_tick);
    return tick;
}

static void add_tick_message(struct session *s)
{
    const struct view *view = NULL;
    for (unsigned i = 0; view == NULL && i < s->sub_count; i++)
        view = s->subs[i].view;
    tick_message_add(&s->answers, s->hub->index, complete_tick(s), view);
}

static void add_stale_message(struct session *s)
{
    const char *source;
    int64_t since_ms = flight_index_stale_since_ms(s->hub->index, &source);
    if ((since_ms != 0) == s->stale_told)
        return;
    s->stale_told = since_ms != 0;
    size_t mark;
    struct strbuf *out = session_begin(s, "stale", false, 0, &mark);
    strbuf_addf(out, ",\"source\":\"%s\",\"since\":", source);
    if (since_ms != 0)
        strbuf_add_fixed(out, since_ms, 3);
    else
        strbuf_add_text(out, "null");
    session_end(s, mark);
}

static bool is_due(const struct session *s, const struct subscription *sub,
                   int64_t now_ms)
{
    uint32_t tick = flight_index_tick(s->hub->index);
    uint32_t period = MAX_OF(sub->period_ticks, s->period_ticks) * s->slow_divisor;
    if (s->max_bytes_s > 0 && now_ms < s->budget_ms)
        return false;
    /* Whole multiples, so that all clients of a rate share the same deltas. */
    return period <= 1 || tick % period == 0 || tick - sub->complete_tick >= 2 * period;
}

static size_t part_size(const struct session *s)
{
    if (s->max_bytes_s == 0 || s->max_bytes_s > SESSION_SNAPSHOT_PART)
        return SESSION_SNAPSHOT_PART;
    return (size_t)MAX_OF(s->max_bytes_s, SESSION_PART_MIN);
}

static struct chunk *scan_chunk(struct session *s, struct subscription *sub)
{
    struct chunk *chunk = chunk_new(s->hub->chunks);
    if (view_scan_part(&sub->scan, sub->view, sub->id, part_size(s), &chunk->bytes))
        sub->base_tick = sub->complete_tick = sub->scan.target;
    return chunk;
}

/* What one flights subscription is owed now; NULL = nothing. */
static struct chunk *flights_chunk(struct session *s, struct subscription *sub,
                                   int64_t now_ms)
{
    if (sub->scan.active)
        return s->max_bytes_s > 0 && now_ms < s->budget_ms ? NULL : scan_chunk(s, sub);
    uint32_t tick = flight_index_tick(s->hub->index);
    if (sub->complete_tick == tick || !is_due(s, sub, now_ms))
        return NULL;
    struct chunk *chunk;
    bool with_tick = s->sub_count == 1 && tick_message_due(s->hub->index);
    if (!view_delta(sub->view, sub->base_tick, sub->id, with_tick, &chunk)) {
        view_scan_begin(&sub->scan, sub->view, sub->base_tick, false);
        return scan_chunk(s, sub);
    }
    sub->complete_tick = tick;
    if (chunk == NULL)
        return NULL;
    sub->base_tick = tick;
    if (with_tick)
        s->tick_told_ms = now_ms;
    return chunk;
}

/* Flights first: the other channels never delay positions. */
static struct chunk *next_flights(struct session *s, int64_t now_ms)
{
    for (unsigned i = 0; i < s->sub_count; i++) {
        unsigned at = (s->next_sub + i) % s->sub_count;
        if (s->subs[at].channel != CHANNEL_FLIGHTS)
            continue;
        struct chunk *chunk = flights_chunk(s, &s->subs[at], now_ms);
        if (chunk == NULL)
            continue;
        s->next_sub = (uint8_t)((at + 1) % s->sub_count);
        if (s->max_bytes_s > 0)
            s->budget_ms = MAX_OF(s->budget_ms, now_ms) +
                           (int64_t)chunk->bytes.len * 1000 / s->max_bytes_s;
        metric_add(s->hub->metrics.frames, 1);
        return chunk;
    }
    return NULL;
}

static void add_channels(struct session *s)
{
    for (unsigned i = 0; i < s->sub_count; i++) {
        struct subscription *sub = &s->subs[i];
        if (sub->source != NULL && sub->source->version != sub->seen)
            channel_read(sub->source, sub->id, &sub->seen, &s->answers);
    }
}

/* A tick early rather than late: silence means broken. */
static bool is_tick_due(const struct session *s, int64_t now_ms)
{
    return now_ms - s->tick_told_ms + flight_index_tick_ms(s->hub->index) >=
           WIRE_TICK_MESSAGE_MS;
}

/*
 * The tick message leaves with the flights where they are all there is to say: a
 * second send costs as much as 8 KiB of bytes.
 */
static void join_tick(struct session *s, int64_t now_ms)
{
    const struct strbuf *flights = &s->sending->bytes;
    if (s->sub_count != 1 || s->subs[0].scan.active ||
        flights->len > SESSION_JOIN_MAX || !is_tick_due(s, now_ms))
        return;
    struct chunk *both = chunk_new(s->hub->chunks);
    strbuf_add(&both->bytes, flights->data, flights->len);
    tick_message_add(&both->bytes, s->hub->index, complete_tick(s), s->subs[0].view);
    s->tick_told_ms = now_ms;
    chunk_unref(s->sending);
    s->sending = both;
}

/* Finds something to send; false when there is nothing. */
static bool fill(struct session *s, int64_t now_ms)
{
    bool open = s->phase == SESSION_OPEN;
    if (open)
        add_stale_message(s);
    if (s->answers.len == 0 && open)
        s->sending = next_flights(s, now_ms);
    if (s->sending != NULL)
        join_tick(s, now_ms);
    if (s->sending == NULL && s->answers.len == 0 && open) {
        add_channels(s);
        if (is_tick_due(s, now_ms)) {
            add_tick_message(s);
            s->tick_told_ms = now_ms;
        }
    }
    if (s->sending == NULL && s->answers.len > 0)
        s->sending = chunk_take(s->hub->chunks, &s->answers);
    s->sent = 0;
    s->sending_ms = now_ms;
    return s->sending != NULL;
}

const char *session_peek(struct session *s, int64_t now_ms, size_t *ret_len)
{
    if (s->sending == NULL && !fill(s, now_ms))
        return NULL;
    *ret_len = s->sending->bytes.len - s->sent;
    return s->sending->bytes.data + s->sent;
}

void session_sent(struct session *s, size_t n, bool blocked, int64_t now_ms)
{
    assert(s->sending != NULL && n <= s->sending->bytes.len - s->sent);
    metric_add(s->hub->metrics.bytes, (int64_t)n);
    s->sent += (uint32_t)n;
    s->blocked = blocked;
    if (!blocked)
        s->progress_ms = now_ms;
    if (s->sent < s->sending->bytes.len)
        return;
    chunk_unref(s->sending);
    s->sending = NULL;
}

void session_unblocked(struct session *s, int64_t now_ms)
{
    s->blocked = false;
    s->progress_ms = now_ms;
}

/* --- time --------------------------------------------------------------- */

static void tell_rate(struct session *s, const char *reason)
{
    uint32_t period = s->period_ticks * s->slow_divisor;
    size_t mark;
    struct strbuf *out = session_begin(s, "rate", false, 0, &mark);
    strbuf_add_text(out, ",\"max_hz\":");
    strbuf_add_fixed(
        out, 1000000 / ((int64_t)period * flight_index_tick_ms(s->hub->index)), 3);
    strbuf_addf(out, ",\"reason\":\"%s\"", reason);
    session_end(s, mark);
}

/* Half the rate for who takes too long; back in steps when all goes well. */
static void slow_ladder(struct session *s, int64_t now_ms)
{
    bool busy = s->sending != NULL || s->blocked;
    if (busy && now_ms - s->sending_ms > WIRE_SLOW_MS &&
        now_ms - s->slowed_ms > WIRE_SLOW_MS && s->slow_divisor < SESSION_SLOWEST) {
        s->slow_divisor *= 2;
        s->slowed_ms = now_ms;
        tell_rate(s, "slow reader");
    } else if (!busy && s->slow_divisor > 1 &&
               now_ms - s->slowed_ms > SESSION_RECOVER_MS) {
        s->slow_divisor /= 2;
        s->slowed_ms = now_ms;
        tell_rate(s, "recovered");
    }
}

static void close_slow(struct session *s, int64_t now_ms)
{
    metric_add(s->hub->metrics.slow_closed, 1);
    session_close(s, CLOSE_SLOW, wire_close_reason(CLOSE_SLOW), now_ms);
}

void session_tick(struct session *s, int64_t now_ms)
{
    if (s->phase == SESSION_CLOSING)
        return;
    if (s->phase == SESSION_FRESH && now_ms - s->opened_ms > WIRE_HELLO_MS) {
        session_close(s, CLOSE_HELLO_TIMEOUT, wire_close_reason(CLOSE_HELLO_TIMEOUT),
                      now_ms);
        return;
    }
    if (s->blocked && now_ms - s->progress_ms > WIRE_STUCK_MS) {
        close_slow(s, now_ms);
        return;
    }
    if (s->blocked)
        metric_add(s->hub->metrics.conflated, 1);
    slow_ladder(s, now_ms);
    if (s->pinged_ms != 0 && now_ms - s->pinged_ms > WIRE_PONG_MS)
        close_slow(s, now_ms);
    else if (s->pinged_ms == 0 && now_ms - s->heard_ms > WIRE_PING_MS) {
        ws_add(&s->answers, WS_PING, "", 0);
        s->pinged_ms = now_ms;
    }
}

bool session_is_over(const struct session *s, int64_t now_ms)
{
    if (s->phase != SESSION_CLOSING)
        return false;
    bool said = s->sending == NULL && s->answers.len == 0 && !s->blocked;
    return said || now_ms - s->closing_ms > SESSION_LINGER_MS;
}
