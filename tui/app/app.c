/*
 * Ticks: the app is at the newest tick that any flights message told. A delta is
 * applied when its base is not beyond that (values are absolute, so an older
 * base only repeats); else something is missing and a resync is asked for.
 */
#include "app/app.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "app/request.h"
#include "base/alloc.h"
#include "wire/wire_decode.h"

enum { NOTICE_MS = 6000, METRICS_STEPS = 120 };

void app_init(struct app *app)
{
    memset(app, 0, sizeof *app);
    app->flights = flight_table_new();
    flight_list_init(&app->list);
    flight_watch_init(&app->watch);
    app->total = app->matching = app->lag_ms = -1;
    app->link.state = LINK_CONNECTING;
}

void app_release(struct app *app)
{
    flight_table_free(app->flights);
    flight_list_release(&app->list);
    flight_watch_release(&app->watch);
    service_list_release(&app->services);
    alert_list_release(&app->alerts);
    log_ring_release(&app->logs);
    for (size_t i = 0; i < APP_GRAPHS_MAX; i++)
        metric_graph_release(&app->graphs[i]);
    free(app->trail.points);
    free(app->token);
    memset(app, 0, sizeof *app);
}

void app_forget(struct app *app)
{
    flight_table_clear(app->flights);
    app->flights_version++;
    app->list.disorder = true;
    app->has_snapshot = false;
    app->total = app->matching = app->lag_ms = -1;
    app->server_time_ms = 0;
    app->link.tick = 0;
    app->link.stale_since_ms = 0;
    app->trail.icao = 0;
    app->trail.count = 0;
    service_list_release(&app->services);
    alert_list_release(&app->alerts);
    log_ring_clear(&app->logs);
    app->changes++;
}

void app_set_time(struct app *app, int64_t mono_ms, int64_t wall_ms)
{
    app->mono_ms = mono_ms;
    app->wall_ms = wall_ms;
    if (app->notice[0] != '\0' && mono_ms > app->notice_until_ms) {
        app->notice[0] = '\0';
        app->changes++;
    }
}

void app_notice(struct app *app, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vsnprintf(app->notice, sizeof app->notice, fmt, args);
    va_end(args);
    app->notice_is_alarm = false;
    app->notice_until_ms = app->mono_ms + NOTICE_MS;
    app->changes++;
}

/* ---- asking ----------------------------------------------------------------- */

static void send_text(struct app *app, struct strbuf *text)
{
    if (app->send != NULL && !text->overflowed)
        app->send(app->send_data, text->data, text->len);
    strbuf_release(text);
}

static void subscribe(struct app *app, const struct request_subscription *s)
{
    struct strbuf text;
    strbuf_init(&text, REQUEST_MAX);
    request_subscribe(&text, s);
    send_text(app, &text);
}

static void subscribe_logs(struct app *app)
{
    const struct request_subscription s = {
        .id = SUBSCRIPTION_LOGS,
        .channel = "logs",
        .query = app->log_query[0] != '\0' ? app->log_query : NULL,
        .level = app->log_level[0] != '\0' ? app->log_level : NULL,
    };
    if (app->logs_wanted)
        subscribe(app, &s);
}

static void subscribe_graph(struct app *app, size_t i)
{
    const struct metric_graph *g = &app->graphs[i];
    int64_t step_s = g->range_s / METRICS_STEPS;
    const struct request_subscription s = {
        .id = SUBSCRIPTION_METRICS + (int)i,
        .channel = "metrics",
        .query = g->panel[0] == '\0' ? g->query : NULL,
        .panel = g->panel[0] != '\0' ? g->panel : NULL,
        .range_s = g->range_s,
        .step_s = step_s > 5 ? step_s : 5,
    };
    if (app->metrics_wanted && (g->panel[0] != '\0' || g->query[0] != '\0'))
        subscribe(app, &s);
}

static void subscribe_flights(struct app *app)
{
    const struct request_subscription s = {
        .id = SUBSCRIPTION_FLIGHTS,
        .channel = "flights",
        .max_hz = 1,
        .all_fields = app->volatile_wanted,
    };
    subscribe(app, &s);
}

