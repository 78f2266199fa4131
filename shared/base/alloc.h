/*
 * Allocation that cannot fail: out of memory ends the process with one line on
 * stderr, so that no half-tested recovery path exists. Free with free().
 * Any thread may call.
 */
#pragma once

#include <stddef.h>

/* size bytes, not cleared. */
void *xmalloc(size_t size);

/* n elements of size bytes, cleared; aborts when the product overflows. */
void *xcalloc(size_t n, size_t size);

/* Grows or shrinks p (or NULL) to n elements of size bytes. */
void *xreallocarray(void *p, size_t n, size_t size);

/* A copy of the text s. */
char *xstrdup(const char *s);

/* A copy of at most n bytes of s, always terminated. */
char *xstrndup(const char *s, size_t n);
