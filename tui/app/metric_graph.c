#include "app/metric_graph.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/alloc.h"

static bool number_of(const json_t *v, double *ret)
{
    double number = nan("");
    if (json_is_number(v)) {
        number = json_number_value(v);
    } else if (json_is_string(v)) {
        char *end;
        number = strtod(json_string_value(v), &end);
        if (*end != '\0')
            return false;
    }
    *ret = number;
    return isfinite(number);
}

/* {job="x",instance="y"} without the name when there are labels to tell by. */
static void write_label(const json_t *labels, char ret[METRIC_LABEL_SIZE])
{
    size_t used = 0;
    const char *key;
    json_t *v;
    ret[0] = '\0';
    json_object_foreach((json_t *)(uintptr_t)labels, key, v)
    {
        const char *text = json_string_value(v);
        if (strcmp(key, "__name__") == 0 || text == NULL ||
            used + 2 >= METRIC_LABEL_SIZE)
            continue;
        int n = snprintf(ret + used, METRIC_LABEL_SIZE - used, "%s%s=%s",
                         used > 0 ? " " : "", key, text);
        used += n > 0 ? (size_t)n : 0;
        used = used < METRIC_LABEL_SIZE ? used : METRIC_LABEL_SIZE - 1;
    }
    const char *name = json_string_value(json_object_get(labels, "__name__"));
    if (used == 0 && name != NULL)
        snprintf(ret, METRIC_LABEL_SIZE, "%s", name);
}

static void add_point(struct metric_series *series, const json_t *pair)
{
    double t, v;
    if (series->count == METRIC_POINTS_MAX || json_array_size(pair) != 2 ||
        !number_of(json_array_get(pair, 0), &t) ||
        !number_of(json_array_get(pair, 1), &v) || t <= 0 || t > 1e11)
        return;
    series->times_ms[series->count] = (int64_t)llround(t * 1000);
    series->values[series->count++] = v;
}

static const json_t *either(const json_t *o, const char *a, const char *b)
{
    const json_t *v = json_object_get(o, a);
    return v != NULL ? v : json_object_get(o, b);
}

static void take_series(struct metric_series *series, const json_t *o)
{
    const json_t *points = either(o, "points", "values");
    series->count = 0;
    write_label(either(o, "labels", "metric"), series->label);
    for (size_t i = 0; i < json_array_size(points); i++)
        add_point(series, json_array_get(points, i));
    const json_t *single = json_object_get(o, "value"); /* an instant answer */
    if (json_is_array(single))
        add_point(series, single);
}

void metric_graph_take(struct metric_graph *graph, const struct json_t *body,
                       int64_t now_ms)
{
    const json_t *data = json_object_get(body, "data");
    const json_t *rows = json_object_get(body, "series");
    if (!json_is_array(rows))
        rows = json_object_get(json_is_object(data) ? data : body, "result");
    const char *error = json_string_value(json_object_get(body, "error"));
    snprintf(graph->problem, sizeof graph->problem, "%s", error != NULL ? error : "");
    graph->answered_ms = now_ms;
    if (graph->series == NULL)
        graph->series = xcalloc(METRIC_SERIES_MAX, sizeof *graph->series);
    size_t n = json_array_size(rows);
    graph->series_count = n < METRIC_SERIES_MAX ? n : METRIC_SERIES_MAX;
    graph->more = n - graph->series_count;
    for (size_t i = 0; i < graph->series_count; i++)
        take_series(&graph->series[i], json_array_get(rows, i));
}

void metric_graph_clear(struct metric_graph *graph)
{
    graph->series_count = 0;
    graph->more = 0;
    graph->answered_ms = 0;
    graph->problem[0] = '\0';
}

void metric_graph_release(struct metric_graph *graph)
{
    free(graph->series);
    graph->series = NULL;
    metric_graph_clear(graph);
}