void app_want_volatile(struct app *app, bool wanted)
{
    if (app->volatile_wanted == wanted)
        return;
    app->volatile_wanted = wanted;
    subscribe_flights(app);
}

static void subscribe_all(struct app *app)
{
    static const struct request_subscription always[] = {
        {.id = SUBSCRIPTION_HEALTH, .channel = "health"},
        {.id = SUBSCRIPTION_ALERTS, .channel = "alerts"},
    };
    subscribe_flights(app);
    for (size_t i = 0; i < ARRAY_LEN(always); i++)
        subscribe(app, &always[i]);
    subscribe_logs(app);
    for (size_t i = 0; i < app->graph_count; i++)
        subscribe_graph(app, i);
}

void app_want_logs(struct app *app, const char *query, const char *level)
{
    if (app->logs_wanted && strcmp(query, app->log_query) == 0 &&
        strcmp(level, app->log_level) == 0)
        return;
    snprintf(app->log_query, sizeof app->log_query, "%s", query);
    snprintf(app->log_level, sizeof app->log_level, "%s", level);
    app->logs_wanted = true;
    log_ring_clear(&app->logs);
    subscribe_logs(app);
    app->changes++;
}

void app_want_metrics(struct app *app)
{
    if (app->metrics_wanted)
        return;
    app->metrics_wanted = true;
    for (size_t i = 0; i < app->graph_count; i++)
        subscribe_graph(app, i);
}

void app_ask_graph(struct app *app, size_t i, const struct app_graph_question *q)
{
    struct metric_graph *g = &app->graphs[i];
    metric_graph_clear(g);
    snprintf(g->title, sizeof g->title, "%s", q->title);
    snprintf(g->panel, sizeof g->panel, "%s", q->panel != NULL ? q->panel : "");
    snprintf(g->query, sizeof g->query, "%s", q->query != NULL ? q->query : "");
    snprintf(g->unit, sizeof g->unit, "%s", q->unit);
    g->range_s = q->range_s;
    app->graph_count = MAX_OF(app->graph_count, i + 1);
    subscribe_graph(app, i);
    app->changes++;
}

void app_want_trail(struct app *app, uint32_t icao)
{
    char hex[FLIGHT_HEX_SIZE];
    struct strbuf text;
    flight_format_hex(icao, hex);
    strbuf_init(&text, REQUEST_MAX);
    request_flight(&text, REQUEST_FLIGHT, hex, 900);
    send_text(app, &text);
}

void app_jump_to(struct app *app, const char *view, const char *what, bool detail)
{
    app->jump.view = view;
    app->jump.detail = detail;
    snprintf(app->jump.what, sizeof app->jump.what, "%s", what);
}

static void send_ack(struct app *app, const struct alert_row *alert)
{
    struct strbuf text;
    strbuf_init(&text, REQUEST_MAX);
    request_ack(&text, alert->id);
    send_text(app, &text);
}

void app_acknowledge_alert(struct app *app, size_t i)
{
    struct alert_row *alert = &app->alerts.rows[i];
    uint32_t icao;
    if (alert->local) { /* nobody else knows of it */
        alert->acked = true;
    } else if (app->send == NULL) {
        app_notice(app, "not acknowledged: there is no link to the server");
        return;
    } else {
        send_ack(app, alert);
        app_notice(app, "acknowledged for everyone");
    }
    if (!alert->local && flight_parse_hex(alert->icao24, strlen(alert->icao24), &icao))
        flight_list_ack(&app->list, icao);
    app->changes++;
}

