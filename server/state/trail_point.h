/*
 * One point of an aircraft's trail, as it is asked for and shown. A plain value.
 */
#pragma once

#include <stdint.h>

/* A trail point: the wire's precision; alt_ft is INT32_MIN when unknown. */
struct trail_point {
    int64_t at_ms;
    int32_t lat; /* 1e-5 degrees */
    int32_t lon;
    int32_t alt_ft;
};
