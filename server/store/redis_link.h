/*
 * A connection to Redis that keeps itself up: connects, authenticates, notices a
 * server that hangs, reconnects with back-off and jitter. Commands are sent when
 * connected and refused (and counted) otherwise; nobody ever waits for Redis.
 * Everything runs on the loop given at construction, by its thread (or before
 * it runs). A name in the URL is looked up by the system's resolver, which may
 * wait: give it a loop with nothing urgent beside it. Health row "redis".
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/redis_reply.h"

struct loop;
struct metrics;
struct health_board;
struct strbuf;
struct redis_link;

enum {
    REDIS_CONNECT_TIMEOUT_MS = 2000,
    REDIS_WATCHDOG_MS = 1000, /* a PING this often */
    REDIS_HUNG_MS = 3000,     /* nothing heard for this long: given up */
    REDIS_SLOW_MS = 500,      /* an answer that took longer is told */
    REDIS_LISTENERS_MAX = 8,
    REDIS_CHANNELS_MAX = 8
};

/* NULL members are not called. */
struct redis_events {
    void (*on_up)(void *data);   /* connected and authenticated */
    void (*on_down)(void *data); /* lost */
    /* A message on a channel subscribed with redis_link_subscribe; terminated text. */
    void (*on_message)(void *data, const char *channel, const char *text, size_t len);
    /* The subscriptions are in force (again): what was said before is missed. */
    void (*on_subscribed)(void *data);
};

/*
 * url: see redis_url.h. NULL with a line in ret_error when it is wrong or cannot
 * be served. Does not wait for the server. metrics and board may be NULL.
 */
struct redis_link *redis_link_new(const char *url, struct loop *loop,
                                  struct metrics *metrics, struct health_board *board,
                                  struct strbuf *ret_error);
void redis_link_free(struct redis_link *link); /* accepts NULL; not in a callback */

/* Checks a URL without connecting. 0, or -EINVAL with a line in ret_error. */
int redis_url_check(const char *url, struct strbuf *ret_error);

/* One more listener, for the life of the link (at most REDIS_LISTENERS_MAX). */
void redis_link_listen(struct redis_link *link, const struct redis_events *events,
                       void *data);

/*
 * The listener with this data (not NULL) is called no more, and no answer to
 * commands sent with this data either: what a user of the link calls before it
 * frees itself. Users are freed before the link.
 */
void redis_link_unlisten(struct redis_link *link, const void *data);

/* The loop it runs on. */
struct loop *redis_link_loop(const struct redis_link *link);

/* Connected, and commands are accepted. */
bool redis_link_up(const struct redis_link *link);

/*
 * Sends a command. 0; -ENOTCONN when down; -ENOBUFS when too much waits. fn (may
 * be NULL) is called exactly once when 0 was returned; redis_link_free calls it.
 */
int redis_link_command(struct redis_link *link, const struct redis_arg *args,
                       size_t count, redis_reply_fn fn, void *data);

/* The same for at most 8 texts; the list ends with NULL. */
int redis_link_call(struct redis_link *link, redis_reply_fn fn, void *data,
                    const char *first, ...) __attribute__((sentinel));

/*
 * Subscribes a channel on a second connection of the link, now and after every
 * reconnect; messages come to on_message of every listener.
 */
void redis_link_subscribe(struct redis_link *link, const char *channel);