void app_acknowledge(struct app *app, uint32_t icao)
{
    char hex[FLIGHT_HEX_SIZE];
    flight_format_hex(icao, hex);
    const struct flight *f = flight_table_find(app->flights, icao);
    const struct alert_row *alert = alert_list_of(&app->alerts, hex);
    if (f == NULL || flight_emergency_text(f) == NULL) {
        app_notice(app, "nothing to acknowledge: no emergency is selected");
        return;
    }
    if (alert != NULL && app->send != NULL)
        send_ack(app, alert);
    flight_list_ack(&app->list, icao);
    app_notice(app, alert != NULL && app->send != NULL
                        ? "acknowledged for everyone"
                        : "acknowledged here; the server knows no such alert now");
}

/* What somebody acknowledged elsewhere is not pinned here either. */
static void apply_alerts(struct app *app, const struct wire_message *m)
{
    uint32_t icao;
    alert_list_take(&app->alerts, m->body);
    for (size_t i = 0; i < app->alerts.count; i++) {
        const struct alert_row *row = &app->alerts.rows[i];
        if (row->acked && !row->local && row->until_ms == 0 &&
            flight_parse_hex(row->icao24, strlen(row->icao24), &icao) &&
            !flight_list_is_acked(&app->list, icao)) {
            flight_list_ack(&app->list, icao);
            app->flights_version++;
        }
    }
}

static void resync(struct app *app)
{
    struct strbuf text;
    strbuf_init(&text, REQUEST_MAX);
    request_resync(&text, SUBSCRIPTION_FLIGHTS);
    send_text(app, &text);
    app->link.resyncs++;
    app->has_snapshot = false;
}

/* ---- the link --------------------------------------------------------------- */

static void set_state(struct app *app, enum link_state state)
{
    if (app->link.state != state)
        app->link.since_ms = app->mono_ms;
    app->link.state = state;
    app->changes++;
}

void app_link_connecting(struct app *app)
{
    if (app->link.state != LINK_DOWN) /* while down, the banner keeps its time */
        set_state(app, LINK_CONNECTING);
    app->link.next_try_ms = 0;
}

void app_link_opened(struct app *app, app_send_fn send, void *data)
{
    struct strbuf text;
    app->send = send;
    app->send_data = data;
    app->link.heard_ms = app->mono_ms;
    strbuf_init(&text, REQUEST_MAX);
    request_hello(&text, app->token, app->has_snapshot ? app->link.epoch : "",
                  app->link.tick);
    send_text(app, &text);
}

void app_link_closed(struct app *app, const char *why, int64_t next_try_ms)
{
    app->send = NULL;
    if (why[0] != '\0')
        snprintf(app->link.problem, sizeof app->link.problem, "%s", why);
    app->link.next_try_ms = next_try_ms;
    set_state(app, LINK_DOWN);
}

/* ---- messages --------------------------------------------------------------- */

static void apply_welcome(struct app *app, const struct wire_message *m)
{
    snprintf(app->link.epoch, sizeof app->link.epoch, "%s", m->epoch);
    snprintf(app->link.server, sizeof app->link.server, "%.63s", m->code);
    app->link.tick_ms = m->tick_ms;
    app->link.problem[0] = '\0';
    app->link.stale_since_ms = 0;
    if (!m->resumed) {
        app->has_snapshot = false;
        app->link.tick = 0;
        service_list_release(&app->services);
        alert_list_forget(&app->alerts);
    }
    set_state(app, LINK_UP);
    subscribe_all(app);
}

static void apply_snapshot(struct app *app, const struct wire_message *m)
{
    if (m->first)
        flight_table_clear(app->flights);
    for (size_t i = 0; i < m->flight_count; i++)
        flight_table_put(app->flights, &m->flights[i], true, m->tick);
    app->link.tick = m->tick;
    app->has_snapshot = m->last;
}

static void apply_delta(struct app *app, const struct wire_message *m)
{
    if (!app->has_snapshot)
        return;
    if (m->base_tick > app->link.tick) {
        resync(app);
        return;
    }
    for (size_t i = 0; i < m->flight_count; i++)
        flight_table_put(app->flights, &m->flights[i], m->entered[i], m->tick);
    app->link.rows += m->flight_count;
    for (size_t i = 0; i < m->removed_count; i++)
        flight_table_remove(app->flights, m->removed[i].icao, m->tick, m->time_ms);
    app->link.tick = MAX_OF(m->tick, app->link.tick);
}

