/*
 * What each request of a client does. Everything was checked for shape by
 * wire_request; here it meets limits, rights and what there is.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/macros.h"
#include "flight/flight_fields.h"
#include "gateway/auth.h"
#include "gateway/channel.h"
#include "gateway/hub_shared.h"
#include "gateway/mailbox.h"
#include "gateway/provider.h"
#include "gateway/query_reply.h"
#include "gateway/route_context.h"
#include "gateway/session.h"
#include "monitor/alert_table.h"
#include "state/flight_index.h"
#include "state/state.h"
#include "wire/wire_limits.h"
#include "wire/wire_row.h"

enum { RESUME_WINDOW_MS = 5000, PING_T_MAX = 256 };

/* --- hello -------------------------------------------------------------- */

static void welcome(struct session *s)
{
    const struct flight_index *index = s->hub->index;
    size_t mark;
    struct strbuf *out = session_begin(s, "welcome", false, 0, &mark);
    strbuf_addf(out, ",\"version\":%d,\"epoch\":\"%s\",\"tick\":%u,\"tick_ms\":%u",
                WIRE_VERSION, s->hub->config.epoch, flight_index_tick(index),
                flight_index_tick_ms(index));
    strbuf_add_text(out, ",\"time\":");
    strbuf_add_fixed(out, flight_index_time_ms(index), 3);
    strbuf_addf(out, ",\"resumed\":%s", s->resumed ? "true" : "false");
    strbuf_addf(out,
                ",\"limits\":{\"message_bytes\":%d,\"subscriptions\":%d,"
                "\"messages_per_s\":%d,\"burst\":%d,\"part_bytes\":%d,"
                "\"resume_ms\":%d,\"trail_s\":%d,\"queries\":%d}",
                WIRE_REQUEST_MAX, WIRE_SUBSCRIPTIONS_MAX, WIRE_MESSAGES_PER_S,
                WIRE_MESSAGES_BURST, WIRE_PART_MAX, WIRE_RESUME_MS, WIRE_TRAIL_MAX_S,
                WIRE_QUERIES_MAX);
    strbuf_add_text(out, ",\"server\":\"flightdashd/" FLIGHTDASH_VERSION "\"");
    session_end(s, mark);
}

static void open_session(struct session *s, const struct wire_request *request,
                         int64_t now_ms)
{
    const struct flight_index *index = s->hub->index;
    s->phase = SESSION_OPEN;
    s->tick_told_ms = now_ms;
    s->resumed = request->resume_epoch != NULL &&
                 strcmp(request->resume_epoch, s->hub->config.epoch) == 0 &&
                 request->resume_tick > 0 &&
                 request->resume_tick <= flight_index_tick(index) &&
                 request->resume_tick >= flight_index_oldest_cursor(index);
    s->resume_tick = s->resumed ? request->resume_tick : 0;
    s->resume_until_ms = now_ms + RESUME_WINDOW_MS;
    welcome(s);
}

/* The first message: a hello, or anything else that then stands for one. */
static bool admit(struct session *s, const struct wire_request *request, int64_t now_ms)
{
    bool hello = request->type == REQUEST_HELLO;
    if (hello && request->version != WIRE_VERSION) {
        session_error(s, request, FAULT_UNSUPPORTED_VERSION, "this server speaks 1", 0);
        session_close(s, CLOSE_VERSION, wire_close_reason(CLOSE_VERSION), now_ms);
        return false;
    }
    if (hello && !s->authorized && request->token != NULL)
        s->authorized =
            auth_check(s->hub->config.auth, request->token, strlen(request->token));
    if (!s->authorized) {
        session_error(s, request, FAULT_UNAUTHORIZED, "a valid token is wanted", 0);
        session_close(s, CLOSE_AUTH, wire_close_reason(CLOSE_AUTH), now_ms);
        return false;
    }
    open_session(s, request, now_ms);
    return true;
}

/* --- subscriptions ------------------------------------------------------ */

static void confirm(struct session *s, const struct wire_request *request)
{
    size_t mark;
    session_begin(s, "subscribed", true, request->id, &mark);
    session_end(s, mark);
}

/* The subscription of the request's id; a new one where there was none. */
static struct subscription *place_for(struct session *s, int64_t id)
{
    struct subscription *sub = session_find(s, id);
    if (sub != NULL) {
        if (sub->view != NULL)
            view_close(sub->view);
        if (sub->source != NULL)
            channel_close(sub->source);
    } else {
        s->subs = xreallocarray(s->subs, s->sub_count + 1u, sizeof *s->subs);
        sub = &s->subs[s->sub_count++];
    }
    *sub = (struct subscription){.id = id};
    return sub;
}

static bool is_full(struct session *s, const struct wire_request *request)
{
    if (s->sub_count < WIRE_SUBSCRIPTIONS_MAX || session_find(s, request->id) != NULL)
        return false;
    session_error(s, request, FAULT_LIMIT, "too many subscriptions", 0);
    return true;
}

