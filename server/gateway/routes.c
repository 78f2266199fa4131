#include "gateway/routes.h"

#include "base/macros.h"
#include "gateway/openapi.h"
#include "gateway/route.h"
#include "gateway/route_compat.h"
#include "gateway/route_flights.h"
#include "gateway/route_health.h"
#include "gateway/route_platform.h"
#include "gateway/route_upstream.h"

#define TEXT          "{\"type\":\"string\",\"maxLength\":4000}"
#define ANY_TEXT      "{\"type\":\"string\"}"
#define NAME          "{\"type\":\"string\",\"minLength\":1,\"maxLength\":100}"
#define INTEGER(a, b) "{\"type\":\"integer\",\"minimum\":" #a ",\"maximum\":" #b "}"
#define NUMBER(a, b)  "{\"type\":\"number\",\"minimum\":" #a ",\"maximum\":" #b "}"
#define BOOLEAN       "{\"type\":\"boolean\"}"
#define MATCHING(re)  "{\"type\":\"string\",\"pattern\":\"" re "\"}"
#define QUERY(n, s, d)                                                                 \
    {                                                                                  \
        .name = (n), .in = "query", .schema = (s), .description = (d)                  \
    }
#define IN_PATH(n, s, d)                                                               \
    {                                                                                  \
        .name = (n), .in = "path", .schema = (s), .description = (d), .required = true \
    }

#define HEX_PATTERN   "^~?[0-9a-fA-F]{6}$"
#define HEXES_PATTERN "^~?[0-9a-fA-F]{6}(,~?[0-9a-fA-F]{6}){0,99}$"

static const struct route_param flights_params[] = {
    QUERY("bbox", TEXT,
          "west,south,east,north in degrees; west > east crosses the date line"),
    QUERY("filter", TEXT, "an expression of flightdash-filter(7)"),
    QUERY("fields", TEXT, "names joined by commas; hex and ages are always there"),
    QUERY("limit", INTEGER(0, 131072), "at most so many flights"),
    QUERY("format",
          "{\"type\":\"string\",\"enum\":[\"json\",\"geojson\",\"csv\",\"ndjson\"]}",
          "the shape of the answer"),
};
static const struct route_param flight_params[] = {
    IN_PATH("icao24", MATCHING(HEX_PATTERN), "the aircraft's address"),
    QUERY("trail", INTEGER(1, 86400), "add the positions of the last so many seconds"),
};
static const struct route_param services_params[] = {
    QUERY("limit", INTEGER(0, 256), "at most so many services"),
};
static const struct route_param service_params[] = {
    IN_PATH("name", NAME, "the service's name"),
};
static const struct route_param alerts_params[] = {
    QUERY("limit", INTEGER(0, 512), "at most so many alerts, newest first"),
    QUERY("active", BOOLEAN,
          "true: those that last; false: those that ended; none: both"),
};
static const struct route_param panels_params[] = {
    QUERY("limit", INTEGER(0, 1000), "at most so many panels"),
};
static const struct route_param metrics_params[] = {
    QUERY("panel", NAME, "a named query of /api/v1/metrics/panels"),
    QUERY("query", TEXT, "PromQL"),
    QUERY("range", TEXT, "length of the window, like 15m; none: an instant"),
    QUERY("step", TEXT, "distance of the points, like 15s"),
    QUERY("end", TEXT, "end of the window: epoch seconds or RFC 3339; none: now"),
};
static const struct route_param logs_params[] = {
    QUERY("query", TEXT, "a query in Lucene's syntax"),
    QUERY("level", TEXT, "levels joined by commas"),
    QUERY("service", TEXT, "service.name"),
    QUERY("since", TEXT,
          "a duration before until, epoch seconds or RFC 3339; none: 15m"),
    QUERY("until", TEXT, "epoch seconds or RFC 3339; none: now"),
    QUERY("limit", INTEGER(0, 1000), "at most so many lines, newest first"),
};
static const struct route_param traces_params[] = {
    QUERY("service", TEXT, "service.name"),
    QUERY("operation", TEXT, "name of a span"),
    QUERY("min_ms", NUMBER(0, 1e9), "at least so long"),
    QUERY("limit", INTEGER(0, 1000), "at most so many traces"),
};
static const struct route_param trace_params[] = {
    IN_PATH("id", NAME, "trace id, 32 hexadecimal digits"),
};
static const struct route_param analytics_params[] = {
    IN_PATH("name", NAME, "a named query"),
};
static const struct route_param cache_params[] = {
    QUERY("_", ANY_TEXT, "ignored; browsers add it against caches"),
};
static const struct route_param point_params[] = {
    IN_PATH("lat", NUMBER(-90, 90), "latitude in degrees"),
    IN_PATH("lon", NUMBER(-180, 180), "longitude in degrees"),
    IN_PATH("nm", NUMBER(0.001, 10800), "radius in nautical miles"),
    QUERY("limit", INTEGER(0, 131072), "at most so many aircraft"),
};
static const struct route_param hex_params[] = {
    IN_PATH("hex", MATCHING(HEXES_PATTERN), "addresses joined by commas, 100 at most"),
    QUERY("limit", INTEGER(0, 131072), "at most so many aircraft"),
};
static const struct route_param callsign_params[] = {
    IN_PATH("callsign", NAME, "the callsign, in any case"),
    QUERY("limit", INTEGER(0, 131072), "at most so many aircraft"),
};
static const struct route_param squawk_params[] = {
    IN_PATH("squawk", MATCHING("^[0-7]{1,4}$"), "four octal digits"),
    QUERY("limit", INTEGER(0, 131072), "at most so many aircraft"),
};
static const struct route_param military_params[] = {
    QUERY("limit", INTEGER(0, 131072), "at most so many aircraft"),
};