static void apply_tick(struct app *app, const struct wire_message *m)
{
    if (app->has_snapshot)
        app->link.tick = MAX_OF(m->tick, app->link.tick);
    app->total = m->total;
    app->matching = m->matching;
    app->lag_ms = m->lag_ms;
}

static double member(const json_t *o, const char *key)
{
    const json_t *v = json_object_get(o, key);
    return json_is_number(v) ? json_number_value(v) : nan("");
}

/* A point is {"time"|"now":..,"lat":..,"lon":..} or [time, lat, lon, alt, gs]. */
static bool trail_point_of(const json_t *o, struct trail_point *ret)
{
    double t = member(o, "time");
    ret->lat_deg = member(o, "lat");
    ret->lon_deg = member(o, "lon");
    ret->altitude_ft =
        member(o, json_object_get(o, "alt") != NULL ? "alt" : "alt_baro");
    ret->ground_speed_kt = member(o, "gs");
    if (json_is_array(o)) {
        double v[5];
        for (size_t i = 0; i < 5; i++) {
            const json_t *n = json_array_get(o, i);
            v[i] = json_is_number(n) ? json_number_value(n) : nan("");
        }
        t = v[0];
        *ret = (struct trail_point){0, v[1], v[2], v[3], v[4]};
    }
    if (!(t > 0 && t < 1e11) ||
        !geo_point_is_valid((struct geo_point){ret->lat_deg, ret->lon_deg}))
        return false;
    ret->time_ms = (int64_t)(t * 1000);
    return true;
}

/* Where the trail does not tell the speed, the way that was made does. */
static double speed_between(const struct trail_point *a, const struct trail_point *b)
{
    double hours = (double)(b->time_ms - a->time_ms) / 3600000;
    double nm = geo_distance_nm((struct geo_point){a->lat_deg, a->lon_deg},
                                (struct geo_point){b->lat_deg, b->lon_deg});
    return hours > 0 ? nm / hours : nan("");
}

static void apply_flight(struct app *app, const struct wire_message *m)
{
    const json_t *result = json_object_get(m->body, "result");
    const json_t *o = json_is_object(result) ? result : m->body;
    const json_t *flight = json_object_get(o, "flight");
    const json_t *row = json_is_object(flight) ? flight : o;
    const json_t *points = json_object_get(o, "trail");
    if (!json_is_array(points))
        points = json_object_get(row, "trail");
    struct observation obs;
    size_t refused = 0;
    if (!wire_decode_flight(row, m->time_ms, true, &obs, &refused))
        return;
    size_t n = json_array_size(points);
    size_t skip = n > APP_TRAIL_MAX ? n - APP_TRAIL_MAX : 0;
    app->trail.points =
        xreallocarray(app->trail.points, n + 1, sizeof(struct trail_point));
    app->trail.icao = obs.icao;
    app->trail.count = 0;
    for (size_t i = skip; i < n; i++) {
        struct trail_point *point = &app->trail.points[app->trail.count];
        if (!trail_point_of(json_array_get(points, i), point))
            continue;
        if (!isfinite(point->ground_speed_kt) && app->trail.count > 0)
            point->ground_speed_kt = speed_between(point - 1, point);
        app->trail.count++;
    }
}

static void apply_error(struct app *app, const struct wire_message *m)
{
    if (m->id == SUBSCRIPTION_LOGS) {
        app->logs.told = true;
        snprintf(app->logs.problem, sizeof app->logs.problem, "%s", m->text);
    } else if (m->id >= SUBSCRIPTION_METRICS &&
               m->id < SUBSCRIPTION_METRICS + APP_GRAPHS_MAX) {
        struct metric_graph *g = &app->graphs[m->id - SUBSCRIPTION_METRICS];
        snprintf(g->problem, sizeof g->problem, "%s", m->text);
    } else if (m->id == 0) {
        snprintf(app->link.problem, sizeof app->link.problem, "%s", m->text);
    } else if (m->id == SUBSCRIPTION_FLIGHTS) {
        app_notice(app, "%s", m->text);
    }
}