/* Where the client's table is: its own word, or the tick that it resumed with. */
static uint32_t cursor_of(struct session *s, const struct wire_request *request,
                          bool known_id, int64_t now_ms)
{
    if (!s->resumed || known_id || now_ms > s->resume_until_ms)
        return 0;
    return request->has_tick ? request->tick : s->resume_tick;
}

static void subscribe_flights(struct session *s, const struct wire_request *request,
                              int64_t now_ms)
{
    struct filter *filter = NULL;
    if (request->filter != NULL && request->filter[0] != '\0') {
        struct strbuf message;
        strbuf_init(&message, 1024);
        filter = filter_parse(request->filter, &message);
        if (filter == NULL)
            session_error(s, request, FAULT_BAD_FILTER, strbuf_text(&message), 0);
        strbuf_release(&message);
        if (filter == NULL)
            return;
    }
    struct view_key key = {
        .has_box = request->has_box,
        .box = request->box,
        .fields = request->has_fields ? request->fields : flight_default_fields(),
    };
    bool known_id = session_find(s, request->id) != NULL;
    struct view *view = view_open(s->hub->views, &key, filter);
    struct subscription *sub = place_for(s, request->id);
    sub->channel = CHANNEL_FLIGHTS;
    sub->view = view;
    sub->period_ticks = session_period(s, request->max_hz);
    uint32_t since = cursor_of(s, request, known_id, now_ms);
    view_scan_begin(&sub->scan, view, since, true);
    sub->base_tick = sub->scan.since;
    confirm(s, request);
}

static void subscribe_channel(struct session *s, const struct wire_request *request,
                              const char *text, size_t len)
{
    enum wire_fault fault = FAULT_BACKEND_UNAVAILABLE;
    struct strbuf message;
    strbuf_init(&message, 1024);
    struct channel *source =
        channel_open(s->hub->channels, request, text, len, &fault, &message);
    if (source != NULL) {
        struct subscription *sub = place_for(s, request->id);
        sub->channel = request->channel;
        sub->source = source;
        sub->seen = CHANNEL_UNSEEN;
        confirm(s, request);
    } else {
        session_error(s, request, fault, strbuf_text(&message), 0);
    }
    strbuf_release(&message);
}

static void resync(struct session *s, const struct wire_request *request)
{
    struct subscription *sub = session_find(s, request->id);
    if (sub == NULL) {
        session_error(s, request, FAULT_NOT_FOUND, "there is no such subscription", 0);
    } else if (sub->view != NULL) {
        view_scan_begin(&sub->scan, sub->view, 0, false);
        sub->base_tick = sub->complete_tick = 0;
    } else {
        sub->seen = CHANNEL_UNSEEN;
    }
}

static void unsubscribe(struct session *s, const struct wire_request *request)
{
    struct subscription *sub = session_find(s, request->id);
    if (sub != NULL)
        session_drop(s, sub);
    else
        session_error(s, request, FAULT_NOT_FOUND, "there is no such subscription", 0);
}

/* --- get ---------------------------------------------------------------- */

/* Waits for the state thread. */
struct trail_wait {
    struct mailbox *mailbox;
    int64_t id;
    uint32_t icao;
};

static void add_flight(struct session *s, struct strbuf *out, const struct flight *f)
{
    const struct flight_index *index = s->hub->index;
    const struct wire_clock clock = {flight_index_time_ms(index),
                                     flight_index_tick_ms(index)};
    strbuf_addf(out, ",\"tick\":%u,\"time\":", flight_index_tick(index));
    strbuf_add_fixed(out, clock.time_ms, 3);
    strbuf_add_text(out, ",\"flight\":");
    wire_add_whole(out, f, FLIGHT_ALL_FIELDS, &clock, false);
}

static void add_trail(struct strbuf *out, const struct trail_point *points,
                      size_t count)
{
    strbuf_add_text(out, ",\"trail\":[");
    for (size_t i = 0; i < count; i++) {
        strbuf_add_text(out, i > 0 ? ",{\"time\":" : "{\"time\":");
        strbuf_add_fixed(out, points[i].at_ms, 3);
        strbuf_add_text(out, ",\"lat\":");
        strbuf_add_fixed(out, points[i].lat, 5);
        strbuf_add_text(out, ",\"lon\":");
        strbuf_add_fixed(out, points[i].lon, 5);
        if (points[i].alt_ft != INT32_MIN)
            strbuf_addf(out, ",\"alt\":%" PRId32, points[i].alt_ft);
        strbuf_add_char(out, '}');
    }
    strbuf_add_char(out, ']');
}

static void on_trail(void *data, const struct trail_point *points, size_t count)
{
    struct trail_wait *wait = data;
    struct session *s = wait->mailbox->session;
    if (s != NULL && s->phase == SESSION_OPEN) {
        const struct flight *f = flight_index_find(s->hub->index, wait->icao);
        s->queries--;
        if (f != NULL) {
            size_t mark;
            struct strbuf *out = session_begin(s, "flight", true, wait->id, &mark);
            add_flight(s, out, f);
            add_trail(out, points, count);
            session_end(s, mark);
        } else {
            struct wire_request request = {.has_id = true, .id = wait->id};
            session_error(s, &request, FAULT_NOT_FOUND, "the flight is gone", 0);
        }
        s->hub->config.pump(s);
    }
    mailbox_unref(wait->mailbox);
    free(wait);
}

