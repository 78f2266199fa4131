#include "gateway/chunk.h"

#include <assert.h>
#include <stdlib.h>

#include "base/alloc.h"

struct chunk_pool {
    struct chunk *spare;
    unsigned spare_count;
    unsigned used;
};

struct chunk_pool *chunk_pool_new(void)
{
    return xcalloc(1, sizeof(struct chunk_pool));
}

static void chunk_free(struct chunk *chunk)
{
    strbuf_release(&chunk->bytes);
    free(chunk);
}

void chunk_pool_free(struct chunk_pool *pool)
{
    if (pool == NULL)
        return;
    assert(pool->used == 0);
    while (pool->spare != NULL) {
        struct chunk *chunk = pool->spare;
        pool->spare = chunk->next_spare;
        chunk_free(chunk);
    }
    free(pool);
}

struct chunk *chunk_new(struct chunk_pool *pool)
{
    struct chunk *chunk = pool->spare;
    if (chunk != NULL) {
        pool->spare = chunk->next_spare;
        pool->spare_count--;
    } else {
        chunk = xcalloc(1, sizeof *chunk);
        strbuf_init(&chunk->bytes, CHUNK_MAX);
        chunk->pool = pool;
    }
    chunk->refs = 1;
    pool->used++;
    return chunk;
}

struct chunk *chunk_take(struct chunk_pool *pool, struct strbuf *take_bytes)
{
    struct chunk *chunk = xcalloc(1, sizeof *chunk);
    *chunk = (struct chunk){.bytes = *take_bytes, .refs = 1, .pool = pool};
    strbuf_init(take_bytes, take_bytes->max);
    pool->used++;
    return chunk;
}

struct chunk *chunk_ref(struct chunk *chunk)
{
    chunk->refs++;
    return chunk;
}

void chunk_unref(struct chunk *chunk)
{
    if (chunk == NULL)
        return;
    assert(chunk->refs > 0);
    if (--chunk->refs > 0)
        return;
    struct chunk_pool *pool = chunk->pool;
    pool->used--;
    if (pool->spare_count == CHUNK_SPARES_MAX ||
        chunk->bytes.cap > CHUNK_SPARE_BYTES_MAX) {
        chunk_free(chunk);
        return;
    }
    strbuf_clear(&chunk->bytes);
    chunk->bytes.max = CHUNK_MAX;
    chunk->next_spare = pool->spare;
    pool->spare = chunk;
    pool->spare_count++;
}
