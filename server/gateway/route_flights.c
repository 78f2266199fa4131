#include "gateway/route_flights.h"

#include <limits.h>

#include "base/alloc.h"
#include "flight/country.h"
#include "flight/flight_encode.h"
#include "flight/flight_fields.h"
#include "flight/flight_table.h"
#include "flight/operator.h"
#include "gateway/flight_formats.h"
#include "gateway/flight_select.h"
#include "gateway/route.h"
#include "gateway/route_args.h"
#include "gateway/route_context.h"
#include "state/flight_index.h"
#include "state/state.h"

enum { ERROR_MAX = 512, TRAIL_MAX_S = 86400 };

/* ---- lists ---- */

/* "lat,lon,gs" as a set; false with the answer sent when one is no field. */
static bool read_fields(struct http_exchange *x, uint64_t *ret_fields)
{
    const char *text = exchange_param(x, "fields");
    uint64_t fields = 0;
    if (!text || !*text) {
        *ret_fields = flight_default_fields();
        return true;
    }
    for (const char *p = text; *p;) {
        const size_t len = strcspn(p, ",");
        enum flight_field field = FLIGHT_LAT;
        if (flight_field_by_key(p, len, &field)) {
            fields |= FLIGHT_BIT(field);
        } else if (len != 3 || strncmp(p, "hex", 3) != 0) { /* hex is always there */
            char what[128];
            snprintf(what, sizeof what, "no field is called \"%.*s\"",
                     (int)(len < 40 ? len : 40), p);
            route_refuse(x, "fields", what);
            return false;
        }
        p += len;
        p += *p == ',';
    }
    *ret_fields = fields;
    return true;
}

static bool read_format(struct http_exchange *x,
                        const struct flight_format **ret_format)
{
    const char *name = exchange_param(x, "format");
    *ret_format = flight_format_find(name ? name : "json");
    if (!*ret_format)
        route_refuse(x, "format", "json, geojson, csv or ndjson expected");
    return *ret_format != NULL;
}

/*
 * The same question within one tick has the same answer. True when the client
 * has it already; then 304 was sent.
 */
static bool is_cached(struct http_exchange *x, const struct flight_index *index)
{
    char tag[64];
    const char *have = exchange_header(x, "if-none-match");
    snprintf(tag, sizeof tag, "\"%x-%llx\"", flight_index_tick(index),
             (unsigned long long)flight_index_time_ms(index));
    exchange_set_header(x, "ETag", tag);
    exchange_set_header(x, "Cache-Control", "no-cache");
    if (!have || !strstr(have, tag))
        return false;
    exchange_reply(x, 304, "application/json", "", 0);
    return true;
}

struct listing {
    const struct flight_format *format;
    struct flight_list list;
    size_t written;
    struct strbuf body;
};

static void write_one(void *data, const struct flight *f)
{
    struct listing *l = data;
    l->format->flight(&l->list, f, l->written++, &l->body);
}

static void send_list(struct http_exchange *x, struct listing *l,
                      const struct flight_select *select, size_t limit)
{
    const struct flight_index *index = exchange_context(x)->index;
    l->list.now_ms = flight_index_time_ms(index);
    l->list.tick = flight_index_tick(index);
    l->list.total = flight_index_count(index);
    route_body_init(&l->body);
    l->format->head(&l->list, &l->body);
    l->list.matching = flight_select_visit(select, index, limit, write_one, l);
    l->format->foot(&l->list, &l->body);
    if (l->body.len == 0)
        strbuf_add_text(&l->body, ""); /* an empty list is an empty body, not none */
    route_send(x, l->format->content_type, &l->body);
}

void route_flights(struct http_exchange *x)
{
    const struct route_context *context = exchange_context(x);
    struct listing listing = {.written = 0};
    struct flight_select select;
    struct strbuf error;
    size_t limit = 0;
    if (!route_args_known(x) || !read_fields(x, &listing.list.fields) ||
        !read_format(x, &listing.format) ||
        !route_args_limit(x, FLIGHT_TABLE_MAX, FLIGHT_TABLE_MAX, &limit))
        return;
    strbuf_init(&error, ERROR_MAX);
    const char *code = flight_select_init(&select, context, exchange_param(x, "bbox"),
                                          exchange_param(x, "filter"), &error);
    if (code)
        exchange_error(x, 400, code, strbuf_text(&error), 0);
    else if (!is_cached(x, context->index))
        send_list(x, &listing, &select, limit);
    strbuf_release(&error);
    flight_select_release(&select);
}

