/*
 * A moment is one or more frames as the server would send them, compressed one by
 * one: a whole snapshot now and then, between them what changed since the moment
 * before. So the past is made by the same code as the present (app_apply), and the
 * oldest moments go together with what builds on them: from one whole moment up to
 * the next. How long until the next moment follows from the size of the last one,
 * so that a full span just fits.
 */
#include "app/history.h"

#include <stdlib.h>
#include <string.h>

#include <zstd.h>

#include "app/app.h"
#include "base/alloc.h"
#include "base/strbuf.h"
#include "flight/flight_encode.h"
#include "flight/flight_fields.h"
#include "wire/wire_decode.h"

enum {
    FRAMES_MAX = 8192,
    PART_ROWS = 500, /* rows of one frame of a snapshot */
    FRAME_BYTES_MAX = 3 * 1024 * 1024,
    SERVICES_BYTES_MAX = 256 * 1024,
    LEVEL = 3
};

struct frame {
    int64_t time_ms; /* of its moment */
    bool whole;      /* begins a moment that stands alone */
    bool services;   /* the health of all services, nothing of flights */
    size_t raw, len;
    char *bytes;
};

struct history {
    struct frame *frames; /* in order of time */
    size_t count, bytes;
    int64_t due_mono_ms, whole_mono_ms;
    uint32_t tick; /* of the last moment */
    int64_t heard_ms;
    char epoch[24];         /* ticks count within one */
    struct strbuf services; /* as last kept */
};

struct history *history_new(void)
{
    struct history *h = xcalloc(1, sizeof *h);
    h->frames = xcalloc(FRAMES_MAX, sizeof *h->frames);
    strbuf_init(&h->services, SERVICES_BYTES_MAX);
    return h;
}

void history_free(struct history *h)
{
    if (h == NULL)
        return;
    for (size_t i = 0; i < h->count; i++)
        free(h->frames[i].bytes);
    free(h->frames);
    strbuf_release(&h->services);
    free(h);
}

int64_t history_oldest_ms(const struct history *h)
{
    return h->count > 0 ? h->frames[0].time_ms : -1;
}

int64_t history_newest_ms(const struct history *h)
{
    return h->count > 0 ? h->frames[h->count - 1].time_ms : -1;
}

int64_t history_next_ms(const struct history *h, int64_t at_ms)
{
    for (size_t i = 0; i < h->count; i++) {
        if (h->frames[i].time_ms > at_ms)
            return h->frames[i].time_ms;
    }
    return -1;
}

size_t history_bytes(const struct history *h)
{
    return h->bytes;
}

/* ---- forgetting ---------------------------------------------------------------- */

/* The first frame after the oldest whole moment that begins another one. */
static size_t second_whole(const struct history *h)
{
    size_t i = 1;
    while (i < h->count && !h->frames[i].whole)
        i++;
    return i;
}

static void forget(struct history *h, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        h->bytes -= h->frames[i].len;
        free(h->frames[i].bytes);
    }
    h->count -= n;
    memmove(h->frames, h->frames + n, h->count * sizeof *h->frames);
}

/* Brings the whole below its limits. */
static void bound(struct history *h, int64_t now_ms)
{
    while (h->count > 0) {
        size_t next = second_whole(h);
        bool full = h->bytes > HISTORY_BYTES_MAX || h->count + 1 >= FRAMES_MAX;
        bool old =
            next < h->count && now_ms - h->frames[next].time_ms > HISTORY_SPAN_MS;
        if (!full && !old)
            return;
        forget(h, next);
    }
}

/* ---- keeping ------------------------------------------------------------------- */

static void add_frame(struct history *h, int64_t time_ms, bool whole,
                      const struct strbuf *text)
{
    size_t room = ZSTD_compressBound(text->len);
    char *bytes = xmalloc(room);
    size_t n = ZSTD_compress(bytes, room, text->data, text->len, LEVEL);
    if (ZSTD_isError(n) || text->overflowed || h->count == FRAMES_MAX) {
        free(bytes);
        return;
    }
    h->frames[h->count++] = (struct frame){.time_ms = time_ms,
                                           .whole = whole,
                                           .raw = text->len,
                                           .len = n,
                                           .bytes = xreallocarray(bytes, n, 1)};
    h->bytes += n;
}

static uint64_t lasting_fields(void)
{
    uint64_t fields = 0;
    for (int i = 0; i < FLIGHT_FIELD_COUNT; i++) {
        if (!(flight_field_info[i].flags & FLIGHT_VOLATILE))
            fields |= FLIGHT_BIT(i);
    }
    return fields;
}

