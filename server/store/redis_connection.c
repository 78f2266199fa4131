/*
 * A non-blocking redisContext: append commands to its output, let it write and
 * read when the socket is ready, take answers out. What waits for an answer is
 * a ring, because Redis answers in order.
 */
#include "store/redis_connection.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <hiredis/hiredis.h>
#ifdef HAVE_HIREDIS_SSL
#    include <hiredis/hiredis_ssl.h>
#endif

#include "base/alloc.h"
#include "base/strbuf.h"
#include "net/loop.h"
#include "store/redis_url.h"

enum { REASON_SIZE = 160 };

struct waiting {
    redis_reply_fn fn;
    void *data;
};

struct redis_connection {
    struct loop *loop;
    struct redis_connection_events events;
    void *data;
    struct redis_url url;
    redisContext *context;
#ifdef HAVE_HIREDIS_SSL
    redisSSLContext *tls;
#endif
    struct loop_fd *watch;
    struct loop_timer *later; /* ends the connection outside of callbacks */
    bool connecting;
    bool ended;
    char reason[REASON_SIZE];
    int64_t heard_at_ms;
    size_t output; /* bytes given to hiredis since its buffer was empty */
    struct waiting *ring;
    size_t ring_first;
    size_t ring_count;
};

/* -- The end --------------------------------------------------------------- */

static void end_now(void *data)
{
    struct redis_connection *c = data;
    if (c->ended)
        return;
    c->ended = true;
    loop_fd_free(c->watch);
    c->watch = NULL;
    c->events.on_close(c->data, c->reason);
}

void redis_connection_fail(struct redis_connection *c, const char *reason)
{
    if (c->reason[0] != '\0')
        return;
    snprintf(c->reason, sizeof c->reason, "%s", reason);
    loop_timer_arm(c->later, 0);
}

static void fail_by_context(struct redis_connection *c)
{
    const char *reason = c->context->errstr;
    if (c->context->err == REDIS_ERR_EOF)
        reason = "connection closed";
    else if (c->url.tls && strcmp(reason, strerror(0)) == 0)
        reason = "the TLS handshake failed"; /* hiredis tells errno, which has none */
    redis_connection_fail(c, reason);
}

/* -- Answers --------------------------------------------------------------- */

static struct waiting take_waiting(struct redis_connection *c)
{
    struct waiting w = c->ring[c->ring_first];
    c->ring_first = (c->ring_first + 1) % REDIS_PENDING_MAX;
    c->ring_count--;
    return w;
}

static void deliver(struct redis_connection *c, const struct redis_reply *reply)
{
    if (c->ring_count == 0) {
        if (c->events.on_push != NULL)
            c->events.on_push(c->data, reply);
        return;
    }
    struct waiting w = take_waiting(c);
    if (w.fn != NULL)
        w.fn(w.data, reply);
}

/* All answers that are complete in the buffer. */
static int take_answers(struct redis_connection *c)
{
    void *reply = NULL;
    while (c->reason[0] == '\0') {
        if (redisGetReply(c->context, &reply) != REDIS_OK)
            return -EIO;
        if (reply == NULL)
            return 0;
        deliver(c, reply);
        freeReplyObject(reply);
    }
    return 0;
}

/* -- TLS --------------------------------------------------------------------- */

#ifdef HAVE_HIREDIS_SSL
bool redis_connection_has_tls(void)
{
    return true;
}

static bool start_tls(struct redis_connection *c)
{
    const struct redis_url *url = &c->url;
    redisSSLContextError error = REDIS_SSL_CTX_NONE;
    if (!url->tls)
        return true;
    redisInitOpenSSL();
    const char *ca = url->ca_file[0] != '\0' ? url->ca_file : NULL;
    const char *ca_dir = ca == NULL ? "/etc/ssl/certs" : NULL;
    c->tls = redisCreateSSLContext(ca, ca_dir, NULL, NULL, url->host, &error);
    if (c->tls == NULL) {
        redis_connection_fail(c, redisSSLContextGetError(error));
        return false;
    }
    if (redisInitiateSSLWithContext(c->context, c->tls) != REDIS_OK) {
        redis_connection_fail(c, c->context->errstr);
        return false;
    }
    return true;
}

