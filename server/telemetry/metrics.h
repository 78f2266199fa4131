/*
 * Counters, gauges and histograms of one process, written by any thread with
 * one atomic add, read by the /metrics route. Which metrics exist is
 * metrics.def; a metric with a label has one cell per label value, created on
 * first use and at most METRICS_CELLS_MAX (later values share the cell
 * "other"). Cells live as long as their struct metrics: look one up once, keep
 * the pointer, add to it on the hot path.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct strbuf;
struct metrics;
struct metric_cell;

enum { METRICS_CELLS_MAX = 256 };

enum metric_id {
#define METRIC(id, ...) METRIC_##id,
#include "telemetry/metrics.def"
#undef METRIC
    METRIC_COUNT
};

struct metrics *metrics_new(void);
void metrics_free(struct metrics *m);

/* The cell without labels. */
struct metric_cell *metrics_cell(struct metrics *m, enum metric_id id);

/* The cell of label values (as many as metrics.def names; NULL for those left out). */
struct metric_cell *metrics_cell_of(struct metrics *m, enum metric_id id,
                                    const char *value1, const char *value2);

/* Counter or gauge += n. */
void metric_add(struct metric_cell *cell, int64_t n);

/* Gauge = value. */
void metric_set(struct metric_cell *cell, double value);

/* One sample of a histogram, in the metric's unit (seconds, bytes). */
void metric_observe(struct metric_cell *cell, double value);

/* The current value of a counter or gauge. */
double metric_value(const struct metric_cell *cell);

/* Short forms for what is not hot. */
void metrics_add(struct metrics *m, enum metric_id id, int64_t n);
void metrics_add_to(struct metrics *m, enum metric_id id, const char *value1,
                    int64_t n);
void metrics_set(struct metrics *m, enum metric_id id, double value);
void metrics_set_to(struct metrics *m, enum metric_id id, const char *value1,
                    double value);
double metrics_value(struct metrics *m, enum metric_id id);

/* Sum over all cells of a metric. */
double metrics_sum(struct metrics *m, enum metric_id id);

/* Writes everything as Prometheus text 0.0.4, or OpenMetrics 1.0.0. */
void metrics_write(struct metrics *m, bool openmetrics, struct strbuf *out);