static void apply_stale(struct app *app, const struct wire_message *m)
{
    app->link.stale_since_ms = m->since_ms;
    snprintf(app->link.stale_source, sizeof app->link.stale_source, "%.63s", m->code);
}

static void apply_by_type(struct app *app, const struct wire_message *m)
{
    int64_t now = app_server_now_ms(app);
    size_t graph = (size_t)(m->id - SUBSCRIPTION_METRICS);
    switch (m->type) {
    case WIRE_WELCOME: apply_welcome(app, m); break;
    case WIRE_SNAPSHOT:
        apply_snapshot(app, m);
        app->flights_version++;
        break;
    case WIRE_DELTA:
        apply_delta(app, m);
        app->flights_version++;
        break;
    case WIRE_TICK: apply_tick(app, m); break;
    case WIRE_HEALTH: service_list_take(&app->services, m->body, now); break;
    case WIRE_ALERT: apply_alerts(app, m); break;
    case WIRE_LOG: log_ring_take(&app->logs, m->body); break;
    case WIRE_METRICS:
        if (m->id >= SUBSCRIPTION_METRICS && graph < APP_GRAPHS_MAX)
            metric_graph_take(&app->graphs[graph], m->body, now);
        break;
    case WIRE_FLIGHT:
    case WIRE_RESULT: apply_flight(app, m); break;
    case WIRE_STALE: apply_stale(app, m); break;
    case WIRE_ERROR: apply_error(app, m); break;
    case WIRE_GAP: app->logs.lost += m->lost > 0 ? (uint64_t)m->lost : 0; break;
    case WIRE_RATE:
        if (m->text[0] != '\0')
            app_notice(app, "the server sends %.3g updates a second: %s", m->max_hz,
                       m->text);
        break;
    case WIRE_GOAWAY: app_notice(app, "the server says goodbye: %s", m->text); break;
    case WIRE_SUBSCRIBED: app->logs.accepted |= m->id == SUBSCRIPTION_LOGS; break;
    case WIRE_STATS:
    case WIRE_PIPELINE:
    case WIRE_PONG:
    case WIRE_UNKNOWN: break;
    }
}

void app_apply(struct app *app, const struct wire_message *message, size_t len)
{
    app->link.heard_ms = app->mono_ms;
    app->link.frames++;
    app->link.bytes += len;
    app->link.refused += message->refused;
    if (message->time_ms > 0) {
        app->server_time_ms = message->time_ms;
        app->server_time_at_ms = app->mono_ms;
    }
    /* Data that flows again ends what `stale` told: a lag below its threshold. */
    if (message->type == WIRE_DELTA && message->flight_count > 0)
        app->link.stale_since_ms = 0;
    apply_by_type(app, message);
    app->changes++;
}

/* ---- reading ---------------------------------------------------------------- */

int64_t app_server_now_ms(const struct app *app)
{
    if (app->server_time_ms == 0)
        return app->wall_ms;
    return app->server_time_ms + (app->mono_ms - app->server_time_at_ms);
}

struct flight_view_context app_view_context(const struct app *app)
{
    return (struct flight_view_context){app_server_now_ms(app), app->units,
                                        app->has_home, app->home};
}

void app_update_list(struct app *app)
{
    const struct flight_view_context context = app_view_context(app);
    flight_list_update(&app->list, app->flights, &context, app->flights_version,
                       app->mono_ms);
}

bool app_is_stale(const struct app *app)
{
    return app->link.state != LINK_UP || app->link.stale_since_ms > 0 ||
           app_data_age_ms(app) > APP_SILENCE_MS;
}

int64_t app_data_age_ms(const struct app *app)
{
    if (app->link.stale_since_ms > 0)
        return app_server_now_ms(app) - app->link.stale_since_ms;
    return app->link.heard_ms == 0 ? -1 : app->mono_ms - app->link.heard_ms;
}
