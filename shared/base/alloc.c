#include "base/alloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *checked(void *p, size_t n, size_t size)
{
    if (p == NULL && n != 0 && size != 0) {
        fprintf(stderr, "flightdash: out of memory (%zu x %zu bytes)\n", n, size);
        abort();
    }
    return p;
}

void *xmalloc(size_t size)
{
    return checked(malloc(size), 1, size);
}

void *xcalloc(size_t n, size_t size)
{
    return checked(calloc(n, size), n, size);
}

void *xreallocarray(void *p, size_t n, size_t size)
{
    return checked(reallocarray(p, n, size), n, size);
}

char *xstrdup(const char *s)
{
    return checked(strdup(s), 1, 1);
}

char *xstrndup(const char *s, size_t n)
{
    return checked(strndup(s, n), 1, 1);
}