/* ---- one flight ---- */

/* A request that waits for the trail. */
struct trail_request {
    struct exchange_token *token;
    uint32_t icao;
};

static void write_text(const char *key, const char *text, struct strbuf *out)
{
    if (!text || !*text)
        return;
    strbuf_addf(out, ",\"%s\":", key);
    strbuf_add_json(out, text, strlen(text));
}

/* The row, and what its address and callsign tell. */
static void write_flight(const struct flight *f, int64_t now_ms, struct strbuf *out)
{
    flight_encode_flight(out, f, FLIGHT_ALL_FIELDS, now_ms);
    strbuf_truncate(out, out->len - 1); /* goes on before the closing brace */
    const char *country = f->icao & FLIGHT_NON_ICAO ? NULL : country_of_icao24(f->icao);
    const bool has_callsign = flight_has(f, FLIGHT_CALLSIGN);
    const struct flight_operator *flown_by =
        has_callsign ? operator_of_callsign(f->v.callsign) : NULL;
    write_text("country", country, out);
    write_text("country_name", country ? country_name(country) : NULL, out);
    write_text("operator", flown_by ? flown_by->icao : NULL, out);
    write_text("operator_name", flown_by ? flown_by->name : NULL, out);
    strbuf_add_char(out, '}');
}

static void write_point(const struct trail_point *point, struct strbuf *out)
{
    strbuf_add_char(out, '[');
    strbuf_add_fixed(out, point->at_ms, 3);
    strbuf_add_char(out, ',');
    strbuf_add_fixed(out, point->lat, 5);
    strbuf_add_char(out, ',');
    strbuf_add_fixed(out, point->lon, 5);
    strbuf_add_char(out, ',');
    if (point->alt_ft == INT_MIN)
        strbuf_add_text(out, "null]");
    else
        strbuf_addf(out, "%d]", point->alt_ft);
}

static void send_flight(struct http_exchange *x, uint32_t icao,
                        const struct trail_point *points, size_t count)
{
    const struct flight_index *index = exchange_context(x)->index;
    const struct flight *f = flight_index_find(index, icao);
    struct strbuf body;
    if (!f) {
        exchange_error(x, 404, "not_found", "no aircraft with this address is known",
                       0);
        return;
    }
    route_body_init(&body);
    strbuf_add_text(&body, "{\"now\":");
    strbuf_add_fixed(&body, flight_index_time_ms(index), 3);
    strbuf_addf(&body, ",\"tick\":%u,\"flight\":", flight_index_tick(index));
    write_flight(f, flight_index_time_ms(index), &body);
    strbuf_add_text(&body, points ? ",\"trail\":[" : "");
    for (size_t i = 0; points && i < count; i++) {
        strbuf_add_text(&body, i > 0 ? "," : "");
        write_point(&points[i], &body);
    }
    strbuf_add_text(&body, points ? "]}\n" : "}\n");
    route_send(x, "application/json", &body);
}

static void on_trail(void *data, const struct trail_point *points, size_t count)
{
    static const struct trail_point none;
    struct trail_request *request = data;
    struct http_exchange *x = exchange_resume(request->token);
    if (x)
        send_flight(x, request->icao, points ? points : &none, points ? count : 0);
    free(request);
}

void route_flight(struct http_exchange *x)
{
    const struct route_context *context = exchange_context(x);
    const char *hex = exchange_param(x, "icao24");
    uint32_t icao = 0;
    int64_t trail_s = 0;
    if (!route_args_known(x) || !route_args_int(x, "trail", 1, TRAIL_MAX_S, &trail_s))
        return;
    if (!flight_parse_hex(hex, strlen(hex), &icao)) {
        route_refuse(x, "icao24", "6 hexadecimal digits expected, ~ first if not ICAO");
    } else if (trail_s == 0 || !context->state ||
               !flight_index_find(context->index, icao)) {
        send_flight(x, icao, NULL, 0);
    } else {
        struct trail_request *request = xcalloc(1, sizeof *request);
        request->token = exchange_defer(x);
        request->icao = icao;
        state_request_trail(context->state, icao,
                            flight_index_time_ms(context->index) - trail_s * 1000,
                            context->loop, on_trail, request);
    }
}
