/*
 * What a question to Prometheus becomes, and what is made of its answers: the
 * good ones, its refusals, and what is no answer of Prometheus at all.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "upstream/prometheus.h"
#include "upstream/upstream_class.h"

static const int64_t NOW_MS = INT64_C(1700000007000);

#define ARG(name) UPSTREAM_ARG_##name

static void a_question_becomes_a_path(void **state)
{
    (void)state;
    static const struct {
        struct upstream_args args;
        const char *path; /* NULL = refused */
        const char *error;
    } rows[] = {
        {{{[ARG(QUERY)] = "up"}}, "/api/v1/query?query=up&time=1700000007.000", ""},
        {{{[ARG(QUERY)] = "up", [ARG(END)] = "1700000000.5"}},
         "/api/v1/query?query=up&time=1700000000.500",
         ""},
        {{{[ARG(QUERY)] = "a b", [ARG(RANGE)] = "1m", [ARG(STEP)] = "10s"}},
         "/api/v1/"
         "query_range?query=a%20b&start=1699999940.000&end=1700000000.000&step=10.000",
         ""},
        {{{[ARG(PANEL)] = "up"}},
         "/api/v1/"
         "query_range?query=up&start=1699999095.000&end=1699999995.000&step=15.000",
         ""},
        {{{[ARG(PANEL)] = "nothing"}}, NULL, "panel: no panel of that name"},
        {{{[ARG(QUERY)] = "up", [ARG(PANEL)] = "up"}},
         NULL,
         "panel and query: one of the two expected"},
        {{{NULL}}, NULL, "query: PromQL expected, or panel with a name"},
        {{{[ARG(QUERY)] = "up", [ARG(RANGE)] = "much"}},
         NULL,
         "range: a duration like 15m expected"},
        {{{[ARG(QUERY)] = "up", [ARG(STEP)] = "10ms"}},
         NULL,
         "step: at least 1s expected"},
        {{{[ARG(QUERY)] = "up", [ARG(RANGE)] = "1d", [ARG(STEP)] = "1s"}},
         NULL,
         "step: too small for this range (2000 points at most)"},
        {{{[ARG(QUERY)] = "up", [ARG(END)] = "soon"}},
         NULL,
         "end: epoch seconds or RFC 3339 expected"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct upstream_plan plan;
        struct strbuf error;
        strbuf_init(&error, UPSTREAM_MESSAGE_MAX);
        upstream_plan_init(&plan);
        const int rc = prometheus_class.plan(&rows[i].args, NOW_MS, &plan, &error);
        assert_int_equal(rc == 0, rows[i].path != NULL);
        if (rows[i].path)
            assert_string_equal(strbuf_text(&plan.path), rows[i].path);
        assert_string_equal(strbuf_text(&error), rows[i].error);
        upstream_plan_release(&plan);
        strbuf_release(&error);
    }
}

#define JSON_TYPE "application/json"

