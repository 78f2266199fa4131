/*
 * A source of flights: where observations come from, behind one small interface.
 * A kind of source is one file and one row in sources.c. A source lives on the
 * ingest thread; it reports everything, good and bad, through its sink, looks
 * after its own pauses, and never blocks.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "flight/flight_decode.h"

struct http_client;
struct loop;
struct source_url;
struct strbuf;

/* Why a poll or connection failed; label `reason` of flightdash_source_errors_total. */
#define SOURCE_TROUBLES(X)                                                             \
    X(UNREACHABLE, "unreachable")                                                      \
    X(TIMEOUT, "timeout")                                                              \
    X(CLOSED, "closed")                                                                \
    X(TLS, "tls")                                                                      \
    X(TOO_LARGE, "too_large")                                                          \
    X(REDIRECT, "redirect")                                                            \
    X(HTTP_STATUS, "http_status")                                                      \
    X(RATE_LIMITED, "rate_limited")                                                    \
    X(UNAUTHORIZED, "unauthorized")                                                    \
    X(BAD_DOCUMENT, "bad_document")                                                    \
    X(FROZEN, "frozen")                                                                \
    X(FILE, "file")

enum source_trouble {
#define X(id, text) SOURCE_TROUBLE_##id,
    SOURCE_TROUBLES(X)
#undef X
        SOURCE_TROUBLE_COUNT
};

/* Where a source reports to. All functions are called on the source's thread. */
struct source_sink {
    /* One decoded record, times by our clock. */
    void (*observe)(void *data, const struct observation *obs);
    /* A record, or `count` fields of one, that could not be used. */
    void (*refuse)(void *data, enum observation_reason reason, unsigned count);
    /* A poll or connection worked; latency_ms < 0 when it has none. */
    void (*good)(void *data, int64_t latency_ms);
    /* It did not, for one line's reason; the next try is in retry_ms. */
    void (*trouble)(void *data, enum source_trouble trouble, const char *text,
                    int64_t retry_ms);
    /* Works, but: one line to show ("8 requests left today"). */
    void (*notice)(void *data, const char *text);
    /* Requests left of a quota. */
    void (*quota)(void *data, int64_t left);
    /* It is over (a recording that does not loop). */
    void (*end)(void *data, const char *text);
    void *data;
};

/* What a source needs to run; outlives it. */
struct source_context {
    struct loop *loop;
    struct http_client *http;
    uint64_t seed; /* of the jitter */
};

/* One kind of source. */
struct source_class {
    const char *scheme;            /* what the URL begins with, without the colon */
    const char *name;              /* default `src` of its records */
    const char *form;              /* for messages: "sim:[?aircraft=N&...]" */
    const char *const *parameters; /* names of its own, NULL-terminated */
    bool web;        /* the rest of the URL is for a web server: strange parameters
                        are passed on instead of refused */
    bool full_state; /* a record lists all that is known: what it leaves out
                        became unknown */
    int64_t poll_ms; /* default; 0 = not polled */
    /* Checks what only it understands of the URL; may be NULL. */
    bool (*check)(const struct source_url *url, struct strbuf *ret_error);
    /* NULL with a line in ret_error. url and context outlive the source. */
    void *(*open)(const struct source_url *url, const struct source_context *context,
                  const struct source_sink *sink, struct strbuf *ret_error);
    void (*close)(void *source);
};

/* The label of a trouble. */
const char *source_trouble_text(enum source_trouble trouble);
