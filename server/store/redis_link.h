/*
 * One connection to Redis that keeps itself up: connects, authenticates, notices
 * a server that hangs, reconnects with back-off and jitter. Commands are sent
 * when connected and refused (and counted) otherwise; nobody ever waits for
 * Redis. Everything runs on the loop given at construction. Health row "redis".
 *
 * The only user of hiredis (0.14 and 1.x).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct loop;
struct metrics;
struct health_board;
struct strbuf;
struct redis_link;
struct redis_reply; /* an answer; valid inside the callback only */

enum {
    REDIS_CONNECT_TIMEOUT_MS = 2000,
    REDIS_WATCHDOG_MS = 1000,  /* a PING this often */
    REDIS_HUNG_MS = 3000,      /* no answer for this long: the connection is given up */
    REDIS_PENDING_MAX = 20000, /* commands without an answer */
    REDIS_ARGS_MAX = 2048
};

/* reply is NULL when the connection was lost before the answer came. */
typedef void (*redis_reply_fn)(void *data, const struct redis_reply *reply);

/* One part of a command; bytes, not terminated. */
struct redis_arg {
    const char *data;
    size_t len;
};

enum redis_reply_kind {
    REDIS_REPLY_TEXT, /* string or status */
    REDIS_REPLY_INT,
    REDIS_REPLY_NONE,
    REDIS_REPLY_LIST,
    REDIS_REPLY_FAILED /* an error answer; its text says why */
};

struct redis_events {
    void (*on_up)(void *data);   /* connected and authenticated */
    void (*on_down)(void *data); /* lost */
    /* A message on a channel that was subscribed with redis_link_subscribe. */
    void (*on_message)(void *data, const char *channel, const char *text, size_t len);
};

/*
 * url: redis://[USER@]HOST[:PORT][/DB][?password_file=FILE], rediss:// for TLS
 * (with ca_file=FILE) where the installed hiredis can. NULL with a line in
 * ret_error when it is wrong or cannot be served. Does not wait for the server.
 * metrics and board may be NULL.
 */
struct redis_link *redis_link_new(const char *url, struct loop *loop,
                                  struct metrics *metrics, struct health_board *board,
                                  struct strbuf *ret_error);
void redis_link_free(struct redis_link *link); /* accepts NULL */

/* One more listener; at most 8; for the life of the link. */
void redis_link_listen(struct redis_link *link, const struct redis_events *events,
                       void *data);

/* Checks a URL without connecting. 0 or -EINVAL with a line in ret_error. */
int redis_url_check(const char *url, struct strbuf *ret_error);

/* Connected, and commands are accepted. */
bool redis_link_up(const struct redis_link *link);

/*
 * Sends a command. 0; -ENOTCONN when down; -ENOBUFS when too many wait. fn (may
 * be NULL) is called exactly once when 0 was returned.
 */
int redis_link_command(struct redis_link *link, const struct redis_arg *args,
                       size_t count, redis_reply_fn fn, void *data);

/* The same for texts; the list ends with NULL. */
int redis_link_call(struct redis_link *link, redis_reply_fn fn, void *data,
                    const char *first, ...) __attribute__((sentinel));

/*
 * Subscribes a channel on a second connection of the link, now and after every
 * reconnect; messages come to on_message of every listener.
 */
void redis_link_subscribe(struct redis_link *link, const char *channel);

enum redis_reply_kind redis_reply_kind(const struct redis_reply *reply);
const char *redis_reply_text(const struct redis_reply *reply, size_t *ret_len);
int64_t redis_reply_int(const struct redis_reply *reply);
size_t redis_reply_count(const struct redis_reply *reply);
const struct redis_reply *redis_reply_at(const struct redis_reply *reply, size_t i);