static void begin_frame(struct strbuf *out, const char *type, const struct app *app,
                        int64_t time_ms)
{
    strbuf_clear(out);
    strbuf_addf(out, "{\"type\":\"%s\",\"id\":%d,\"tick\":%u,\"time\":%lld.%03lld",
                type, (int)SUBSCRIPTION_FLIGHTS, app->link.tick,
                (long long)(time_ms / 1000), (long long)(time_ms % 1000));
}

static void take_whole(struct history *h, const struct app *app, int64_t time_ms)
{
    struct strbuf out;
    uint64_t fields = lasting_fields();
    size_t slots = flight_table_slots(app->flights);
    size_t slot = 0;
    int part = 0;
    strbuf_init(&out, FRAME_BYTES_MAX);
    do {
        int rows = 0;
        begin_frame(&out, "snapshot", app, time_ms);
        strbuf_addf(&out, ",\"part\":%d,\"flights\":[", ++part);
        for (; slot < slots && rows < PART_ROWS; slot++) {
            const struct flight *f = flight_table_at(app->flights, slot);
            if (f == NULL)
                continue;
            strbuf_add_text(&out, rows++ > 0 ? "," : "");
            flight_encode_flight(&out, f, fields, time_ms);
        }
        strbuf_addf(&out, "],\"last\":%s}", slot == slots ? "true" : "false");
        add_frame(h, time_ms, part == 1, &out);
    } while (slot < slots);
    strbuf_release(&out);
}

static void add_row(struct strbuf *out, const struct flight *f, uint32_t since,
                    uint64_t fields, int64_t time_ms)
{
    char hex[FLIGHT_HEX_SIZE];
    if (f->born_tick > since) {
        flight_encode_flight(out, f, fields, time_ms);
        out->data[out->len - 1] = ','; /* the object goes on */
        strbuf_add_text(out, "\"new\":true}");
        return;
    }
    uint64_t changed = flight_changed_since(f, since);
    flight_format_hex(f->icao, hex);
    strbuf_addf(out, "{\"hex\":\"%s\"", hex);
    flight_encode_changes(out, f, changed & fields);
    strbuf_add_text(out, ",\"seen\":");
    strbuf_add_fixed(out, (time_ms - f->heard_at_ms) / 100, 1);
    if (f->pos_at_ms > 0) {
        strbuf_add_text(out, ",\"seen_pos\":");
        strbuf_add_fixed(out, (time_ms - f->pos_at_ms) / 100, 1);
    }
    strbuf_add_char(out, '}');
}

static void add_removed(struct strbuf *out, const struct app *app, uint32_t since)
{
    const char *gap = "";
    for (size_t i = flight_table_tombstones(app->flights); i-- > 0;) {
        const struct flight_tombstone *t = flight_table_tombstone(app->flights, i);
        char hex[FLIGHT_HEX_SIZE];
        if (t->tick <= since)
            break;
        if (flight_table_find(app->flights, t->icao) != NULL)
            continue; /* it came back */
        flight_format_hex(t->icao, hex);
        strbuf_addf(out, "%s{\"hex\":\"%s\",\"reason\":\"left\"}", gap, hex);
        gap = ",";
    }
}

/* What changed since the last moment, in one frame. */
static void take_changes(struct history *h, const struct app *app, int64_t time_ms)
{
    struct strbuf out;
    uint64_t fields = lasting_fields();
    const char *gap = "";
    strbuf_init(&out, FRAME_BYTES_MAX);
    begin_frame(&out, "delta", app, time_ms);
    strbuf_addf(&out, ",\"base_tick\":%u,\"changed\":[", h->tick);
    for (size_t i = 0; i < flight_table_slots(app->flights); i++) {
        const struct flight *f = flight_table_at(app->flights, i);
        if (f == NULL || (f->changed_tick <= h->tick && f->heard_at_ms <= h->heard_ms))
            continue;
        strbuf_add_text(&out, gap);
        add_row(&out, f, h->tick, fields, time_ms);
        gap = ",";
    }
    strbuf_add_text(&out, "],\"removed\":[");
    add_removed(&out, app, h->tick);
    strbuf_add_text(&out, "]}");
    if (out.overflowed)
        take_whole(h, app, time_ms);
    else
        add_frame(h, time_ms, false, &out);
    strbuf_release(&out);
}

static void add_member(struct strbuf *out, const char *name, const char *text)
{
    strbuf_addf(out, ",\"%s\":", name);
    strbuf_add_json(out, text, strlen(text));
}

