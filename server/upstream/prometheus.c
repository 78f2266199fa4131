#include "upstream/prometheus.h"

#include <errno.h>
#include <math.h>

#include <jansson.h>

#include "base/macros.h"
#include "upstream/panels.h"
#include "upstream/time_text.h"
#include "upstream/upstream_class.h"

enum { STEP_MIN_MS = 1000, STEP_DEFAULT_MS = 15000, RANGE_DEFAULT_MS = 15 * 60 * 1000 };
enum { PERIOD_MIN_MS = 1000, PERIOD_MAX_MS = 60000, INSTANT_PERIOD_MS = 5000 };

/* The PromQL text that the arguments name. */
static const char *query_of(const struct upstream_args *args,
                            const struct panel **ret_panel, struct strbuf *ret_error)
{
    const char *name = upstream_arg_text(args, UPSTREAM_ARG_PANEL);
    const char *query = upstream_arg_text(args, UPSTREAM_ARG_QUERY);
    *ret_panel = name ? panel_find(name) : NULL;
    if (name && query)
        upstream_refuse(ret_error, "panel and query: one of the two expected");
    else if (!name && !query)
        upstream_refuse(ret_error, "query: PromQL expected, or panel with a name");
    else if (name && !*ret_panel)
        upstream_refuse(ret_error, "panel: no panel of that name");
    else
        return query ? query : (*ret_panel)->query;
    return NULL;
}

/* Window and step; a panel without a range gets the default one. */
static int window_of(const struct upstream_args *args, bool is_panel, int64_t now_ms,
                     struct upstream_plan *plan, struct strbuf *ret_error)
{
    const char *range = upstream_arg_text(args, UPSTREAM_ARG_RANGE);
    const char *step = upstream_arg_text(args, UPSTREAM_ARG_STEP);
    const char *end = upstream_arg_text(args, UPSTREAM_ARG_END);
    int64_t range_ms = is_panel || step ? RANGE_DEFAULT_MS : 0;
    plan->step_ms = STEP_DEFAULT_MS;
    plan->end_ms = now_ms;
    if (range && !time_text_duration(range, &range_ms))
        return upstream_refuse(ret_error, "range: a duration like 15m expected");
    if (step && !time_text_duration(step, &plan->step_ms))
        return upstream_refuse(ret_error, "step: a duration like 15s expected");
    if (end && !time_text_moment(end, &plan->end_ms))
        return upstream_refuse(ret_error, "end: epoch seconds or RFC 3339 expected");
    if (plan->step_ms < STEP_MIN_MS)
        return upstream_refuse(ret_error, "step: at least 1s expected");
    if (range_ms / plan->step_ms >= PROMETHEUS_POINTS_MAX)
        return upstream_refuse(ret_error,
                               "step: too small for this range (2000 points at most)");
    if (range_ms == 0)
        plan->step_ms = 0;
    /* Equal questions of one step are one question, and graphs move by whole steps. */
    if (!end)
        plan->end_ms -= plan->end_ms % (plan->step_ms ? plan->step_ms : 1000);
    plan->start_ms = plan->end_ms - range_ms;
    return 0;
}

static void add_time(struct upstream_plan *plan, const char *name, int64_t at_ms)
{
    char text[32];
    snprintf(text, sizeof text, "%lld.%03d", (long long)(at_ms / 1000),
             (int)(at_ms % 1000));
    upstream_plan_param(plan, name, text);
}

static int prometheus_plan(const struct upstream_args *args, int64_t now_ms,
                           struct upstream_plan *ret_plan, struct strbuf *ret_error)
{
    const struct panel *panel = NULL;
    const char *query = query_of(args, &panel, ret_error);
    if (!query)
        return -EINVAL;
    const int rc = window_of(args, panel != NULL, now_ms, ret_plan, ret_error);
    if (rc != 0)
        return rc;
    strbuf_add_text(&ret_plan->path,
                    ret_plan->step_ms ? "/api/v1/query_range" : "/api/v1/query");
    upstream_plan_param(ret_plan, "query", query);
    if (ret_plan->step_ms) {
        add_time(ret_plan, "start", ret_plan->start_ms);
        add_time(ret_plan, "end", ret_plan->end_ms);
        add_time(ret_plan, "step", ret_plan->step_ms);
    } else {
        add_time(ret_plan, "time", ret_plan->end_ms);
    }
    const int64_t period_ms = ret_plan->step_ms ? ret_plan->step_ms : INSTANT_PERIOD_MS;
    ret_plan->period_ms =
        MAX_OF(MIN_OF(period_ms, PERIOD_MAX_MS), (int64_t)PERIOD_MIN_MS);
    ret_plan->fresh_ms = MIN_OF(ret_plan->period_ms, (int64_t)5000);
    if (ret_plan->path.overflowed)
        return upstream_refuse(ret_error, "query: too long");
    return 0;
}

