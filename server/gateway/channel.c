#include "gateway/channel.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/strbuf.h"
#include "gateway/feed.h"
#include "gateway/hub_shared.h"
#include "gateway/pipeline.h"
#include "gateway/provider.h"
#include "gateway/route_context.h"
#include "gateway/ws_frame.h"
#include "monitor/alert_table.h"
#include "monitor/service_table.h"
#include "net/loop.h"
#include "state/flight_index.h"
#include "wire/wire_limits.h"
#include "wire/wire_request.h"

enum { ROWS_MAX = 512, READS_MAX = 8, PIPELINE_MS = 1000 };

struct channel_set {
    struct hub *hub;
    struct channel *first;
    struct channel fixed[CHANNEL_COUNT]; /* those without parameters */
    struct pipeline *pipeline;
    int64_t pipeline_ms;
    int64_t wall_ms;
};

static bool has_parameters(enum wire_channel kind)
{
    return kind == CHANNEL_METRICS || kind == CHANNEL_LOGS;
}

struct channel_set *channel_set_new(struct hub *hub)
{
    struct channel_set *set = xcalloc(1, sizeof *set);
    set->hub = hub;
    for (unsigned i = 0; i < CHANNEL_COUNT; i++)
        set->fixed[i] =
            (struct channel){.set = set, .kind = (enum wire_channel)i, .version = 0};
    set->pipeline = pipeline_new(hub);
    return set;
}

static void channel_free(struct channel *channel)
{
    const struct provider *provider = channel->set->hub->config.provider;
    feed_port_disconnect(channel->port);
    if (channel->handle != NULL)
        provider->close(provider->data, channel->handle);
    feed_port_unref(channel->port);
    feed_free(channel->feed);
    free(channel->key);
    free(channel);
}

void channel_set_free(struct channel_set *set)
{
    if (set == NULL)
        return;
    while (set->first != NULL) {
        struct channel *channel = set->first;
        set->first = channel->next;
        channel_free(channel);
    }
    pipeline_free(set->pipeline);
    free(set);
}

void channel_set_tick(struct channel_set *set, int64_t wall_ms)
{
    const struct route_context *context = set->hub->config.context;
    set->wall_ms = wall_ms;
    if (context->services != NULL)
        set->fixed[CHANNEL_HEALTH].version = service_table_version(context->services);
    if (context->alerts != NULL)
        set->fixed[CHANNEL_ALERTS].version = alert_table_version(context->alerts);
    set->fixed[CHANNEL_STATS].version = flight_index_stats_version(set->hub->index);
    if (wall_ms - set->pipeline_ms >= PIPELINE_MS || wall_ms < set->pipeline_ms) {
        set->pipeline_ms = wall_ms;
        set->fixed[CHANNEL_PIPELINE].version++;
        if (set->fixed[CHANNEL_PIPELINE].users > 0)
            pipeline_refresh(set->pipeline, wall_ms);
    }
}

/* --- opening ------------------------------------------------------------ */

static void on_news(void *data)
{
    struct channel *channel = data;
    channel->version = feed_newest(channel->feed);
}

/* Identical parameters give identical keys. */
static char *key_of(const struct wire_request *request)
{
    static const char *const names[] = {"panel", "query", "range",   "step",
                                        "level", "since", "service", "limit"};
    char number[WIRE_ARG_NUMBER_SIZE];
    struct strbuf key;
    strbuf_init(&key, (size_t)2 * WIRE_REQUEST_MAX);
    strbuf_add_text(&key, wire_channel_name(request->channel));
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        const char *value = wire_request_text(request, names[i], number);
        strbuf_addf(&key, "\n%s", value != NULL ? value : "");
    }
    return strbuf_detach(&key);
}

static struct channel *find(struct channel_set *set, const char *key)
{
    for (struct channel *c = set->first; c != NULL; c = c->next)
        if (strcmp(c->key, key) == 0)
            return c;
    return NULL;
}

static enum wire_fault fault_of(const char *code)
{
    return strcmp(code, wire_fault_code(FAULT_BAD_REQUEST)) == 0
               ? FAULT_BAD_REQUEST
               : FAULT_BACKEND_UNAVAILABLE;
}

