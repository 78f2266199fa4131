#include "tests/unit/model/model_client.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/ws_frame.h"

void model_client_init(struct model_client *c)
{
    *c = (struct model_client){0};
    strbuf_init(&c->in, 64 << 20);
}

void model_sub_reset(struct model_sub *sub)
{
    json_decref(sub->table);
    json_decref(sub->parts);
    json_decref(sub->heard);
    json_decref(sub->located);
    sub->table = json_object();
    sub->heard = json_object();
    sub->located = json_object();
    sub->parts = NULL;
    sub->lost = true;
    sub->tick = 0;
}

static void release_sub(struct model_sub *sub)
{
    json_decref(sub->table);
    json_decref(sub->parts);
    json_decref(sub->heard);
    json_decref(sub->located);
    free(sub->request);
    *sub = (struct model_sub){0};
}

void model_client_release(struct model_client *c)
{
    strbuf_release(&c->in);
    for (size_t i = 0; i < MODEL_SUBS_MAX; i++)
        release_sub(&c->subs[i]);
}

void model_client_cut(struct model_client *c)
{
    strbuf_clear(&c->in);
    c->welcome = c->closed = false;
    for (size_t i = 0; i < MODEL_SUBS_MAX; i++) {
        struct model_sub *sub = &c->subs[i];
        sub->confirmed = false;
        if (sub->parts != NULL) {
            json_decref(sub->parts);
            sub->parts = NULL;
            sub->lost = true; /* half a snapshot is none */
        }
    }
}

uint32_t model_client_tick(const struct model_client *c)
{
    uint32_t oldest = 0;
    for (size_t i = 0; i < MODEL_SUBS_MAX; i++) {
        const struct model_sub *sub = &c->subs[i];
        if (sub->used && !sub->lost && (oldest == 0 || sub->tick < oldest))
            oldest = sub->tick;
    }
    return oldest;
}

static void wrong(struct model_client *c, const char *what, const char *which)
{
    if (c->wrong[0] == '\0')
        snprintf(c->wrong, sizeof c->wrong, "%s: %s", what, which != NULL ? which : "");
}

static int64_t ms_of(const json_t *seconds)
{
    return (int64_t)llround(json_number_value(seconds) * 1000);
}

static void merge(struct model_sub *sub, const char *hex, json_t *row, int64_t time_ms)
{
    const char *name;
    json_t *value;
    json_t *known = json_object_get(sub->table, hex);
    json_object_foreach(row, name, value)
    {
        if (json_is_null(value))
            json_object_del(known, name);
        else if (strcmp(name, "hex") != 0 && strcmp(name, "new") != 0 &&
                 strncmp(name, "seen", 4) != 0)
            json_object_set(known, name, value);
    }
    json_t *seen = json_object_get(row, "seen");
    json_t *seen_pos = json_object_get(row, "seen_pos");
    json_object_set_new(sub->heard, hex,
                        json_integer(time_ms - (seen != NULL ? ms_of(seen) : 0)));
    if (seen_pos != NULL)
        json_object_set_new(sub->located, hex, json_integer(time_ms - ms_of(seen_pos)));
    else if (json_object_get(row, "lat") != NULL || json_object_get(row, "lon") != NULL)
        json_object_set_new(sub->located, hex, json_integer(time_ms));
}

static void take_snapshot(struct model_client *c, struct model_sub *sub, json_t *m)
{
    size_t i;
    json_t *row;
    json_int_t part = json_integer_value(json_object_get(m, "part"));
    if (part == 1) {
        model_sub_reset(sub);
        sub->parts = json_array();
    }
    if (sub->parts == NULL) {
        wrong(c, "a part without the first", "");
        return;
    }
    json_array_append(sub->parts, m);
    if (json_array_size(sub->parts) != (size_t)part)
        wrong(c, "parts out of order", "");
    json_array_foreach(json_object_get(m, "flights"), i, row)
    {
        const char *hex = json_string_value(json_object_get(row, "hex"));
        if (json_object_get(sub->table, hex) != NULL)
            wrong(c, "twice in a snapshot", hex);
        json_object_set_new(sub->table, hex, json_object());
        merge(sub, hex, row, ms_of(json_object_get(m, "time")));
    }
    if (!json_is_true(json_object_get(m, "last")))
        return;
    json_decref(sub->parts);
    sub->parts = NULL;
    sub->lost = false;
    sub->tick = (uint32_t)json_integer_value(json_object_get(m, "tick"));
}

