/*
 * Asks a web server for a document of rows every poll_ms, decodes it, and
 * reports to the source's sink. Fails softly: grows its pauses with jitter,
 * honours Retry-After, and says of anything that is not such a document what it
 * is instead. Used by all polled sources; one thread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "sources/document.h"
#include "sources/source.h"

struct http_result;
struct poller;

enum {
    POLLER_BODY_MAX = 32 << 20,
    POLLER_TIMEOUT_MS = 20000,
    POLLER_PAUSE_MAX_MS = 300000,   /* of our own pauses; at most 60 polls, too */
    POLLER_RETRY_MAX_MS = 86400000, /* the most that a Retry-After is believed */
    POLLER_AUTH_PAUSE_MS = 60000    /* at least, after 401 or 403 */
};

struct poller_config {
    const char *url;
    const char *ca_file; /* NULL = the system's */
    int64_t poll_ms;
    const struct document_format *format;
    const struct source_context *context;
    const struct source_sink *sink;
    /* Called when a poll is due; false: the owner calls poller_go or poller_fail
     * later. NULL = always ready. */
    bool (*prepare)(void *owner);
    /* Sees every HTTP answer before the poller does; may call poller_pace. True:
     * ask again at once (a token was refused). NULL = not interested. */
    bool (*answered)(void *owner, const struct http_result *result);
    void *owner;
};

/* Polls at once. Texts are copied; context and sink are copied as values. */
struct poller *poller_new(const struct poller_config *config);
void poller_free(struct poller *p); /* accepts NULL; not from within its callbacks */

/* Sends the request of this poll; bearer may be NULL. */
void poller_go(struct poller *p, const char *bearer);

/* This poll failed before it was sent; retry_after_ms < 0 = as the pauses grow. */
void poller_fail(struct poller *p, enum source_trouble trouble, const char *text,
                 int64_t retry_after_ms);

/* The poller's reading of an answer that has failed: trouble and one line. */
enum source_trouble poller_explain(const struct http_result *result,
                                   struct strbuf *ret_text);

/* From now on at least this long between polls (0 = the configured time). */
void poller_pace(struct poller *p, int64_t least_ms);