static struct channel *make(struct channel_set *set, const struct wire_request *request,
                            char *take_key)
{
    struct channel *channel = xcalloc(1, sizeof *channel);
    channel->set = set;
    channel->kind = request->channel;
    channel->key = take_key;
    channel->feed =
        feed_new(request->channel == CHANNEL_METRICS ? FEED_TABLE : FEED_RING);
    channel->port = feed_port_new();
    feed_port_connect(channel->port, set->hub->config.context->loop, channel->feed,
                      on_news, channel);
    return channel;
}

static struct channel *open_provided(struct channel_set *set,
                                     const struct wire_request *request,
                                     const char *text, size_t len,
                                     enum wire_fault *ret_fault,
                                     struct strbuf *ret_message)
{
    const struct provider *provider = set->hub->config.provider;
    const char *code = "";
    if (provider == NULL) {
        *ret_fault = FAULT_BACKEND_UNAVAILABLE;
        strbuf_addf(ret_message, "%s: not configured",
                    wire_channel_name(request->channel));
        return NULL;
    }
    char *key = key_of(request);
    struct channel *channel = find(set, key);
    if (channel != NULL) {
        free(key);
        return channel;
    }
    channel = make(set, request, key);
    struct provider_request ask = {
        .channel = wire_channel_name(request->channel), .json = text, .json_len = len};
    channel->handle =
        provider->open(provider->data, &ask, channel->port, &code, ret_message);
    if (channel->handle == NULL) {
        *ret_fault = fault_of(code);
        channel_free(channel);
        return NULL;
    }
    channel->next = set->first;
    set->first = channel;
    return channel;
}

static bool is_there(const struct channel_set *set, enum wire_channel kind)
{
    const struct route_context *context = set->hub->config.context;
    if (kind == CHANNEL_HEALTH)
        return context->services != NULL;
    return kind != CHANNEL_ALERTS || context->alerts != NULL;
}

struct channel *channel_open(struct channel_set *set,
                             const struct wire_request *request, const char *text,
                             size_t len, enum wire_fault *ret_fault,
                             struct strbuf *ret_message)
{
    struct channel *channel = &set->fixed[request->channel];
    if (has_parameters(request->channel)) {
        channel = open_provided(set, request, text, len, ret_fault, ret_message);
    } else if (!is_there(set, request->channel)) {
        *ret_fault = FAULT_BACKEND_UNAVAILABLE;
        strbuf_addf(ret_message, "%s: this role has none",
                    wire_channel_name(request->channel));
        return NULL;
    }
    if (channel == NULL)
        return NULL;
    if (channel->kind == CHANNEL_PIPELINE && channel->users == 0)
        pipeline_refresh(set->pipeline, set->wall_ms);
    channel->users++;
    return channel;
}

void channel_close(struct channel *channel)
{
    if (--channel->users > 0 || !has_parameters(channel->kind))
        return;
    struct channel **link = &channel->set->first;
    while (*link != channel)
        link = &(*link)->next;
    *link = channel->next;
    channel_free(channel);
}

/* --- reading ------------------------------------------------------------ */

static size_t begin(const struct channel *channel, const char *type, int64_t id,
                    struct strbuf *out)
{
    size_t mark = ws_begin(out);
    strbuf_addf(out, "{\"type\":\"%s\",\"id\":%" PRId64 ",\"time\":", type, id);
    strbuf_add_fixed(out, channel->set->wall_ms, 3);
    return mark;
}

static void end(struct strbuf *out, size_t mark)
{
    strbuf_add_char(out, '}');
    ws_end(out, mark, WS_TEXT);
}

/* A JSON object's members become the message's. */
static void add_members(struct strbuf *out, const char *object, size_t len)
{
    if (len <= 2)
        return;
    strbuf_add_char(out, ',');
    strbuf_add(out, object + 1, len - 2);
}

