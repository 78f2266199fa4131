/*
 * Builds the roles that were asked for, connects them, runs them on their
 * threads and takes them down in reverse: the one place that knows all parts.
 * Main thread, except where said.
 */
#pragma once

#include <stdint.h>

struct config;
struct loop;
struct roles;
struct strbuf;

enum {
    ROLES_READY_WAIT_MS = 5000, /* for Kafka, before serving stale data */
    ROLES_CATCH_UP_MS = 60000,  /* for a backlog, before serving a part of it */
    ROLES_CLIENTS_MS = 2000,    /* for clients to leave when draining */
    ROLES_FLUSH_MS = 5000       /* from SIGTERM: what Kafka has not by then is lost */
};

/* Both are called on the main loop. */
struct roles_events {
    void (*on_ready)(void *data);   /* serving: print the ready line now */
    void (*on_drained)(void *data); /* nothing left to do: stop the loop */
};

/*
 * Starts everything. NULL with one line in ret_error, and nothing left running,
 * when a part cannot start (a port in use, a bad URL). config must outlive it.
 */
struct roles *roles_start(const struct config *config, struct loop *main_loop,
                          const struct roles_events *events, void *data,
                          struct strbuf *ret_error);

/*
 * Begins the end: readiness off, clients sent away, the producer flushed; then
 * on_drained, within ROLES_CLIENTS_MS; roles_free then waits for the producer's
 * queue until ROLES_FLUSH_MS after this call.
 */
void roles_drain(struct roles *roles);

/* Takes over what SIGHUP may change; 0, or -EINVAL with the old values kept. */
int roles_reload(struct roles *roles, const struct config *config,
                 struct strbuf *ret_error);

/* Stops all threads and frees everything. Accepts NULL. */
void roles_free(struct roles *roles);

/* "role=all http=127.0.0.1:8080 kafka=..."; for the ready line. */
void roles_describe(const struct roles *roles, struct strbuf *out);
