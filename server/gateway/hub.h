/*
 * All sessions of one io thread, and what they share: the flight index, the
 * views, the channels, the settings. A frame set comes in once a tick; the hub
 * brings index and views forward and lets the transport pump each session that
 * is not waiting for its socket. Io thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct auth;
struct channel_set;
struct flight_index;
struct frame_set;
struct loop;
struct metric_cell;
struct metrics;
struct provider;
struct route_context;
struct session;
struct state;
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
    struct view_set *views;
    struct channel_set *channels;
    struct session *first;
    size_t session_count;
    struct hub_metrics metrics;
    bool draining;
};

struct hub *hub_new(const struct hub_config *config);
void hub_free(struct hub *hub); /* accepts NULL; all sessions are gone */

/* A tick: the frame is borrowed. now_ms: monotonic. */
void hub_tick(struct hub *hub, struct frame_set *frame, int64_t now_ms);

/* Sends goaway to all and closes with 1012; new sessions get the same. */
void hub_drain(struct hub *hub, const char *reason, int64_t now_ms);

/* Sessions enter and leave the list; session_new and session_free call these. */
void hub_add(struct hub *hub, struct session *s);
void hub_remove(struct hub *hub, struct session *s);