static void prometheus_ping(struct upstream_plan *ret_plan)
{
    strbuf_add_text(&ret_plan->path, "/api/v1/query");
    upstream_plan_param(ret_plan, "query", "vector(1)");
}

/* ---- the answer ---- */

/* How much has been written of an answer. */
struct writing {
    struct strbuf *out;
    size_t series;
    size_t samples;
    bool truncated;
};

/* A sample's value is a text; only what is a number becomes one. */
static void write_value(const char *text, struct strbuf *out)
{
    char *end = NULL;
    const double value = text ? strtod(text, &end) : (double)NAN;
    if (!text || *end || end == text || isnan(value))
        strbuf_add_text(out, "null");
    else if (isinf(value))
        strbuf_add_text(out, value > 0 ? "\"+Inf\"" : "\"-Inf\"");
    else
        strbuf_addf(out, "%.12g", value);
}

/* A time beyond this (the year 5138) is no time, and would not fit in ms. */
#define SECONDS_MAX 1e11

static bool write_point(const json_t *point, struct writing *w, bool first)
{
    const json_t *at = json_array_get(point, 0);
    const json_t *value = json_array_get(point, 1);
    if (!json_is_number(at) || !json_is_string(value) ||
        !(fabs(json_number_value(at)) < SECONDS_MAX))
        return false;
    strbuf_add_text(w->out, first ? "[" : ",[");
    strbuf_add_fixed(w->out, (int64_t)(json_number_value(at) * 1e3 + 0.5), 3);
    strbuf_add_char(w->out, ',');
    write_value(json_string_value(value), w->out);
    strbuf_add_char(w->out, ']');
    w->samples++;
    return true;
}

static bool write_labels(const json_t *labels, struct strbuf *out)
{
    const char *key = NULL;
    json_t *value = NULL;
    bool first = true;
    json_object_foreach((json_t *)(uintptr_t)labels, key, value)
    {
        const char *text = json_string_value(value);
        if (!text)
            return false;
        if (!first)
            strbuf_add_char(out, ',');
        first = false;
        strbuf_add_json(out, key, strlen(key));
        strbuf_add_char(out, ':');
        strbuf_add_json(out, text, strlen(text));
    }
    return true;
}

/* points: [[t,"v"],...] of a matrix, or the one [t,"v"] of a vector. */
static bool write_series(const json_t *labels, const json_t *points, bool one,
                         struct writing *w)
{
    const size_t n = one ? 1 : json_array_size(points);
    if (w->series >= PROMETHEUS_SERIES_MAX || w->samples + n > PROMETHEUS_SAMPLES_MAX) {
        w->truncated = true;
        return true;
    }
    strbuf_add_text(w->out, w->series++ > 0 ? ",{\"labels\":{" : "{\"labels\":{");
    if (!write_labels(labels, w->out))
        return false;
    strbuf_add_text(w->out, "},\"points\":[");
    for (size_t i = 0; i < n; i++)
        if (!write_point(one ? points : json_array_get(points, i), w, i == 0))
            return false;
    strbuf_add_text(w->out, "]}");
    return true;
}

static bool write_result(const json_t *data, struct writing *w)
{
    const char *type = json_string_value(json_object_get(data, "resultType"));
    const json_t *result = json_object_get(data, "result");
    if (!type || !json_is_array(result))
        return false;
    if (strcmp(type, "scalar") == 0)
        return write_series(NULL, result, true, w);
    const bool one = strcmp(type, "vector") == 0;
    if (!one && strcmp(type, "matrix") != 0)
        return false;
    for (size_t i = 0; i < json_array_size(result); i++) {
        const json_t *series = json_array_get(result, i);
        const json_t *labels = json_object_get(series, "metric");
        const json_t *points = json_object_get(series, one ? "value" : "values");
        if (!json_is_object(labels) || !json_is_array(points) ||
            !write_series(labels, points, one, w))
            return false;
    }
    return true;
}

