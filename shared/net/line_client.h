/*
 * Reads lines from a TCP server and keeps at it: resolves, connects (each
 * address in turn), hands over line after line, and after any loss connects
 * again with growing, jittered delays. A connection on which no whole line comes
 * for idle_ms is lost too. Belongs to the thread of its loop; the callbacks run
 * there and must not free the client.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct loop;
struct line_client;

enum {
    LINE_MAX_BYTES = 64 << 10, /* longest line; a longer one is dropped whole */
    LINE_IDLE_MS = 120000,
    LINE_CONNECT_MS = 10000,
    LINE_BACKOFF_MS = 1000, /* first delay; doubles up to the next */
    LINE_BACKOFF_MAX_MS = 60000
};

enum line_drop {
    LINE_TOO_LONG, /* over LINE_MAX_BYTES */
    LINE_CUT_OFF   /* the connection ended inside it: its numbers may be cut too */
};

struct line_handler {
    /* One line, NUL-terminated, without its CR LF; may be empty, may hold NULs. */
    void (*on_line)(void *data, const char *line, size_t len);
    void (*on_drop)(void *data, enum line_drop why);
    /* Connected. */
    void (*on_up)(void *data);
    /* Not connected: why ("host:port: Connection refused"), next try in retry_ms. */
    void (*on_down)(void *data, const char *text, int64_t retry_ms);
    void *data;
};

struct line_client_config {
    const char *host; /* name or address, IPv6 without brackets */
    int port;
    int64_t idle_ms;    /* 0 = LINE_IDLE_MS */
    int64_t connect_ms; /* 0 = LINE_CONNECT_MS; one address */
    int64_t backoff_ms; /* 0 = LINE_BACKOFF_MS */
    uint64_t seed;      /* of the jitter */
};

/* Starts connecting with the loop's next round. Texts and handler are copied. */
struct line_client *line_client_new(struct loop *loop,
                                    const struct line_client_config *config,
                                    const struct line_handler *handler);

/* Accepts NULL. No callback comes after it. Before loop_free. */
void line_client_free(struct line_client *client);
