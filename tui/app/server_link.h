/*
 * The WebSocket to flightdashd: connects, says what arrives, notices silence,
 * reconnects with growing, jittered delays. The one user of libwebsockets in the
 * terminal; it runs on the terminal's own loop. One thread.
 */
#pragma once

#include <stdbool.h>

#include "app/app.h"

struct loop;
struct record;
struct server_link;
struct strbuf;

struct server_link_config {
    const char *url;              /* ws://HOST[:PORT][/PATH] or wss://... */
    const char *ca_file;          /* NULL = the system's */
    const char *token;            /* NULL = none */
    void (*on_frame)(void *data); /* something arrived or changed */
    struct record *record;        /* keeps every frame; NULL = none; borrowed */
    void *data;
};

/* NULL with a sentence in ret_error when the URL is none. Starts to connect. */
struct server_link *server_link_new(struct loop *loop, struct app *app,
                                    const struct server_link_config *config,
                                    struct strbuf *ret_error);
void server_link_free(struct server_link *link); /* accepts NULL */

/* Connects again now, whatever the state. */
void server_link_reconnect(struct server_link *link);

/* Looks whether the link is silent; call about once a second. */
void server_link_check(struct server_link *link);
