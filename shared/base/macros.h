/*
 * The few macros everyone needs. Nothing here may depend on anything else.
 */
#pragma once

#include <stddef.h>

/* Number of elements of a true array (not of a pointer). */
#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* Lets the compiler check a printf-like format at argument f, values from a. */
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))

/* The struct that holds `member` at address ptr. */
#define CONTAINER_OF(ptr, type, member)                                                \
    ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

#define MIN_OF(a, b) ((a) < (b) ? (a) : (b))
#define MAX_OF(a, b) ((a) > (b) ? (a) : (b))
