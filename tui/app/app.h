/*
 * What this client knows: the link, the flights, services, alerts, graphs, log
 * lines. app_apply folds the server's messages into it; views read it and draw.
 * What is to be told to the server goes out through one function, so that the
 * app runs the same on a socket, a script or a recording. Owned by one thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/alert_list.h"
#include "app/flight_list.h"
#include "app/flight_watch.h"
#include "app/log_ring.h"
#include "app/metric_graph.h"
#include "app/service_list.h"
#include "flight/flight_table.h"

struct wire_message;
struct json_t;

enum link_state { LINK_CONNECTING, LINK_UP, LINK_DOWN, LINK_NONE };

/* Ids of this client's subscriptions and requests. */
enum {
    SUBSCRIPTION_FLIGHTS = 1,
    SUBSCRIPTION_HEALTH,
    SUBSCRIPTION_ALERTS,
    SUBSCRIPTION_STATS,
    SUBSCRIPTION_PIPELINE,
    SUBSCRIPTION_LOGS,
    REQUEST_FLIGHT,
    SUBSCRIPTION_METRICS = 16 /* the first of APP_GRAPHS_MAX */
};

enum {
    APP_GRAPHS_MAX = 8,
    APP_SILENCE_MS = 3000, /* nothing heard for so long: the link is broken */
    APP_TRAIL_MAX = 512,
    APP_COLUMNS_MAX = 640
};

struct link_status {
    enum link_state state;
    char url[256];
    char server[64];
    char problem[256];      /* why it is down, and rejections */
    int64_t since_ms;       /* monotonic: when the state began */
    int64_t next_try_ms;    /* monotonic; 0 = none planned */
    int64_t heard_ms;       /* monotonic: the last frame; 0 = never */
    int64_t stale_since_ms; /* epoch: the server's own data stopped; 0 = it flows */
    char stale_source[64];
    char epoch[24];
    int64_t tick_ms;
    uint32_t tick;
    uint64_t frames, bytes, resyncs, refused;
    uint64_t rows; /* flights in deltas: updates */
};

struct trail_point {
    int64_t time_ms;
    double lat_deg, lon_deg;
    double altitude_ft; /* NAN = unknown */
    double ground_speed_kt;
};

/* The answer to "get flight": where one aircraft was. */
struct trail {
    uint32_t icao; /* 0 = none */
    struct trail_point *points;
    size_t count;
};

/* What is known of the line to the one who looks (the terminal tells it). */
struct viewer {
    bool busy, slow; /* frames take long; so long that details are left out */
    int64_t bytes_per_s, delay_ms;
};

typedef void (*app_send_fn)(void *data, const char *text, size_t len);

/* Where a view sends the person: to another one, and to what there. */
struct app_jump {
    const char *view; /* NULL = nowhere */
    char what[160];   /* for that view's `select` */
    bool detail;      /* as if Enter were pressed there */
};

struct app {
    struct link_status link;
    struct flight_table *flights;
    bool has_snapshot;               /* the flights are whole */
    int64_t total, matching, lag_ms; /* told by the server; -1 = not yet */
    int64_t server_time_ms;          /* of the last message that told it ... */
    int64_t server_time_at_ms;       /* ... which came at this monotonic time */

    uint64_t flights_version; /* grows with every change of flights */
    struct flight_list list;
    uint32_t selected; /* the aircraft that is the subject of every view; 0 = none */
    char columns[APP_COLUMNS_MAX]; /* --columns, "" = all that fit */
    enum unit_system units;
    bool has_home;
    struct geo_point home;

    bool volatile_wanted; /* fields that come only when asked for by name */
    struct flight_watch watch;
    uint64_t watched_version; /* flights_version and time when it last looked */
    int64_t watched_at_ms;
    struct app_jump jump; /* asked for; the dashboard does it */
    uint64_t bells;       /* grows with what the bell may ring for */

    struct service_list services;
    struct alert_list alerts;
    struct log_ring logs;
    char log_query[512];
    char log_level[16]; /* "" = all */
    bool logs_wanted;
    struct metric_graph graphs[APP_GRAPHS_MAX];
    size_t graph_count;
    bool metrics_wanted;
    struct trail trail;

    int64_t mono_ms, wall_ms; /* now, as last told by app_set_time */
    uint64_t changes;         /* grows whenever something shown may differ */
    char notice[256];         /* one line for the user; "" = none */
    int64_t notice_until_ms;  /* monotonic */
    bool notice_is_alarm;     /* it tells of an emergency */

    struct viewer viewer;
    bool replaying; /* a recording speaks, not a server */
    bool replay_paused;
    int64_t replay_at_ms; /* since the recording began */
    app_send_fn send;     /* NULL while there is no link */
    void *send_data;
    char *token; /* NULL = none */
};

void app_init(struct app *app);
void app_release(struct app *app);

/* Forgets what the server told, not what the person chose: before another past. */
void app_forget(struct app *app);

/* The clocks: call before anything that depends on time. */
void app_set_time(struct app *app, int64_t mono_ms, int64_t wall_ms);

/* The link opened: says hello (and resumes). */
void app_link_opened(struct app *app, app_send_fn send, void *data);
void app_link_connecting(struct app *app);
void app_link_closed(struct app *app, const char *why, int64_t next_try_ms);

/* One frame of len bytes arrived and was decoded. */
void app_apply(struct app *app, const struct wire_message *message, size_t len);

/* Asks for logs (a new query forgets the old lines) or for the graphs. */
void app_want_logs(struct app *app, const char *query, const char *level);
void app_want_metrics(struct app *app);

/* Sets the query of a graph and asks for it. i < APP_GRAPHS_MAX. */
struct app_graph_question {
    const char *title, *panel, *query, *unit; /* panel or query; the other NULL */
    int64_t range_s;
};
void app_ask_graph(struct app *app, size_t i, const struct app_graph_question *q);

/* Asks for the fields that change with every message, or does without them. */
void app_want_volatile(struct app *app, bool wanted);

/* Asks for the selected flight's trail. */
void app_want_trail(struct app *app, uint32_t icao);

/* Acknowledges an aircraft's emergency, here and for everyone. */
void app_acknowledge(struct app *app, uint32_t icao);

/* The same of one row of the alerts; i < alerts.count. */
void app_acknowledge_alert(struct app *app, size_t i);

/* Asks for another view; the flight that is selected goes along. */
void app_jump_to(struct app *app, const char *view, const char *what, bool detail);

/* Shows one line to the user for a few seconds. */
void app_notice(struct app *app, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* The server's clock now, epoch ms; our own before it told. */
int64_t app_server_now_ms(const struct app *app);

/* What columns and filters depend on besides the flight. */
struct flight_view_context app_view_context(const struct app *app);

/* Brings app->list up to date. */
void app_update_list(struct app *app);

/* Nothing is new for longer than it should be: the link, or the data behind it. */
bool app_is_stale(const struct app *app);

/* How old the newest data is, ms; -1 when there is none. */
int64_t app_data_age_ms(const struct app *app);
