#include "app/request.h"

#include <string.h>

#include "flight/flight_fields.h"

static void add_member(struct strbuf *out, const char *key, const char *value)
{
    if (value == NULL)
        return;
    strbuf_addf(out, ",\"%s\":", key);
    strbuf_add_json(out, value, strlen(value));
}

void request_hello(struct strbuf *out, const char *token, const char *epoch,
                   uint32_t tick)
{
    strbuf_add_text(
        out,
        "{\"type\":\"hello\",\"version\":1,\"client\":\"flightdash/" FLIGHTDASH_VERSION
        "\"");
    add_member(out, "token", token);
    if (epoch[0] != '\0' && tick != 0) {
        strbuf_add_text(out, ",\"resume\":{\"epoch\":");
        strbuf_add_json(out, epoch, strlen(epoch));
        strbuf_addf(out, ",\"tick\":%u}", tick);
    }
    strbuf_add_char(out, '}');
}

static void add_all_fields(struct strbuf *out)
{
    for (int i = 0; i < FLIGHT_FIELD_COUNT; i++)
        strbuf_addf(out, "%s\"%s\"", i == 0 ? ",\"fields\":[" : ",",
                    flight_field_info[i].key);
    strbuf_add_char(out, ']');
}

void request_subscribe(struct strbuf *out, const struct request_subscription *s)
{
    strbuf_addf(out, "{\"type\":\"subscribe\",\"id\":%d", s->id);
    add_member(out, "channel", s->channel);
    add_member(out, "query", s->query);
    add_member(out, "panel", s->panel);
    add_member(out, "level", s->level);
    if (s->all_fields)
        add_all_fields(out);
    if (s->max_hz > 0)
        strbuf_addf(out, ",\"max_hz\":%g", s->max_hz);
    if (s->range_s > 0)
        strbuf_addf(out, ",\"range\":\"%llds\"", (long long)s->range_s);
    if (s->step_s > 0)
        strbuf_addf(out, ",\"step\":\"%llds\"", (long long)s->step_s);
    strbuf_add_char(out, '}');
}

void request_unsubscribe(struct strbuf *out, int id)
{
    strbuf_addf(out, "{\"type\":\"unsubscribe\",\"id\":%d}", id);
}

void request_resync(struct strbuf *out, int id)
{
    strbuf_addf(out, "{\"type\":\"resync\",\"id\":%d}", id);
}

void request_flight(struct strbuf *out, int id, const char *hex, int64_t trail_s)
{
    strbuf_addf(out, "{\"type\":\"get\",\"id\":%d,\"what\":\"flight\"", id);
    add_member(out, "icao24", hex);
    strbuf_addf(out, ",\"trail\":%lld}", (long long)trail_s);
}

void request_ack(struct strbuf *out, const char *alert)
{
    strbuf_add_text(out, "{\"type\":\"ack\"");
    add_member(out, "alert", alert);
    strbuf_add_char(out, '}');
}