static const struct {
    int status;
    const char *type;
    const char *body;
    enum upstream_verdict verdict;
    const char *part; /* of our text */
} answers[] = {
    {200, JSON_TYPE,
     "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[{"
     "\"metric\":{\"job\":\"a\"},"
     "\"values\":[[1700000000,\"1\"],[1700000015,\"2.5\"]]}]}}",
     UPSTREAM_GOOD,
     "\"series\":[{\"labels\":{\"job\":\"a\"},\"points\":[[1700000000,1],["
     "1700000015,2.5]]}]"},
    {200, JSON_TYPE,
     "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[{"
     "\"metric\":{},"
     "\"value\":[1700000000.5,\"NaN\"]}]}}",
     UPSTREAM_GOOD, "\"series\":[{\"labels\":{},\"points\":[[1700000000.5,null]]}]"},
    {200, JSON_TYPE,
     "{\"status\":\"success\",\"data\":{\"resultType\":\"scalar\",\"result\":["
     "1700000000,\"-Inf\"]}}",
     UPSTREAM_GOOD, "\"points\":[[1700000000,\"-Inf\"]]"},
    {200, JSON_TYPE,
     "{\"status\":\"success\",\"warnings\":[\"slow\"],\"data\":{\"resultType\":"
     "\"vector\",\"result\":[]}}",
     UPSTREAM_GOOD, "\"series\":[],\"warnings\":[\"slow\"]"},
    {400, JSON_TYPE,
     "{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":\"1:4: parse "
     "error\"}",
     UPSTREAM_REFUSED, "bad_data: 1:4: parse error"},
    {503, JSON_TYPE,
     "{\"status\":\"error\",\"errorType\":\"timeout\",\"error\":\"query timed "
     "out\"}",
     UPSTREAM_BAD, "timeout: query timed out"},
    {500, "text/plain", "boom", UPSTREAM_BAD, "answered 500"},
    {200, "text/html", "<html></html>", UPSTREAM_BAD,
     "answered text/html where Prometheus' JSON was expected"},
    {200, JSON_TYPE, "{\"hits\":{}}", UPSTREAM_BAD,
     "its answer is not Prometheus' JSON"},
    {200, JSON_TYPE, "{\"status\":\"success\"}", UPSTREAM_BAD,
     "its answer is not Prometheus' JSON"},
    {200, JSON_TYPE,
     "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[{"
     "\"metric\":{},\"values\":[[1]]}]}}",
     UPSTREAM_BAD, "its answer is not Prometheus' JSON"},
    {200, JSON_TYPE, "{\"status\":\"success\",", UPSTREAM_BAD,
     "its answer is not Prometheus' JSON"},
    {200, "", "", UPSTREAM_BAD,
     "answered without a type where Prometheus' JSON was expected"},
};

static void an_answer_becomes_ours_or_a_plain_error(void **state)
{
    (void)state;
    const struct upstream_args args = {{[ARG(QUERY)] = "up"}};
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        struct upstream_plan plan;
        struct strbuf text;
        strbuf_init(&text, UPSTREAM_RESULT_MAX);
        upstream_plan_init(&plan);
        const struct upstream_reply reply = {.status = answers[i].status,
                                             .content_type = answers[i].type,
                                             .product = "",
                                             .body = answers[i].body,
                                             .len = strlen(answers[i].body)};
        assert_int_equal(prometheus_class.digest(&args, &plan, &reply, &text),
                         answers[i].verdict);
        assert_non_null(strstr(strbuf_text(&text), answers[i].part));
        upstream_plan_release(&plan);
        strbuf_release(&text);
    }
}

static void too_many_series_are_cut_and_said(void **state)
{
    (void)state;
    const struct upstream_args args = {{[ARG(QUERY)] = "up"}};
    struct strbuf body;
    struct strbuf text;
    struct upstream_plan plan;
    strbuf_init(&body, 1 << 20);
    strbuf_init(&text, UPSTREAM_RESULT_MAX);
    upstream_plan_init(&plan);
    strbuf_add_text(
        &body,
        "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[");
    for (int i = 0; i < PROMETHEUS_SERIES_MAX + 1; i++)
        strbuf_addf(&body, "%s{\"metric\":{\"n\":\"%d\"},\"value\":[1,\"1\"]}",
                    i ? "," : "", i);
    strbuf_add_text(&body, "]}}");
    const struct upstream_reply reply = {.status = 200,
                                         .content_type = JSON_TYPE,
                                         .product = "",
                                         .body = body.data,
                                         .len = body.len};
    assert_int_equal(prometheus_class.digest(&args, &plan, &reply, &text),
                     UPSTREAM_GOOD);
    assert_non_null(strstr(strbuf_text(&text), "{\"n\":\"99\"}"));
    assert_null(strstr(strbuf_text(&text), "{\"n\":\"100\"}"));
    assert_non_null(strstr(strbuf_text(&text), ",\"truncated\":true"));
    upstream_plan_release(&plan);
    strbuf_release(&text);
    strbuf_release(&body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_question_becomes_a_path),
        cmocka_unit_test(an_answer_becomes_ours_or_a_plain_error),
        cmocka_unit_test(too_many_series_are_cut_and_said),
    };
    return cmocka_run_group_tests_name("prometheus", tests, NULL, NULL);
}