#define GET(path_text, handler, text)                                                  \
    {                                                                                  \
        .method = "GET", .path = (path_text), .handle = (handler), .summary = (text)   \
    }
#define GET_WITH(path_text, handler, list, text)                                       \
    {                                                                                  \
        .method = "GET", .path = (path_text), .handle = (handler), .summary = (text),  \
        .params = (list), .param_count = ARRAY_LEN(list)                               \
    }
#define GET_PUBLIC(path_text, handler, text)                                           \
    {                                                                                  \
        .method = "GET", .path = (path_text), .handle = (handler), .summary = (text),  \
        .flags = ROUTE_PUBLIC                                                          \
    }

enum { TELEMETRY_ROWS = 4 };

/* The first TELEMETRY_ROWS are every role's. */
static const struct route rows[] = {
    GET_PUBLIC("/livez", route_livez, "Is it alive"),
    GET_PUBLIC("/readyz", route_readyz, "May clients come: caught up, not draining"),
    GET_PUBLIC("/healthz", route_healthz, "How is it, part by part"),
    GET_PUBLIC("/metrics", route_metrics,
               "Counters for Prometheus; OpenMetrics on Accept"),

    GET_WITH("/api/v1/flights", route_flights, flights_params, "Flights"),
    GET_WITH("/api/v1/flights/{icao24}", route_flight, flight_params,
             "One flight, with its trail"),
    GET("/api/v1/stats", route_stats,
        "Counts by country, operator, type, phase and altitude"),
    GET_WITH("/api/v1/services", route_services, services_params,
             "Services, what they depend on, root causes"),
    GET_WITH("/api/v1/services/{name}", route_service, service_params,
             "One service with its history"),
    GET_WITH("/api/v1/alerts", route_alerts, alerts_params, "Active and recent alerts"),
    GET_WITH("/api/v1/metrics/panels", route_panels, panels_params,
             "Named queries to Prometheus"),
    GET_WITH("/api/v1/metrics/query", route_metrics_query, metrics_params,
             "Ask Prometheus"),
    GET_WITH("/api/v1/logs", route_logs, logs_params,
             "Ask Elasticsearch for log lines"),
    GET_WITH("/api/v1/traces", route_traces, traces_params, "Ask Jaeger for traces"),
    GET_WITH("/api/v1/traces/{id}", route_traces, trace_params, "One trace"),
    GET_WITH("/api/v1/analytics/{name}", route_analytics, analytics_params,
             "A named query to Pinot"),

    GET_WITH("/data/aircraft.json", route_aircraft_json, cache_params,
             "As readsb writes it"),
    GET_WITH("/data/receiver.json", route_receiver_json, cache_params,
             "As readsb writes it"),
    GET_WITH("/v2/point/{lat}/{lon}/{nm}", route_v2_point, point_params,
             "ADS-B v2: around a place"),
    GET_WITH("/v2/hex/{hex}", route_v2_hex, hex_params, "ADS-B v2: by address"),
    GET_WITH("/v2/callsign/{callsign}", route_v2_callsign, callsign_params,
             "ADS-B v2: by callsign"),
    GET_WITH("/v2/sqk/{squawk}", route_v2_squawk, squawk_params, "ADS-B v2: by squawk"),
    GET_WITH("/v2/mil", route_v2_military, military_params, "ADS-B v2: military"),
    GET("/openapi.json", route_openapi, "This table"),
};

const struct route *routes_gateway(size_t *ret_count)
{
    *ret_count = ARRAY_LEN(rows);
    return rows;
}

const struct route *routes_telemetry(size_t *ret_count)
{
    *ret_count = TELEMETRY_ROWS;
    return rows;
}
