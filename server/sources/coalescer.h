/*
 * Gathers the small messages of a busy port into one observation per aircraft:
 * what was said last of each field, at the time of the last message. A receiver
 * writes thousands of lines a second for a few hundred aircraft. One thread.
 */
#pragma once

#include <stddef.h>

#include "flight/observation.h"

enum { COALESCER_MAX = 8192 }; /* aircraft; flushed early when reached */

typedef void (*coalescer_fn)(void *data, const struct observation *obs);

struct coalescer;

/* flushed is called for each aircraft, in order of its first message. */
struct coalescer *coalescer_new(coalescer_fn flushed, void *data);
void coalescer_free(struct coalescer *c); /* what is inside is dropped; NULL accepted */

void coalescer_add(struct coalescer *c, const struct observation *obs);
void coalescer_flush(struct coalescer *c);