static void forget(struct model_sub *sub, const char *hex)
{
    json_object_del(sub->table, hex);
    json_object_del(sub->heard, hex);
    json_object_del(sub->located, hex);
}

static void take_delta(struct model_client *c, struct model_sub *sub, json_t *m)
{
    size_t i;
    json_t *row;
    uint32_t tick = (uint32_t)json_integer_value(json_object_get(m, "tick"));
    uint32_t base = (uint32_t)json_integer_value(json_object_get(m, "base_tick"));
    if (sub->lost || base > sub->tick) {
        wrong(c, "a delta that does not fit",
              json_string_value(json_object_get(m, "id")));
        return;
    }
    json_array_foreach(json_object_get(m, "changed"), i, row)
    {
        const char *hex = json_string_value(json_object_get(row, "hex"));
        if (json_is_true(json_object_get(row, "new"))) {
            forget(sub, hex);
            json_object_set_new(sub->table, hex, json_object());
        } else if (json_object_get(sub->table, hex) == NULL) {
            wrong(c, "a change of what never entered", hex);
            return;
        }
        merge(sub, hex, row, ms_of(json_object_get(m, "time")));
    }
    json_array_foreach(json_object_get(m, "removed"), i, row)
        forget(sub, json_string_value(json_object_get(row, "hex")));
    if (tick < base)
        wrong(c, "time runs backward", "");
    sub->tick = tick > sub->tick ? tick : sub->tick;
}

static struct model_sub *sub_of(struct model_client *c, const json_t *m)
{
    json_int_t id = json_integer_value(json_object_get(m, "id"));
    for (size_t i = 0; i < MODEL_SUBS_MAX; i++)
        if (c->subs[i].used && c->subs[i].id == id)
            return &c->subs[i];
    return NULL;
}

static void take_welcome(struct model_client *c, const json_t *m)
{
    c->welcome = true;
    snprintf(c->epoch, sizeof c->epoch, "%s",
             json_string_value(json_object_get(m, "epoch")));
    if (json_is_true(json_object_get(m, "resumed")))
        return;
    for (size_t i = 0; i < MODEL_SUBS_MAX; i++)
        if (c->subs[i].used)
            model_sub_reset(&c->subs[i]);
}

static void take_message(struct model_client *c, json_t *m)
{
    const char *type = json_string_value(json_object_get(m, "type"));
    struct model_sub *sub = sub_of(c, m);
    if (strcmp(type, "welcome") == 0)
        take_welcome(c, m);
    else if (strcmp(type, "error") == 0)
        wrong(c, "an error", json_string_value(json_object_get(m, "message")));
    else if (sub == NULL)
        return; /* of a subscription that was given up */
    else if (strcmp(type, "subscribed") == 0)
        sub->confirmed = true;
    else if (!sub->confirmed)
        return; /* of the one that this replaces */
    else if (strcmp(type, "snapshot") == 0)
        take_snapshot(c, sub, m);
    else if (strcmp(type, "delta") == 0)
        take_delta(c, sub, m);
}

/* One whole frame; n is its size. */
static void take_frame(struct model_client *c, const char *frame, size_t n)
{
    size_t head = (frame[1] & 0x7f) == 126 ? 4 : (frame[1] & 0x7f) == 127 ? 10 : 2;
    if ((frame[0] & 0x0f) == WS_CLOSE) {
        c->closed = true;
        c->close_code =
            (unsigned char)frame[head] << 8 | (unsigned char)frame[head + 1];
        return;
    }
    if ((frame[0] & 0x0f) != WS_TEXT)
        return;
    if (n > 262144 + 10)
        wrong(c, "a message larger than 256 KiB", "");
    json_error_t error;
    json_t *m = json_loadb(frame + head, n - head, JSON_REJECT_DUPLICATES, &error);
    if (m == NULL)
        wrong(c, "not JSON", error.text);
    else
        take_message(c, m);
    json_decref(m);
}

void model_client_take(struct model_client *c, const char *bytes, size_t n)
{
    strbuf_add(&c->in, bytes, n);
    size_t at = 0;
    while (c->in.len - at >= 10 ||
           (c->in.len - at >= 2 && (c->in.data[at + 1] & 0x7f) < 126)) {
        size_t size = ws_frame_size(c->in.data + at, c->in.len - at);
        if (size > c->in.len - at)
            break;
        take_frame(c, c->in.data + at, size);
        at += size;
    }
    memmove(c->in.data, c->in.data + at, c->in.len - at);
    strbuf_truncate(&c->in, c->in.len - at);
}
