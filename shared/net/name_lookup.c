#include "net/name_lookup.h"

#include <stdlib.h>

#include <uv.h>

#include "base/alloc.h"
#include "base/macros.h"
#include "net/loop.h"

struct name_lookup {
    uv_getaddrinfo_t request;
    name_lookup_fn fn; /* NULL = given up */
    void *data;
    int refused; /* libuv took no request: why */
};

static void answer(struct name_lookup *lookup, int rc, struct addrinfo *found)
{
    if (lookup->fn == NULL)
        uv_freeaddrinfo(found);
    else
        lookup->fn(lookup->data, found, found != NULL ? "" : uv_strerror(rc));
    free(lookup);
}

static void on_found(uv_getaddrinfo_t *request, int rc, struct addrinfo *found)
{
    answer(CONTAINER_OF(request, struct name_lookup, request), rc, found);
}

static void tell_refused(void *data)
{
    struct name_lookup *lookup = data;
    answer(lookup, lookup->refused, NULL);
}

struct name_lookup *name_lookup_start(struct loop *loop, const char *host,
                                      const char *port, name_lookup_fn fn, void *data)
{
    struct name_lookup *lookup = xcalloc(1, sizeof *lookup);
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    lookup->fn = fn;
    lookup->data = data;
    lookup->refused =
        uv_getaddrinfo(loop_uv(loop), &lookup->request, on_found, host, port, &hints);
    if (lookup->refused != 0) /* not at once: the caller does not have it yet */
        loop_post(loop, tell_refused, lookup);
    return lookup;
}

void name_lookup_cancel(struct name_lookup *lookup)
{
    if (lookup == NULL)
        return;
    lookup->fn = NULL;
    if (lookup->refused == 0)
        uv_cancel((uv_req_t *)&lookup->request); /* if no thread has begun it */
}

void name_lookup_release(struct addrinfo *found)
{
    uv_freeaddrinfo(found);
}
