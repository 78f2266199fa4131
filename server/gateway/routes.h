/*
 * Every path that is served, one row each. Constant data.
 */
#pragma once

#include <stddef.h>

struct route;

/* The gateway's rows: everything. */
const struct route *routes_gateway(size_t *ret_count);

/* The rows that every role has: health and metrics. */
const struct route *routes_telemetry(size_t *ret_count);
