/*
 * The filter language, the one implementation for server, terminal and --filter:
 *
 *     alt > 30000 and type ~ "A3*" and not ground and squawk in (7500,7600,7700)
 *
 * flightdash-filter(7) describes it. A filter is immutable once parsed: any
 * thread may match with it. Parsing is total and bounded (FILTER_TEXT_MAX,
 * FILTER_NODES_MAX, FILTER_DEPTH_MAX), matching allocates nothing.
 *
 * Logic has three values: a comparison with an unknown value is unknown, so is
 * `not` of that, and only what is true matches. `unknown FIELD` is the one test
 * that is true of what is not known.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/strbuf.h"
#include "flight/filter_limits.h"
#include "flight/flight.h"
#include "flight/geo.h"

struct filter;

/* What a flight is seen from: now, and the place that dist and bearing are from. */
struct filter_context {
    int64_t now_ms;
    bool has_home;
    struct geo_point home;
};

/*
 * The filter, or NULL with "column N: what is wrong" added to ret_error (N counts
 * characters from 1). An empty or blank expression matches everything.
 */
struct filter *filter_parse(const char *text, struct strbuf *ret_error);

/* NULL is accepted. */
void filter_free(struct filter *filter);

/* True when the expression is true of the flight. A NULL filter matches all. */
bool filter_match(const struct filter *filter, const struct flight *f,
                  const struct filter_context *context);

/* The canonical text: parses to the same filter, equal for equal expressions. */
const char *filter_text(const struct filter *filter);

/* The set of fields whose change may change the answer. */
uint64_t filter_fields(const struct filter *filter);

/* True when the answer may change by time alone (age, seen_pos). */
bool filter_reads_time(const struct filter *filter);

/* True when the answer depends on context->home (dist, bearing). */
bool filter_reads_home(const struct filter *filter);

/* The i-th field name, for completion; NULL past the last. */
const char *filter_field_name(size_t i);
