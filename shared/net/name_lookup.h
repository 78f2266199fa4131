/*
 * Looks a host's addresses up without stopping the loop: the system's resolver
 * works on one of libuv's few threads. Each call may be given up; the resolver
 * then finishes for nobody. The loop's thread.
 */
#pragma once

#include <netdb.h>

struct loop;
struct name_lookup;

/*
 * found: the addresses, to be released with name_lookup_release, or NULL with a
 * reason in error_text (a static text).
 */
typedef void (*name_lookup_fn)(void *data, struct addrinfo *found,
                               const char *error_text);

/* Asks for stream addresses; fn is called once, never inside this call. */
struct name_lookup *name_lookup_start(struct loop *loop, const char *host,
                                      const char *port, name_lookup_fn fn, void *data);

/* fn is not called any more. Accepts NULL; not after fn was called. */
void name_lookup_cancel(struct name_lookup *lookup);

void name_lookup_release(struct addrinfo *found); /* accepts NULL */
