/*
 * --filter at the door: lets in the aircraft that match. A filter asks about the
 * whole aircraft, a record tells a part of it; so the gate remembers what was
 * said of each, and when one begins to match it asks for the whole to be sent.
 * One that no longer matches is simply not mentioned any more. One thread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "flight/filter.h"
#include "flight/observation.h"

struct gate;
struct strbuf;

/* NULL with "filter: column N: ..." in ret_error. place is copied. */
struct gate *gate_new(const char *filter, const struct filter_context *place,
                      struct strbuf *ret_error);
void gate_free(struct gate *g); /* accepts NULL */

/*
 * True when the aircraft matches now. *ret_row is its row, borrowed, when it
 * begins to match (send that), and untouched when it did before (send obs).
 */
bool gate_admit(struct gate *g, const struct observation *obs, int64_t now_ms,
                const struct flight **ret_row);

/* Forgets aircraft not heard for ten minutes. */
void gate_expire(struct gate *g, int64_t now_ms);