static void end_tls(struct redis_connection *c)
{
    if (c->tls != NULL)
        redisFreeSSLContext(c->tls);
}
#else
bool redis_connection_has_tls(void)
{
    return false;
}

static bool start_tls(struct redis_connection *c)
{
    return !c->url.tls; /* redis_link refuses such URLs */
}

static void end_tls(struct redis_connection *c)
{
    (void)c;
}
#endif

/* -- The socket ------------------------------------------------------------ */

static void watch_for_output(struct redis_connection *c)
{
    bool wants = c->connecting || c->output > 0;
    loop_fd_change(c->watch, LOOP_READABLE | (wants ? (unsigned)LOOP_WRITABLE : 0U));
}

static int write_output(struct redis_connection *c)
{
    int done = 0;
    if (c->output == 0)
        return 0;
    if (redisBufferWrite(c->context, &done) != REDIS_OK)
        return -EIO;
    if (done)
        c->output = 0;
    watch_for_output(c);
    return 0;
}

static int read_input(struct redis_connection *c)
{
    /* Level-triggered: what is left over wakes us again. */
    if (redisBufferRead(c->context) != REDIS_OK)
        return -EIO;
    c->heard_at_ms = loop_now_ms(c->loop);
    return take_answers(c);
}

static void finish_connect(struct redis_connection *c)
{
    int error = 0;
    socklen_t size = sizeof error;
    if (getsockopt(c->context->fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0)
        error = errno;
    if (error != 0) {
        redis_connection_fail(c, strerror(error));
        return;
    }
    if (!start_tls(c))
        return;
    c->connecting = false;
    c->heard_at_ms = loop_now_ms(c->loop);
    watch_for_output(c);
    c->events.on_open(c->data);
}

static void on_socket(void *data, int fd, unsigned events)
{
    struct redis_connection *c = data;
    int rc = 0;
    (void)fd;
    if (c->reason[0] != '\0')
        return;
    if (c->connecting) {
        finish_connect(c);
        return;
    }
    if (events & LOOP_WRITABLE)
        rc = write_output(c);
    if (rc == 0 && (events & (LOOP_READABLE | LOOP_HANGUP)))
        rc = read_input(c);
    if (rc != 0)
        fail_by_context(c);
}

/* -- Life ------------------------------------------------------------------ */

static void release(struct redis_connection *c)
{
    if (c->context != NULL)
        redisFree(c->context);
    end_tls(c);
    loop_timer_free(c->later);
    free(c->ring);
    free(c);
}

struct redis_connection *redis_connection_open(const struct redis_url *url,
                                               struct loop *loop,
                                               const struct redis_connection_events *ev,
                                               void *data, struct strbuf *ret_error)
{
    struct redis_connection *c = xcalloc(1, sizeof *c);
    c->loop = loop;
    c->events = *ev;
    c->data = data;
    c->connecting = true;
    c->url = *url;
    c->heard_at_ms = loop_now_ms(loop);
    c->context = redisConnectNonBlock(url->host, url->port);
    if (c->context == NULL || c->context->err != 0) {
        strbuf_add_text(ret_error,
                        c->context != NULL ? c->context->errstr : "out of memory");
        release(c);
        return NULL;
    }
    c->ring = xcalloc(REDIS_PENDING_MAX, sizeof *c->ring);
    c->later = loop_timer_new(loop, end_now, c);
    c->watch = loop_watch_fd(loop, c->context->fd, LOOP_READABLE | LOOP_WRITABLE,
                             on_socket, c);
    return c;
}

void redis_connection_free(struct redis_connection *c)
{
    if (c == NULL)
        return;
    c->ended = true;
    loop_fd_free(c->watch);
    while (c->ring_count > 0) {
        struct waiting w = take_waiting(c);
        if (w.fn != NULL)
            w.fn(w.data, NULL);
    }
    release(c);
}

/* -- Sending --------------------------------------------------------------- */

static int append(struct redis_connection *c, const struct redis_arg *args,
                  size_t count)
{
    const char *texts[REDIS_ARGS_MAX];
    size_t lengths[REDIS_ARGS_MAX];
    if (c->reason[0] != '\0' || c->ring_count >= REDIS_PENDING_MAX ||
        c->output >= REDIS_OUTPUT_MAX || count > REDIS_ARGS_MAX)
        return -ENOBUFS;
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++) {
        texts[i] = args[i].data;
        lengths[i] = args[i].len;
        bytes += args[i].len + 16;
    }
    if (redisAppendCommandArgv(c->context, (int)count, texts, lengths) != REDIS_OK)
        return -ENOBUFS;
    bool was_empty = c->output == 0;
    c->output += bytes;
    /* Written when the loop comes round: commands of one callback leave together. */
    if (was_empty && !c->connecting)
        watch_for_output(c);
    return 0;
}

