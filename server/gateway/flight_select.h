/*
 * Which flights a request is about (box, filter) and the walk over them in an io
 * thread's index. Belongs to one request.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "flight/filter.h"
#include "flight/geo.h"

struct flight;
struct flight_index;
struct route_context;

struct flight_select {
    bool has_box;
    struct geo_box_fixed box;
    struct filter *filter; /* owned; NULL = all */
    struct filter_context seen_from;
};

/*
 * Reads bbox and filter (each may be NULL). NULL, or the code of the error
 * ("bad_request", "bad_filter") with its text in ret_error; release either way.
 */
const char *flight_select_init(struct flight_select *select,
                               const struct route_context *context, const char *bbox,
                               const char *filter, struct strbuf *ret_error);
void flight_select_release(struct flight_select *select);

bool flight_select_matches(const struct flight_select *select, const struct flight *f);

/*
 * Calls visit for the first limit matching flights, in order of slot; returns
 * how many match.
 */
typedef void (*flight_visit_fn)(void *data, const struct flight *f);
size_t flight_select_visit(const struct flight_select *select,
                           const struct flight_index *index, size_t limit,
                           flight_visit_fn visit, void *data);
