/*
 * Prometheus' HTTP API v1 (also spoken by Thanos, Mimir, VictoriaMetrics):
 * instant and range queries, made into series of points. Pure.
 *
 * Our answer: "query", "panel"?, "unit"?, "start", "end", "step" (seconds; step 0
 * = an instant), "series":[{"labels":{..},"points":[[t,v],..]}], "truncated"?,
 * "warnings"?; a value that is not a number is null, an infinite one a text.
 */
#pragma once

struct upstream_class;

extern const struct upstream_class prometheus_class;

enum {
    PROMETHEUS_SERIES_MAX = 100,
    PROMETHEUS_POINTS_MAX = 2000,  /* of one series */
    PROMETHEUS_SAMPLES_MAX = 50000 /* of one answer */
};