int redis_connection_send(struct redis_connection *c, const struct redis_arg *args,
                          size_t count, redis_reply_fn fn, void *data)
{
    int rc = append(c, args, count);
    if (rc != 0)
        return rc;
    size_t slot = (c->ring_first + c->ring_count++) % REDIS_PENDING_MAX;
    c->ring[slot] = (struct waiting){.fn = fn, .data = data};
    return 0;
}

int redis_connection_send_push(struct redis_connection *c, const struct redis_arg *args,
                               size_t count)
{
    return append(c, args, count);
}

int64_t redis_connection_heard_at_ms(const struct redis_connection *c)
{
    return c->heard_at_ms;
}

size_t redis_connection_pending(const struct redis_connection *c)
{
    return c->ring_count;
}

/* -- Answers as others see them -------------------------------------------- */

static const redisReply *as_hiredis(const struct redis_reply *reply)
{
    return (const redisReply *)(const void *)reply;
}

enum redis_reply_kind redis_reply_kind(const struct redis_reply *reply)
{
    if (reply == NULL)
        return REDIS_REPLY_IS_FAILURE;
    switch (as_hiredis(reply)->type) {
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS: return REDIS_REPLY_IS_TEXT;
    case REDIS_REPLY_INTEGER: return REDIS_REPLY_IS_INT;
    case REDIS_REPLY_NIL: return REDIS_REPLY_IS_NONE;
    case REDIS_REPLY_ARRAY: return REDIS_REPLY_IS_LIST;
    default: return REDIS_REPLY_IS_FAILURE;
    }
}

const char *redis_reply_text(const struct redis_reply *reply, size_t *ret_len)
{
    const redisReply *r = as_hiredis(reply);
    bool has = r != NULL && r->str != NULL &&
               (r->type == REDIS_REPLY_STRING || r->type == REDIS_REPLY_STATUS ||
                r->type == REDIS_REPLY_ERROR);
    if (ret_len != NULL)
        *ret_len = has ? (size_t)r->len : 0;
    return has ? r->str : "";
}

int64_t redis_reply_int(const struct redis_reply *reply)
{
    return redis_reply_kind(reply) == REDIS_REPLY_IS_INT ? as_hiredis(reply)->integer
                                                         : 0;
}

size_t redis_reply_count(const struct redis_reply *reply)
{
    return redis_reply_kind(reply) == REDIS_REPLY_IS_LIST ? as_hiredis(reply)->elements
                                                          : 0;
}

const struct redis_reply *redis_reply_at(const struct redis_reply *reply, size_t i)
{
    if (i >= redis_reply_count(reply))
        return NULL;
    return (const struct redis_reply *)(const void *)as_hiredis(reply)->element[i];
}
