/*
 * Bytes ready for the socket (whole WebSocket frames), shared by the sessions of
 * one io thread. Counted without atomics: never leaves its thread.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct strbuf;

struct chunk {
    uint32_t refs;
    uint32_t len;
    char *data;
};

/* Takes the buffer's memory; one reference. */
struct chunk *chunk_take(struct strbuf *take_bytes);
struct chunk *chunk_ref(struct chunk *chunk);
void chunk_unref(struct chunk *chunk); /* accepts NULL */
