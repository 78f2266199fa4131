/*
 * An answer of Redis, and the types of those who ask. An answer is borrowed: it
 * is valid inside the callback that got it. Any thread.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct redis_reply;

enum { REDIS_ARGS_MAX = 2048 }; /* parts of one command */

/* reply is NULL when the connection was lost before the answer came. */
typedef void (*redis_reply_fn)(void *data, const struct redis_reply *reply);

/* One part of a command; bytes, not terminated. */
struct redis_arg {
    const char *data;
    size_t len;
};

enum redis_reply_kind {
    REDIS_REPLY_IS_TEXT, /* string or status */
    REDIS_REPLY_IS_INT,
    REDIS_REPLY_IS_NONE,
    REDIS_REPLY_IS_LIST,
    REDIS_REPLY_IS_FAILURE /* an error answer; its text says why */
};

/* FAILURE for NULL. */
enum redis_reply_kind redis_reply_kind(const struct redis_reply *reply);

/* The text, terminated; "" when it has none. ret_len may be NULL. */
const char *redis_reply_text(const struct redis_reply *reply, size_t *ret_len);

/* The number; 0 when it is none. */
int64_t redis_reply_int(const struct redis_reply *reply);

/* A list's elements; 0 and NULL when it is none. */
size_t redis_reply_count(const struct redis_reply *reply);
const struct redis_reply *redis_reply_at(const struct redis_reply *reply, size_t i);
