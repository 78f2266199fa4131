#include "gateway/hub.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "gateway/channel.h"
#include "gateway/chunk.h"
#include "gateway/route_context.h"
#include "gateway/session.h"
#include "gateway/view.h"
#include "state/flight_index.h"
#include "state/frame_set.h"
#include "telemetry/metrics.h"

enum {
    TOGETHER = CHUNK_SPARES_MAX,
    RECONNECT_BASE_MS = 500,
    RECONNECT_SPREAD_MS = 4000,
    LINE_BYTES = 64
};

struct hub *hub_new(const struct hub_config *config)
{
    const struct route_context *context = config->context;
    struct hub *hub = xcalloc(1, sizeof *hub);
    hub->config = *config;
    hub->index = flight_index_new();
    hub->chunks = chunk_pool_new();
    hub->views = view_set_new(hub->index, hub->chunks, context->has_home,
                              (struct geo_point){context->home_lat, context->home_lon});
    hub->channels = channel_set_new(hub);
    struct metrics *m = context->metrics;
    hub->metrics = (struct hub_metrics){
        .clients = metrics_cell(m, METRIC_CLIENTS),
        .frames = metrics_cell(m, METRIC_CLIENT_FRAMES),
        .bytes = metrics_cell(m, METRIC_CLIENT_BYTES),
        .conflated = metrics_cell(m, METRIC_CLIENT_CONFLATED),
        .slow_closed = metrics_cell(m, METRIC_CLIENT_SLOW_CLOSED),
    };
    return hub;
}

void hub_free(struct hub *hub)
{
    if (hub == NULL)
        return;
    assert(hub->first == NULL);
    channel_set_free(hub->channels);
    view_set_free(hub->views);
    chunk_pool_free(hub->chunks);
    flight_index_free(hub->index);
    free(hub);
}

static void prefetch_session(const struct session *s)
{
    for (size_t at = 0; s != NULL && at < sizeof *s; at += LINE_BYTES)
        __builtin_prefetch((const char *)s + at, 1);
}

/*
 * Sessions lie anywhere in memory and have been forgotten since the last tick:
 * while one is pumped, which takes some microseconds, the next but one is
 * fetched, and of the next, fetched before, what it points to.
 */
static void prefetch_after(const struct session *s)
{
    const struct session *next = s->next;
    if (next == NULL)
        return;
    prefetch_session(next->next);
    __builtin_prefetch(next->transport);
    __builtin_prefetch(next->subs);
}

/* Time passes for some sessions, and what they are owed is made. */
static size_t prepare_some(struct session *first, int64_t now_ms,
                           struct session **ret_some)
{
    size_t count = 0;
    for (struct session *s = first; s != NULL && count < TOGETHER; s = s->next) {
        size_t len;
        prefetch_after(s);
        session_tick(s, now_ms);
        if (!s->blocked)
            session_peek(s, now_ms, &len);
        ret_some[count++] = s;
    }
    return count;
}

/*
 * Messages are made for some sessions and then sent to all of these at once: sends
 * close behind each other find the receivers awake, and waking one costs as much
 * as making a message.
 */
void hub_tick(struct hub *hub, struct frame_set *frame, int64_t now_ms)
{
    struct session *some[TOGETHER];
    flight_index_apply(hub->index, frame);
    view_set_apply(hub->views, frame);
    channel_set_tick(hub->channels, frame->time_ms);
    for (struct session *next = hub->first; next != NULL;) {
        size_t count = prepare_some(next, now_ms, some);
        next = some[count - 1]->next; /* pumping may end a session, but no other */
        for (size_t i = 0; i < count; i++)
            hub->config.pump(some[i]);
    }
    /* What only now can be freed must not make anybody wait. */
    view_set_sweep(hub->views);
    flight_index_sweep(hub->index);
}

/* Spreads the clients' return, so that the next server is not hit at once. */
static int64_t reconnect_ms(const struct session *s)
{
    uint64_t mixed = (uint64_t)(uintptr_t)s * UINT64_C(0x9e3779b97f4a7c15);
    return RECONNECT_BASE_MS + (int64_t)((mixed >> 32) % RECONNECT_SPREAD_MS);
}

void hub_drain(struct hub *hub, const char *reason, int64_t now_ms)
{
    hub->draining = true;
    struct session *next;
    for (struct session *s = hub->first; s != NULL; s = next) {
        next = s->next;
        if (s->phase != SESSION_CLOSING) {
            size_t mark;
            struct strbuf *out = session_begin(s, "goaway", false, 0, &mark);
            strbuf_addf(out, ",\"reconnect_ms\":%" PRId64 ",\"reason\":\"%s\"",
                        reconnect_ms(s), reason);
            session_end(s, mark);
            session_close(s, CLOSE_RESTART, wire_close_reason(CLOSE_RESTART), now_ms);
        }
        hub->config.pump(s);
    }
}
