/*
 * The answer to one PromQL query as lines over time: what a panel shows. Owned
 * by the app; one thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_t;

enum { METRIC_SERIES_MAX = 8, METRIC_POINTS_MAX = 600, METRIC_LABEL_SIZE = 96 };

struct metric_series {
    char label[METRIC_LABEL_SIZE];
    int64_t times_ms[METRIC_POINTS_MAX];
    double values[METRIC_POINTS_MAX]; /* finite */
    size_t count;
};

struct metric_graph {
    char title[64];
    char panel[32]; /* a panel of the server, or "" */
    char query[512];
    char unit[16];
    int64_t range_s;
    struct metric_series *series; /* METRIC_SERIES_MAX of them, or NULL */
    size_t series_count;
    size_t more;         /* series that the answer had besides */
    int64_t answered_ms; /* the server's clock; 0 = not yet */
    char problem[256];   /* why there is no answer; "" = no problem */
};

/*
 * Takes a `metrics` message: {"series":[{"labels":{},"points":[[t,v]]}]} or
 * Prometheus' own {"data":{"result":[{"metric":{},"values":[[t,"v"]]}]}}.
 */
void metric_graph_take(struct metric_graph *graph, const struct json_t *body,
                       int64_t now_ms);
void metric_graph_clear(struct metric_graph *graph);
void metric_graph_release(struct metric_graph *graph);
