/*
 * The channels besides `flights`: where their messages come from, shared by all
 * sessions of an io thread. health, alerts, stats and pipeline are this
 * process's own tables, looked at once a tick; metrics and logs are feeds that a
 * provider fills, opened once for identical requests. A reader is a number: what
 * of the channel it has seen. Io thread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "wire/wire_names.h"

struct channel;
struct channel_set;
struct feed;
struct feed_port;
struct hub;
struct strbuf;
struct wire_request;

/* What a reader has seen before it was told anything. */
#define CHANNEL_UNSEEN UINT64_MAX

struct channel {
    struct channel_set *set;
    struct channel *next;
    enum wire_channel kind;
    unsigned users;
    uint64_t version; /* grows when there is something new */
    char *key;        /* metrics, logs: the request */
    struct feed *feed;
    struct feed_port *port;
    void *handle; /* the provider's */
};

struct channel_set *channel_set_new(struct hub *hub);
void channel_set_free(struct channel_set *set); /* accepts NULL */

/* Looks for news; wall_ms: time of the tick. */
void channel_set_tick(struct channel_set *set, int64_t wall_ms);

/* NULL with a fault and a sentence when there is nothing behind the channel. */
struct channel *channel_open(struct channel_set *set,
                             const struct wire_request *request, const char *text,
                             size_t len, enum wire_fault *ret_fault,
                             struct strbuf *ret_message);
void channel_close(struct channel *channel);

/*
 * Adds WebSocket frames with what is new after *seen to out, and moves *seen.
 */
void channel_read(struct channel *channel, int64_t id, uint64_t *seen,
                  struct strbuf *out);
