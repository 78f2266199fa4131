/*
 * One TCP (or TLS) connection to Redis on a loop: sends commands, matches answers
 * to them in order, reports its end once. It neither reconnects nor keeps time:
 * redis_link does. The only user of hiredis, of which it takes the protocol and
 * the buffers (0.14 and 1.x) but not the async layer, whose rules on who frees
 * a context differ between versions.
 *
 * One thread: the loop's. A connection may be freed inside on_close, not inside
 * its other callbacks; redis_connection_fail is allowed there.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/redis_reply.h"

struct loop;
struct redis_connection;
struct redis_url;
struct strbuf;

enum {
    REDIS_PENDING_MAX = 4096,           /* commands without an answer */
    REDIS_OUTPUT_MAX = 32 * 1024 * 1024 /* bytes not yet taken by the socket */
};

struct redis_connection_events {
    void (*on_open)(void *data); /* connected */
    void (*on_close)(void *data, const char *reason);
    /* An answer that no command waits for: a message of a subscription. */
    void (*on_push)(void *data, const struct redis_reply *reply);
};

/* True when the installed hiredis can do TLS. */
bool redis_connection_has_tls(void);

/* Starts to connect. NULL with a line in ret_error when it fails at once. */
struct redis_connection *redis_connection_open(const struct redis_url *url,
                                               struct loop *loop,
                                               const struct redis_connection_events *ev,
                                               void *data, struct strbuf *ret_error);

/* Waiting commands get NULL answers. Accepts NULL. */
void redis_connection_free(struct redis_connection *c);

/*
 * Sends a command; 0, or -ENOBUFS when too much waits. fn (may be NULL) is
 * called exactly once. Answers to a command sent with redis_connection_send_push
 * (SUBSCRIBE, and everything after it) go to on_push.
 */
int redis_connection_send(struct redis_connection *c, const struct redis_arg *args,
                          size_t count, redis_reply_fn fn, void *data);
int redis_connection_send_push(struct redis_connection *c, const struct redis_arg *args,
                               size_t count);

/* Ends the connection soon, with on_close(reason). */
void redis_connection_fail(struct redis_connection *c, const char *reason);

/* When bytes last came (monotonic ms of the loop), and commands that wait. */
int64_t redis_connection_heard_at_ms(const struct redis_connection *c);
size_t redis_connection_pending(const struct redis_connection *c);
