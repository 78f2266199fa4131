/*
 * A stream of JSON objects toward the clients of one channel. Two kinds: a TABLE
 * keeps the latest object of each key and conflates; a RING keeps the last
 * FEED_RING_MAX objects (log lines) and counts what a slow reader lost. A reader
 * is a number. struct feed belongs to one io thread.
 *
 * struct feed_port is the way in: publish from any thread; it posts to the io
 * thread's feed, and outlives it safely.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct feed;
struct feed_port;
struct loop;
struct strbuf;

enum feed_kind { FEED_TABLE, FEED_RING };
enum {
    FEED_TABLE_MAX = 4096,   /* keys; over it the oldest goes */
    FEED_RING_MAX = 1024,    /* objects */
    FEED_OBJECT_MAX = 196608 /* bytes of one object; larger ones are dropped */
};

struct feed *feed_new(enum feed_kind kind);
void feed_free(struct feed *feed); /* accepts NULL */

/* One more object (a table: the new value of key, which may be ""). */
void feed_put(struct feed *feed, const char *key, const char *json, size_t len);

/* A table forgets a key (nothing is sent). */
void feed_remove(struct feed *feed, const char *key);

/* Sequence number of the newest object; 0 = none yet. */
uint64_t feed_newest(const struct feed *feed);

/*
 * Adds to `out`, comma-separated, the objects after *cursor, oldest change
 * first, as long as out stays under max_bytes (at least one); moves *cursor and
 * adds the objects lost to *lost. Returns the number added.
 */
size_t feed_read(const struct feed *feed, size_t max_bytes, struct strbuf *out,
                 uint64_t *cursor, uint64_t *lost);

/* A port that is connected to nothing yet; one reference. */
struct feed_port *feed_port_new(void);
struct feed_port *feed_port_ref(struct feed_port *port);
void feed_port_unref(struct feed_port *port); /* accepts NULL */

/* Any thread. Dropped when nobody listens. */
void feed_port_put(struct feed_port *port, const char *key, const char *json,
                   size_t len);
void feed_port_remove(struct feed_port *port, const char *key);

/*
 * The io thread connects its feed, one at a time, and disconnects it before the
 * feed is freed (on that thread, or before it runs). on_news may be NULL.
 */
void feed_port_connect(struct feed_port *port, struct loop *loop, struct feed *feed,
                       void (*on_news)(void *data), void *data);
void feed_port_disconnect(struct feed_port *port);
