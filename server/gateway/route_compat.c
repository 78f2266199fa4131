#include "gateway/route_compat.h"

#include <ctype.h>

#include "base/macros.h"
#include "base/strbuf.h"
#include "flight/country.h"
#include "flight/flight.h"
#include "flight/flight_names.h"
#include "flight/flight_table.h"
#include "flight/geo.h"
#include "gateway/readsb_form.h"
#include "gateway/route.h"
#include "gateway/route_args.h"
#include "gateway/route_context.h"
#include "state/flight_index.h"
#include "telemetry/metrics.h"

#define JSON_TYPE "application/json"

enum { V2_CALLSIGN_MAX = 100, V2_HEXES_MAX = 100, POINT_MAX_NM = 10800 };

/* ---- readsb's data/ ---- */

void route_aircraft_json(struct http_exchange *x)
{
    const struct route_context *context = exchange_context(x);
    const struct flight_index *index = context->index;
    const int64_t now_ms = flight_index_time_ms(index);
    struct strbuf body;
    size_t written = 0;
    route_body_init(&body);
    strbuf_add_text(&body, "{\"now\":");
    strbuf_add_fixed(&body, now_ms, 3);
    strbuf_addf(&body, ",\"messages\":%.0f,\"aircraft\":[",
                metrics_value(context->metrics, METRIC_RECORDS_CONSUMED));
    for (size_t slot = 0; slot < flight_index_slots(index); slot++) {
        const struct flight *f = flight_index_at(index, slot);
        if (!f || !readsb_form_lists(f, now_ms))
            continue;
        strbuf_add_text(&body, written++ > 0 ? ",\n" : "\n");
        readsb_form_write_open(f, now_ms, &body);
        strbuf_add_char(&body, '}');
    }
    strbuf_add_text(&body, "\n]}\n");
    exchange_set_header(x, "Cache-Control", "no-cache");
    route_send(x, JSON_TYPE, &body);
}

void route_receiver_json(struct http_exchange *x)
{
    const struct route_context *context = exchange_context(x);
    struct strbuf body;
    route_body_init(&body);
    /* readsb's clients ask again after `refresh` ms; history files are not kept. */
    strbuf_addf(&body, "{\"version\":\"flightdash %s\",\"refresh\":1000,\"history\":0",
                FLIGHTDASH_VERSION);
    if (context->has_home)
        strbuf_addf(&body, ",\"lat\":%.6f,\"lon\":%.6f", context->home_lat,
                    context->home_lon);
    strbuf_add_text(&body, "}\n");
    route_send(x, JSON_TYPE, &body);
}

/* ---- ADS-B v2 ---- */

/* What one v2 request is about; `wants` decides, `write_more` adds members. */
struct v2 {
    const struct flight_index *index;
    int64_t now_ms;
    struct geo_point from;
    double within_nm;
    const char *text;
    int32_t squawk;
};

static bool is_within(const struct v2 *v2, const struct flight *f)
{
    if (!flight_has_position(f))
        return false;
    const struct geo_point at = {f->v.num[FLIGHT_LAT] / 1e5,
                                 f->v.num[FLIGHT_LON] / 1e5};
    return geo_distance_nm(v2->from, at) <= v2->within_nm;
}

static bool has_callsign(const struct v2 *v2, const struct flight *f)
{
    return flight_has(f, FLIGHT_CALLSIGN) && strcasecmp(f->v.callsign, v2->text) == 0;
}

static bool has_squawk(const struct v2 *v2, const struct flight *f)
{
    return flight_has(f, FLIGHT_SQUAWK) && f->v.num[FLIGHT_SQUAWK] == v2->squawk;
}

static bool is_military(const struct v2 *v2, const struct flight *f)
{
    (void)v2;
    const bool flagged = flight_has(f, FLIGHT_DB_FLAGS) &&
                         (f->v.num[FLIGHT_DB_FLAGS] & FLIGHT_DB_MILITARY);
    return flagged || (!(f->icao & FLIGHT_NON_ICAO) && icao24_is_military(f->icao));
}

/* hex is a list: "4b1814,~2cc5b3". */
static bool has_hex(const struct v2 *v2, const struct flight *f)
{
    for (const char *p = v2->text; *p;) {
        const size_t len = strcspn(p, ",");
        uint32_t icao = 0;
        if (flight_parse_hex(p, len, &icao) && icao == f->icao)
            return true;
        p += len;
        p += *p == ',';
    }
    return false;
}

