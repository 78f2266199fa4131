/*
 * Bytes ready for the socket (whole WebSocket frames), shared by the sessions of
 * one io thread. Counted without atomics: never leaves its thread. The pool keeps
 * the memory of a few chunks that nobody needs any more: a client that takes its
 * bytes at once leaves them, still in the processor's cache, to the next one.
 */
#pragma once

#include <stdint.h>

#include "base/strbuf.h"

struct chunk_pool;

struct chunk {
    struct strbuf bytes; /* written by who made it, then constant */
    uint32_t refs;
    struct chunk_pool *pool;
    struct chunk *next_spare;
};

enum {
    CHUNK_MAX = 64 << 20, /* bytes */
    CHUNK_SPARES_MAX = 32,
    CHUNK_SPARE_BYTES_MAX = 1 << 15 /* a larger one is not kept */
};

struct chunk_pool *chunk_pool_new(void);
void chunk_pool_free(struct chunk_pool *pool); /* accepts NULL; no chunk is left */

/* An empty chunk to write into; one reference. */
struct chunk *chunk_new(struct chunk_pool *pool);

/* Takes the buffer's memory; one reference. */
struct chunk *chunk_take(struct chunk_pool *pool, struct strbuf *take_bytes);

struct chunk *chunk_ref(struct chunk *chunk);
void chunk_unref(struct chunk *chunk); /* accepts NULL */