static void add_service(struct strbuf *out, const struct service *s)
{
    strbuf_add_text(out, "{\"heard\":");
    strbuf_add_fixed(out, s->heard_ms, 3);
    add_member(out, "service", s->name);
    add_member(out, "status", service_status_text(s->status));
    add_member(out, "output", s->says);
    if (s->since_ms > 0) {
        strbuf_add_text(out, ",\"since\":");
        strbuf_add_fixed(out, s->since_ms, 3);
    }
    if (s->latency_ms >= 0)
        strbuf_addf(out, ",\"latency_ms\":%.3f", s->latency_ms);
    strbuf_add_text(out, ",\"depends_on\":[");
    for (const char *at = s->needs; *at != '\0';) {
        size_t n = strcspn(at, ",");
        strbuf_add_text(out, at > s->needs ? "," : "");
        strbuf_add_json(out, at, n);
        at += n + strspn(at + n, ", ");
    }
    strbuf_add_text(out, "]}");
}

/* The services, where anything of them was told since they were last kept. */
static void take_services(struct history *h, const struct app *app, int64_t time_ms,
                          bool whole)
{
    struct strbuf out;
    size_t count = h->count;
    if (!app->services.told)
        return;
    strbuf_init(&out, SERVICES_BYTES_MAX);
    for (size_t i = 0; i < app->services.count; i++) {
        strbuf_add_text(&out, i > 0 ? "," : "");
        add_service(&out, &app->services.rows[i]);
    }
    if (whole || strcmp(strbuf_text(&out), strbuf_text(&h->services)) != 0) {
        strbuf_clear(&h->services);
        strbuf_add_text(&h->services, strbuf_text(&out));
        strbuf_clear(&out);
        strbuf_addf(&out, "{\"type\":\"health\",\"id\":%d,\"time\":%lld.%03lld,",
                    (int)SUBSCRIPTION_HEALTH, (long long)(time_ms / 1000),
                    (long long)(time_ms % 1000));
        strbuf_addf(&out, "\"services\":[%s]}", strbuf_text(&h->services));
        add_frame(h, time_ms, false, &out);
    }
    if (h->count > count)
        h->frames[h->count - 1].services = true;
    strbuf_release(&out);
}

void history_take(struct history *h, const struct app *app)
{
    if (app->link.state != LINK_UP || !app->has_snapshot ||
        app->mono_ms < h->due_mono_ms)
        return;
    int64_t time_ms = app_server_now_ms(app);
    size_t before = h->bytes;
    size_t first = h->count;
    bool other = strcmp(h->epoch, app->link.epoch) != 0 || app->link.tick < h->tick;
    if (h->count > 0 && time_ms <= history_newest_ms(h))
        return; /* the server's clock was set back */
    if (other || h->count == 0 || app->mono_ms - h->whole_mono_ms >= HISTORY_WHOLE_MS) {
        take_whole(h, app, time_ms);
        h->whole_mono_ms = app->mono_ms;
        memcpy(h->epoch, app->link.epoch, sizeof h->epoch);
    } else {
        take_changes(h, app, time_ms);
    }
    take_services(h, app, time_ms, first < h->count && h->frames[first].whole);
    int64_t share_ms =
        (int64_t)(h->bytes - before) * HISTORY_SPAN_MS / HISTORY_BYTES_MAX;
    h->due_mono_ms = app->mono_ms + MAX_OF(share_ms, (int64_t)HISTORY_STEP_MS);
    h->tick = app->link.tick;
    h->heard_ms = time_ms;
    bound(h, time_ms);
}

/* ---- showing ------------------------------------------------------------------- */

static void apply(const struct frame *frame, struct app *past)
{
    struct wire_message m;
    struct strbuf error;
    char *text = xmalloc(frame->raw + 1);
    size_t n = ZSTD_decompress(text, frame->raw, frame->bytes, frame->len);
    strbuf_init(&error, 256);
    if (frame->services) /* those that are not in it were not there */
        service_list_release(&past->services);
    if (!ZSTD_isError(n) && wire_decode(text, n, &m, &error) == 0) {
        app_apply(past, &m, n);
        wire_message_release(&m);
    }
    strbuf_release(&error);
    free(text);
}

int64_t history_show(const struct history *h, int64_t at_ms, struct app *past)
{
    size_t end = 0;
    if (h->count == 0)
        return -1;
    at_ms = MAX_OF(at_ms, h->frames[0].time_ms);
    while (end < h->count && h->frames[end].time_ms <= at_ms)
        end++;
    size_t start = end - 1;
    while (start > 0 && !h->frames[start].whole)
        start--;
    app_forget(past);
    for (size_t i = start; i < end; i++)
        apply(&h->frames[i], past);
    return h->frames[end - 1].time_ms;
}
