/*
 * What routes may read: pointers that were given at construction. One copy per
 * io thread, in which `index` is that thread's own replica. Members are NULL
 * where the role or the platform has not got them; a route says so
 * (backend_unavailable), it does not crash.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct flight_index;
struct health_board;
struct loop;
struct metrics;
struct route;
struct service_table;
struct alert_table;
struct state;
struct strbuf;
struct upstream;

struct route_context {
    const struct flight_index *index; /* this io thread's */
    struct loop *loop;                /* this io thread's */
    struct metrics *metrics;
    struct health_board *health;
    struct state *state; /* for state_request_trail */
    struct service_table *services;
    struct alert_table *alerts;
    struct upstream *upstream;
    /* Writes the sources as a JSON array; NULL where the role ingest is elsewhere. */
    void (*write_sources)(void *data, struct strbuf *out);
    void *sources_data;
    const struct route *routes; /* all rows, for openapi.json */
    unsigned route_count;
    bool has_home; /* receiver position, for dist and receiver.json */
    double home_lat;
    double home_lon;
    const char *kibana_url; /* "" when not configured */
    const char *role;       /* "gateway", "tracker", ... */
};
