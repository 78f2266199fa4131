/*
 * What all sessions of one io thread share: index, views, channels, settings,
 * and the list of the sessions itself. Data only; hub.h is what one does with
 * it. Io thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct auth;
struct channel_set;
struct chunk_pool;
struct flight_index;
struct metric_cell;
struct provider;
struct route_context;
struct session;
struct view_set;

struct hub_config {
    const struct route_context *context; /* borrowed; its index is not used */
    struct auth *auth;                   /* NULL = no tokens asked */
    const struct provider *provider;     /* NULL = none */
    const char *epoch;
    void (*on_ack)(void *data, const char *alert);
    void *ack_data;
    /* Sends what the session has, as far as the socket takes it. */
    void (*pump)(struct session *s);
};

struct hub_metrics {
    struct metric_cell *clients;
    struct metric_cell *frames;
    struct metric_cell *bytes;
    struct metric_cell *conflated;
    struct metric_cell *slow_closed;
};

struct hub {
    struct hub_config config;
    struct flight_index *index;
    struct chunk_pool *chunks;
    struct view_set *views;
    struct channel_set *channels;
    struct session *first;
    size_t session_count;
    struct hub_metrics metrics;
    bool draining;
};
