/*
 * A Redis small enough to lie on command: hashes and plain keys, subscriptions,
 * on a free port of 127.0.0.1, on the test's loop. It can hang, refuse writes,
 * ask for a password, be flushed, and be stopped and started again on its port.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct loop;
struct fake_redis;

struct fake_redis *fake_redis_new(struct loop *loop);
void fake_redis_free(struct fake_redis *r);

/* redis://127.0.0.1:PORT */
const char *fake_redis_url(const struct fake_redis *r);

/* Closes all connections and, until started again, takes no new ones. */
void fake_redis_stop(struct fake_redis *r);
void fake_redis_start(struct fake_redis *r);

void fake_redis_hang(struct fake_redis *r, bool hang);    /* reads, never answers */
void fake_redis_read_only(struct fake_redis *r, bool on); /* refuses writes */
void fake_redis_password(struct fake_redis *r, const char *p); /* asks for it */
void fake_redis_flush(struct fake_redis *r);

/* What another client would do. Strings of the fake live until the next change. */
void fake_redis_hset(struct fake_redis *r, const char *key, const char *field,
                     const char *value);
void fake_redis_publish(struct fake_redis *r, const char *channel, const char *text);
const char *fake_redis_hget(const struct fake_redis *r, const char *key,
                            const char *field); /* NULL = not there */
size_t fake_redis_hlen(const struct fake_redis *r, const char *key);
size_t fake_redis_published(const struct fake_redis *r, const char *channel);
