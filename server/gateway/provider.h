/*
 * Who answers what the gateway does not know itself: the `metrics` and `logs`
 * channels and `query`. Implemented over server/upstream, given to the web
 * server at construction (NULL = backend_unavailable). open, close and query
 * are called on an io thread; answers may come from any thread.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct feed_port;
struct query_reply;
struct strbuf;

/*
 * A channel subscription's own parameters, NULL when not given. Identical ones
 * share one opening per io thread.
 */
struct provider_request {
    const char *channel; /* "metrics", "logs"; for query the target */
    const char *panel;
    const char *query;
    const char *range;
    const char *step;
    const char *level;
    const char *service;
    const char *json; /* the whole client message, for what is not above */
    size_t json_len;
};

struct provider {
    void *data;
    /*
     * Starts to feed `port` (take a feed_port_ref to keep it) until close.
     * Returns a handle, or NULL with an error code of wire_messages.def
     * ("backend_unavailable", "bad_request") and a message.
     */
    void *(*open)(void *data, const struct provider_request *request,
                  struct feed_port *port, const char **ret_code,
                  struct strbuf *ret_message);
    void (*close)(void *data, void *handle);
    /* One question, one answer through the reply, which is taken. */
    void (*query)(void *data, const struct provider_request *request,
                  struct query_reply *take_reply);
};

/* Any thread. Exactly one of the two, once. `json` is the value of "result". */
void query_reply_result(struct query_reply *take_reply, const char *json, size_t len);
void query_reply_error(struct query_reply *take_reply, const char *code,
                       const char *message, int64_t retry_ms);