static void write_head(const struct upstream_args *args,
                       const struct upstream_plan *plan, struct strbuf *out)
{
    const char *name = upstream_arg_text(args, UPSTREAM_ARG_PANEL);
    const struct panel *panel = name ? panel_find(name) : NULL;
    const char *query =
        panel ? panel->query : upstream_arg_text(args, UPSTREAM_ARG_QUERY);
    strbuf_add_text(out, "\"query\":");
    strbuf_add_json(out, query ? query : "", query ? strlen(query) : 0);
    if (panel)
        strbuf_addf(out, ",\"panel\":\"%s\",\"title\":\"%s\",\"unit\":\"%s\"",
                    panel->name, panel->title, panel->unit);
    strbuf_add_text(out, ",\"start\":");
    strbuf_add_fixed(out, plan->start_ms, 3);
    strbuf_add_text(out, ",\"end\":");
    strbuf_add_fixed(out, plan->end_ms, 3);
    strbuf_add_text(out, ",\"step\":");
    strbuf_add_fixed(out, plan->step_ms, 3);
}

static void write_warnings(const json_t *root, struct strbuf *out)
{
    const json_t *warnings = json_object_get(root, "warnings");
    if (json_array_size(warnings) == 0)
        return;
    strbuf_add_text(out, ",\"warnings\":[");
    for (size_t i = 0; i < json_array_size(warnings) && i < 10; i++) {
        const char *text = json_string_value(json_array_get(warnings, i));
        strbuf_add_text(out, i > 0 ? "," : "");
        strbuf_add_json(out, text ? text : "", text ? strnlen(text, 300) : 0);
    }
    strbuf_add_char(out, ']');
}

static enum upstream_verdict digest_good(const struct upstream_args *args,
                                         const struct upstream_plan *plan,
                                         const json_t *root, struct strbuf *ret_text)
{
    struct writing w = {.out = ret_text};
    write_head(args, plan, ret_text);
    strbuf_add_text(ret_text, ",\"series\":[");
    const bool whole = write_result(json_object_get(root, "data"), &w);
    strbuf_add_char(ret_text, ']');
    if (w.truncated)
        strbuf_add_text(ret_text, ",\"truncated\":true");
    write_warnings(root, ret_text);
    if (whole && !ret_text->overflowed)
        return UPSTREAM_GOOD;
    const bool overflowed = ret_text->overflowed;
    strbuf_clear(ret_text);
    strbuf_add_text(ret_text, overflowed ? "its answer is too large"
                                         : "its answer is not Prometheus' JSON");
    return UPSTREAM_BAD;
}

/* bad_data and execution are the question's fault, the rest is the server's. */
static enum upstream_verdict digest_error(const struct upstream_reply *reply,
                                          const json_t *root, struct strbuf *ret_text)
{
    const char *type = json_string_value(json_object_get(root, "errorType"));
    const char *error = json_string_value(json_object_get(root, "error"));
    if (!type || !error) {
        upstream_reply_explain(reply, "Prometheus' JSON", ret_text);
        return UPSTREAM_BAD;
    }
    strbuf_addf(ret_text, "%.60s: %.400s", type, error);
    const bool ours = reply->status == 400 || reply->status == 422;
    return ours ? UPSTREAM_REFUSED : UPSTREAM_BAD;
}

static enum upstream_verdict prometheus_digest(const struct upstream_args *args,
                                               const struct upstream_plan *plan,
                                               const struct upstream_reply *reply,
                                               struct strbuf *ret_text)
{
    json_t *root = json_loadb(reply->body, reply->len, 0, NULL);
    const char *status = json_string_value(json_object_get(root, "status"));
    enum upstream_verdict verdict = UPSTREAM_BAD;
    if (status && strcmp(status, "success") == 0 && reply->status == 200)
        verdict = digest_good(args, plan, root, ret_text);
    else
        verdict = digest_error(reply, root, ret_text);
    json_decref(root);
    return verdict;
}

const struct upstream_class prometheus_class = {
    .name = "prometheus",
    .target = UPSTREAM_METRICS,
    .ping = prometheus_ping,
    .plan = prometheus_plan,
    .digest = prometheus_digest,
};