static bool too_many_queries(struct session *s, const struct wire_request *request)
{
    if (s->queries < WIRE_QUERIES_MAX)
        return false;
    session_error(s, request, FAULT_LIMIT, "too many questions are unanswered", 1000);
    return true;
}

static void get_flight(struct session *s, const struct wire_request *request)
{
    const struct flight *f = flight_index_find(s->hub->index, request->icao);
    struct state *state = s->hub->config.context->state;
    if (f == NULL) {
        session_error(s, request, FAULT_NOT_FOUND, "there is no such flight", 0);
        return;
    }
    if (request->trail_s <= 0 || state == NULL) {
        size_t mark;
        struct strbuf *out = session_begin(s, "flight", true, request->id, &mark);
        add_flight(s, out, f);
        session_end(s, mark);
        return;
    }
    if (too_many_queries(s, request))
        return;
    struct trail_wait *wait = xmalloc(sizeof *wait);
    *wait = (struct trail_wait){mailbox_ref(s->mailbox), request->id, request->icao};
    s->queries++;
    state_request_trail(state, request->icao,
                        flight_index_time_ms(s->hub->index) - request->trail_s * 1000,
                        s->hub->config.context->loop, on_trail, wait);
}

/* --- the rest ----------------------------------------------------------- */

static void query(struct session *s, const struct wire_request *request,
                  const char *text, size_t len)
{
    const struct provider *provider = s->hub->config.provider;
    char number[WIRE_ARG_NUMBER_SIZE];
    if (provider == NULL) {
        session_error(s, request, FAULT_BACKEND_UNAVAILABLE, "nothing to ask", 0);
        return;
    }
    if (too_many_queries(s, request))
        return;
    struct provider_request ask = {
        .channel = wire_request_text(request, "target", number),
        .json = text,
        .json_len = len,
    };
    s->queries++;
    provider->query(
        provider->data, &ask,
        query_reply_new(s->mailbox, s->hub->config.context->loop, request->id));
}

static void acknowledge(struct session *s, const struct wire_request *request)
{
    char number[WIRE_ARG_NUMBER_SIZE];
    const char *alert = wire_request_text(request, "alert", number);
    struct alert_table *alerts = s->hub->config.context->alerts;
    if (s->hub->config.on_ack == NULL || alerts == NULL)
        session_error(s, request, FAULT_BACKEND_UNAVAILABLE, "no alerts are kept here",
                      0);
    else if (!alert_table_has(alerts, alert))
        session_error(s, request, FAULT_NOT_FOUND, "no alert has this id", 0);
    else
        s->hub->config.on_ack(s->hub->config.ack_data, alert);
}

static void set_rate(struct session *s, const struct wire_request *request)
{
    s->period_ticks = session_period(s, request->max_hz);
    s->max_bytes_s = request->max_bytes_s;
    s->budget_ms = 0;
}

static void pong(struct session *s, const struct wire_request *request)
{
    struct strbuf t;
    strbuf_init(&t, PING_T_MAX);
    bool has_t = wire_request_member(request, "t", &t);
    if (t.overflowed) {
        session_error(s, request, FAULT_BAD_REQUEST, "t: at most 256 bytes of JSON", 0);
    } else {
        size_t mark;
        struct strbuf *out =
            session_begin(s, "pong", request->has_id, request->id, &mark);
        if (has_t) {
            strbuf_add_text(out, ",\"t\":");
            strbuf_add(out, strbuf_text(&t), t.len);
        }
        strbuf_add_text(out, ",\"time\":");
        strbuf_add_fixed(out, flight_index_time_ms(s->hub->index), 3);
        session_end(s, mark);
    }
    strbuf_release(&t);
}

static void subscribe(struct session *s, const struct wire_request *request,
                      const char *text, size_t len, int64_t now_ms)
{
    if (is_full(s, request))
        return;
    if (request->channel == CHANNEL_FLIGHTS)
        subscribe_flights(s, request, now_ms);
    else
        subscribe_channel(s, request, text, len);
}

void session_obey(struct session *s, const struct wire_request *request,
                  const char *text, size_t len, int64_t now_ms)
{
    bool first = s->phase == SESSION_FRESH;
    if (first && !admit(s, request, now_ms))
        return;
    switch (request->type) {
    case REQUEST_HELLO:
        if (!first)
            session_error(s, request, FAULT_BAD_REQUEST, "hello was said already", 0);
        break;
    case REQUEST_SUBSCRIBE: subscribe(s, request, text, len, now_ms); break;
    case REQUEST_UNSUBSCRIBE: unsubscribe(s, request); break;
    case REQUEST_RESYNC: resync(s, request); break;
    case REQUEST_GET: get_flight(s, request); break;
    case REQUEST_QUERY: query(s, request, text, len); break;
    case REQUEST_ACK: acknowledge(s, request); break;
    case REQUEST_RATE: set_rate(s, request); break;
    case REQUEST_PING: pong(s, request); break;
    case REQUEST_TYPE_COUNT: break;
    }
}
