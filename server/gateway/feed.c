#include "gateway/feed.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/strbuf.h"
#include "net/loop.h"

enum { FEED_BYTES_MAX = 4 << 20, FEED_KEY_MAX = 128 };

struct object {
    struct object *next; /* newer */
    uint64_t number;
    size_t len;
    char *key;
    char text[];
};

struct feed {
    enum feed_kind kind;
    struct object *oldest;
    struct object *newest;
    size_t count;
    size_t bytes;
    uint64_t last_number;
};

struct feed *feed_new(enum feed_kind kind)
{
    struct feed *feed = xcalloc(1, sizeof *feed);
    feed->kind = kind;
    return feed;
}

static void unlink_after(struct feed *feed, struct object *previous)
{
    struct object *gone = previous != NULL ? previous->next : feed->oldest;
    assert(gone != NULL);
    if (previous != NULL)
        previous->next = gone->next;
    else
        feed->oldest = gone->next;
    if (feed->newest == gone)
        feed->newest = previous;
    feed->count--;
    feed->bytes -= gone->len;
    free(gone->key);
    free(gone);
}

void feed_free(struct feed *feed)
{
    if (feed == NULL)
        return;
    while (feed->oldest != NULL)
        unlink_after(feed, NULL);
    free(feed);
}

void feed_remove(struct feed *feed, const char *key)
{
    struct object *previous = NULL;
    for (struct object *o = feed->oldest; o != NULL; previous = o, o = o->next) {
        if (strcmp(o->key, key) == 0) {
            unlink_after(feed, previous);
            return;
        }
    }
}

void feed_put(struct feed *feed, const char *key, const char *json, size_t len)
{
    size_t max = feed->kind == FEED_TABLE ? FEED_TABLE_MAX : FEED_RING_MAX;
    if (len > FEED_OBJECT_MAX)
        return;
    if (feed->kind == FEED_TABLE)
        feed_remove(feed, key);
    struct object *o = xmalloc(sizeof *o + len + 1);
    *o = (struct object){.number = ++feed->last_number, .len = len};
    o->key = xstrndup(key, FEED_KEY_MAX);
    memcpy(o->text, json, len);
    o->text[len] = '\0';
    if (feed->newest != NULL)
        feed->newest->next = o;
    else
        feed->oldest = o;
    feed->newest = o;
    feed->count++;
    feed->bytes += len;
    while (feed->count > max || (feed->bytes > FEED_BYTES_MAX && feed->count > 1))
        unlink_after(feed, NULL);
}

uint64_t feed_newest(const struct feed *feed)
{
    return feed->last_number;
}

size_t feed_read(const struct feed *feed, size_t max_bytes, struct strbuf *out,
                 uint64_t *cursor, uint64_t *lost)
{
    size_t count = 0;
    size_t start = out->len;
    if (feed->kind == FEED_RING && feed->oldest != NULL && *cursor > 0 &&
        feed->oldest->number > *cursor + 1)
        *lost += feed->oldest->number - *cursor - 1;
    for (const struct object *o = feed->oldest; o != NULL; o = o->next) {
        if (o->number <= *cursor)
            continue;
        if (count > 0 && out->len - start + o->len + 1 > max_bytes)
            break;
        if (count > 0)
            strbuf_add_char(out, ',');
        strbuf_add(out, o->text, o->len);
        *cursor = o->number;
        count++;
    }
    if (count == 0)
        *cursor = feed->last_number;
    return count;
}

/* --- ports -------------------------------------------------------------- */

/*
 * At most one feed is connected at a time per io thread; a port that the gateway
 * made for a channel has exactly one. A post carries a reference to the port and
 * looks on arrival whether the feed is still connected.
 */
struct feed_port {
    _Atomic uint32_t refs;
    pthread_mutex_t lock; /* guards loop */
    struct loop *loop;    /* NULL = nobody listens */
    struct feed *feed;    /* io thread */
    void (*on_news)(void *data);
    void *data;
};

struct delivery {
    struct feed_port *port;
    bool removal;
    size_t len;
    char key[FEED_KEY_MAX + 1];
    char text[];
};

struct feed_port *feed_port_new(void)
{
    struct feed_port *port = xcalloc(1, sizeof *port);
    atomic_init(&port->refs, 1);
    pthread_mutex_init(&port->lock, NULL);
    return port;
}

struct feed_port *feed_port_ref(struct feed_port *port)
{
    atomic_fetch_add(&port->refs, 1);
    return port;
}

void feed_port_unref(struct feed_port *port)
{
    if (port == NULL || atomic_fetch_sub(&port->refs, 1) != 1)
        return;
    pthread_mutex_destroy(&port->lock);
    free(port);
}

static void deliver(void *data)
{
    struct delivery *delivery = data;
    struct feed_port *port = delivery->port;
    if (port->feed != NULL) {
        if (delivery->removal)
            feed_remove(port->feed, delivery->key);
        else
            feed_put(port->feed, delivery->key, delivery->text, delivery->len);
        if (port->on_news != NULL)
            port->on_news(port->data);
    }
    feed_port_unref(port);
    free(delivery);
}

static void post(struct feed_port *port, const char *key, const char *json, size_t len,
                 bool removal)
{
    struct delivery *delivery = xmalloc(sizeof *delivery + len + 1);
    *delivery = (struct delivery){.port = port, .removal = removal, .len = len};
    memcpy(delivery->key, key, strnlen(key, FEED_KEY_MAX));
    if (len > 0)
        memcpy(delivery->text, json, len);
    pthread_mutex_lock(&port->lock);
    if (port->loop != NULL) {
        feed_port_ref(port);
        loop_post(port->loop, deliver, delivery);
        delivery = NULL;
    }
    pthread_mutex_unlock(&port->lock);
    free(delivery);
}

void feed_port_put(struct feed_port *port, const char *key, const char *json,
                   size_t len)
{
    if (len <= FEED_OBJECT_MAX)
        post(port, key, json, len, false);
}

void feed_port_remove(struct feed_port *port, const char *key)
{
    post(port, key, NULL, 0, true);
}

void feed_port_connect(struct feed_port *port, struct loop *loop, struct feed *feed,
                       void (*on_news)(void *data), void *data)
{
    pthread_mutex_lock(&port->lock);
    port->loop = loop;
    port->feed = feed;
    port->on_news = on_news;
    port->data = data;
    pthread_mutex_unlock(&port->lock);
}

void feed_port_disconnect(struct feed_port *port)
{
    pthread_mutex_lock(&port->lock);
    port->loop = NULL;
    port->feed = NULL;
    port->on_news = NULL;
    pthread_mutex_unlock(&port->lock);
}