/* After `after` only what changed since; the first message has all. */
static void read_table(struct channel *channel, int64_t id, uint64_t after,
                       struct strbuf *out)
{
    const struct route_context *context = channel->set->hub->config.context;
    bool health = channel->kind == CHANNEL_HEALTH;
    size_t mark = begin(channel, health ? "health" : "alert", id, out);
    strbuf_addf(out, ",\"%s\":", health ? "services" : "alerts");
    if (health)
        service_table_write(context->services, after, ROWS_MAX, out);
    else
        alert_table_write(context->alerts, after, after == 0 ? ALERT_ACTIVE : ALERT_ANY,
                          ROWS_MAX, out);
    end(out, mark);
}

static void read_text(struct channel *channel, int64_t id, const char *type,
                      const char *object, size_t len, struct strbuf *out)
{
    size_t mark = begin(channel, type, id, out);
    add_members(out, object, len);
    end(out, mark);
}

static void add_gap(int64_t id, uint64_t lost, struct strbuf *out)
{
    size_t mark = ws_begin(out);
    strbuf_addf(out, "{\"type\":\"gap\",\"id\":%" PRId64 ",\"lost\":%" PRIu64, id,
                lost);
    end(out, mark);
}

static bool starts_with(const struct strbuf *text, const char *prefix)
{
    return strncmp(strbuf_text(text), prefix, strlen(prefix)) == 0;
}

/* {"error":{...}} of the provider becomes an `error` of this subscription. */
static void add_error(int64_t id, const struct strbuf *object, struct strbuf *out)
{
    const size_t wrap = strlen("{\"error\":{");
    size_t mark = ws_begin(out);
    strbuf_addf(out, "{\"type\":\"error\",\"id\":%" PRId64 ",", id);
    strbuf_add(out, object->data + wrap, object->len - wrap - 2);
    end(out, mark);
}

static void read_object(struct channel *channel, int64_t id,
                        const struct strbuf *object, struct strbuf *out)
{
    if (starts_with(object, "{\"error\":{")) {
        add_error(id, object, out);
    } else if (starts_with(object, "{\"lost\":")) {
        add_gap(id, strtoull(object->data + strlen("{\"lost\":"), NULL, 10), out);
    } else if (channel->kind == CHANNEL_METRICS) {
        read_text(channel, id, "metrics", object->data, object->len, out);
    } else {
        size_t mark = begin(channel, "log", id, out);
        strbuf_add_text(out, ",\"hits\":[");
        strbuf_add(out, object->data, object->len);
        strbuf_add_char(out, ']');
        end(out, mark);
    }
}

static void read_feed(struct channel *channel, int64_t id, uint64_t *seen,
                      struct strbuf *out)
{
    struct strbuf object;
    strbuf_init(&object, FEED_OBJECT_MAX);
    for (unsigned i = 0; i < READS_MAX && *seen < feed_newest(channel->feed); i++) {
        uint64_t lost = 0;
        strbuf_clear(&object);
        size_t count = feed_read(channel->feed, 1, &object, seen, &lost);
        if (lost > 0)
            add_gap(id, lost, out);
        if (count > 0)
            read_object(channel, id, &object, out);
    }
    strbuf_release(&object);
}

void channel_read(struct channel *channel, int64_t id, uint64_t *seen,
                  struct strbuf *out)
{
    size_t len;
    const char *text;
    uint64_t after = *seen == CHANNEL_UNSEEN ? 0 : *seen;
    *seen = after;
    switch (channel->kind) {
    case CHANNEL_HEALTH:
    case CHANNEL_ALERTS: read_table(channel, id, after, out); break;
    case CHANNEL_STATS:
        if (channel->version == 0)
            return; /* before the first tick */
        text = flight_index_stats(channel->set->hub->index, &len);
        read_text(channel, id, "stats", text, len, out);
        break;
    case CHANNEL_PIPELINE:
        text = pipeline_text(channel->set->pipeline, &len);
        read_text(channel, id, "pipeline", text, len, out);
        break;
    case CHANNEL_METRICS:
    case CHANNEL_LOGS: read_feed(channel, id, seen, out); return;
    case CHANNEL_FLIGHTS:
    case CHANNEL_COUNT: break;
    }
    *seen = channel->version;
}
