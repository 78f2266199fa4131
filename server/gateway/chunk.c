#include "gateway/chunk.h"

#include <assert.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/strbuf.h"

struct chunk *chunk_take(struct strbuf *take_bytes)
{
    struct chunk *chunk = xmalloc(sizeof *chunk);
    chunk->refs = 1;
    chunk->len = (uint32_t)take_bytes->len;
    chunk->data = strbuf_detach(take_bytes);
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
    free(chunk->data);
    free(chunk);
}