static void write_distance(const struct v2 *v2, const struct flight *f,
                           struct strbuf *out)
{
    const struct geo_point at = {f->v.num[FLIGHT_LAT] / 1e5,
                                 f->v.num[FLIGHT_LON] / 1e5};
    strbuf_addf(out, ",\"dst\":%.3f,\"dir\":%.1f", geo_distance_nm(v2->from, at),
                geo_bearing_deg(v2->from, at));
}

static bool is_listed(const struct v2 *v2, const struct flight *f,
                      bool (*wants)(const struct v2 *, const struct flight *))
{
    return f && readsb_form_lists(f, v2->now_ms) && wants(v2, f);
}

static void send_v2(struct http_exchange *x, struct v2 *v2,
                    bool (*wants)(const struct v2 *, const struct flight *))
{
    struct strbuf body;
    size_t limit = 0;
    size_t total = 0;
    if (!route_args_limit(x, FLIGHT_TABLE_MAX, FLIGHT_TABLE_MAX, &limit))
        return;
    v2->index = exchange_context(x)->index;
    v2->now_ms = flight_index_time_ms(v2->index);
    route_body_init(&body);
    strbuf_add_text(&body, "{\"ac\":[");
    for (size_t slot = 0; slot < flight_index_slots(v2->index); slot++) {
        const struct flight *f = flight_index_at(v2->index, slot);
        if (!is_listed(v2, f, wants) || total++ >= limit)
            continue;
        strbuf_add_text(&body, total > 1 ? "," : "");
        readsb_form_write_open(f, v2->now_ms, &body);
        if (v2->within_nm > 0)
            write_distance(v2, f, &body);
        strbuf_add_char(&body, '}');
    }
    strbuf_addf(&body,
                "],\"msg\":\"No error\",\"now\":%lld,\"total\":%zu,\"ctime\":%lld,"
                "\"ptime\":0}\n",
                (long long)v2->now_ms, total, (long long)v2->now_ms);
    route_send(x, JSON_TYPE, &body);
}

void route_v2_point(struct http_exchange *x)
{
    struct v2 v2 = {.text = ""};
    if (route_args_known(x) && route_args_number(x, "lat", -90, 90, &v2.from.lat_deg) &&
        route_args_number(x, "lon", -180, 180, &v2.from.lon_deg) &&
        route_args_number(x, "nm", 0.001, POINT_MAX_NM, &v2.within_nm))
        send_v2(x, &v2, is_within);
}

/* How many addresses a list holds; 0 when one of them is none. */
static size_t count_hexes(const char *text)
{
    size_t n = 0;
    for (const char *p = text; *p;) {
        const size_t len = strcspn(p, ",");
        uint32_t icao = 0;
        if (!flight_parse_hex(p, len, &icao))
            return 0;
        n++;
        p += len;
        if (*p == ',' && *++p == '\0')
            return 0;
    }
    return n;
}

void route_v2_hex(struct http_exchange *x)
{
    struct v2 v2 = {.text = exchange_param(x, "hex")};
    const size_t n = count_hexes(v2.text);
    if (!route_args_known(x))
        return;
    if (n == 0 || n > V2_HEXES_MAX)
        route_refuse(x, "hex", "1 to 100 addresses of 6 hexadecimal digits expected");
    else
        send_v2(x, &v2, has_hex);
}

void route_v2_callsign(struct http_exchange *x)
{
    struct v2 v2 = {.text = exchange_param(x, "callsign")};
    if (!route_args_known(x))
        return;
    if (strlen(v2.text) > V2_CALLSIGN_MAX)
        route_refuse(x, "callsign", "at most 100 bytes expected");
    else
        send_v2(x, &v2, has_callsign);
}

void route_v2_squawk(struct http_exchange *x)
{
    struct v2 v2 = {.text = exchange_param(x, "squawk")};
    if (!route_args_known(x))
        return;
    if (flight_squawk_value(v2.text, strlen(v2.text), &v2.squawk))
        send_v2(x, &v2, has_squawk);
    else
        route_refuse(x, "squawk", "four octal digits expected");
}

void route_v2_military(struct http_exchange *x)
{
    struct v2 v2 = {.text = ""};
    if (route_args_known(x))
        send_v2(x, &v2, is_military);
}
