/*
 * Everything over HTTP that is not a flight: health, metrics, services, alerts,
 * upstream questions, and the description of all of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#include "fake_exchange.h"
#include "gateway/routes.h"
#include "monitor/alert_table.h"
#include "monitor/news.h"
#include "monitor/service_table.h"
#include "net/loop.h"
#include "state/flight_index.h"
#include "telemetry/health.h"
#include "telemetry/metrics.h"
#include "upstream/upstream.h"

struct world {
    struct loop *loop;
    struct metrics *metrics;
    struct health_board *board;
    struct news *news;
    struct flight_index *index;
    struct upstream *upstream;
    struct route_context context;
    struct http_exchange x;
};

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    size_t route_count = 0;
    w->loop = loop_new();
    w->metrics = metrics_new();
    w->board = health_board_new();
    w->news = news_new(NULL, w->metrics);
    w->index = flight_index_new();
    w->context = (struct route_context){.index = w->index,
                                        .loop = w->loop,
                                        .metrics = w->metrics,
                                        .health = w->board,
                                        .services = news_services(w->news),
                                        .alerts = news_alerts(w->news),
                                        .routes = routes_gateway(&route_count),
                                        .role = "gateway"};
    w->context.route_count = (unsigned)route_count;
    w->x.context = &w->context;
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    free(w->x.body);
    upstream_free(w->upstream);
    flight_index_free(w->index);
    news_free(w->news);
    health_board_free(w->board);
    metrics_free(w->metrics);
    loop_free(w->loop);
    free(w);
    return 0;
}

static void readiness_follows_the_board(void **state)
{
    struct world *w = *state;
    json_decref(fake_get_json(&w->x, "/livez"));
    assert_int_equal(w->x.status, 200);
    json_decref(fake_get_json(&w->x, "/readyz"));
    assert_int_equal(w->x.status, 503);
    health_board_ready(w->board, true);
    json_decref(fake_get_json(&w->x, "/readyz"));
    assert_int_equal(w->x.status, 200);
    health_board_draining(w->board);
    json_decref(fake_get_json(&w->x, "/readyz"));
    assert_int_equal(w->x.status, 503);
    assert_non_null(strstr(w->x.body, "draining"));
    assert_string_equal(w->x.content_type, "application/health+json");
}

static void health_is_503_only_for_a_failure(void **state)
{
    struct world *w = *state;
    health_set(w->board, "redis", HEALTH_FAIL, HEALTH_NO_LATENCY, "refused");
    json_t *root = fake_get_json(&w->x, "/healthz");
    assert_int_equal(w->x.status, 200);
    assert_string_equal(json_string_value(json_object_get(root, "status")), "warn");
    json_decref(root);
    health_set(w->board, "kafka", HEALTH_FAIL, HEALTH_NO_LATENCY, "refused");
    json_decref(fake_get_json(&w->x, "/healthz"));
    assert_int_equal(w->x.status, 503);
}

static void metrics_come_in_the_form_that_is_accepted(void **state)
{
    struct world *w = *state;
    fake_get(&w->x, "/metrics");
    assert_string_equal(w->x.content_type, "text/plain; version=0.0.4; charset=utf-8");
    assert_non_null(strstr(w->x.body, "\nprocess_resident_memory_bytes "));
    assert_non_null(strstr(w->x.body, "\nflightdash_build_info{version="));
    w->x.accept = "application/openmetrics-text;version=1.0.0,text/plain;q=0.5";
    fake_get(&w->x, "/metrics");
    assert_string_equal(w->x.content_type,
                        "application/openmetrics-text; version=1.0.0; charset=utf-8");
    assert_string_equal(w->x.body + w->x.len - 6, "# EOF\n");
}

static void take_health(struct world *w, const char *json)
{
    struct strbuf error;
    strbuf_init(&error, 100);
    assert_true(service_table_put_json(w->context.services, SERVICE_FROM_KAFKA, json,
                                       strlen(json), INT64_C(1800000000000), &error));
    strbuf_release(&error);
}

static void services_and_alerts_are_listed(void **state)
{
    struct world *w = *state;
    take_health(w, "{\"service\":\"kafka\",\"status\":\"fail\",\"since\":1700000000}");
    take_health(w, "{\"service\":\"tracker\",\"status\":\"fail\",\"since\":1700000001,"
                   "\"depends_on\":[\"kafka\"]}");
    json_t *root = fake_get_json(&w->x, "/api/v1/services?limit=1");
    assert_int_equal(json_integer_value(json_object_get(root, "total")), 2);
    assert_int_equal(json_array_size(json_object_get(root, "services")), 1);
    json_decref(root);
    json_decref(fake_get_json(&w->x, "/api/v1/services/tracker"));
    assert_non_null(strstr(w->x.body, "\"root_cause\":[\"kafka\"]"));
    assert_non_null(strstr(w->x.body, "\"history\":[{\"at\":1700000001,"));
    json_decref(fake_get_json(&w->x, "/api/v1/services/nobody"));
    assert_int_equal(w->x.status, 404);
    root = fake_get_json(&w->x, "/api/v1/alerts?active=true");
    assert_int_equal(json_integer_value(json_object_get(root, "open")), 2);
    json_decref(root);
    json_decref(fake_get_json(&w->x, "/api/v1/alerts?active=maybe"));
    assert_int_equal(w->x.status, 400);
}

static void what_is_not_configured_is_said(void **state)
{
    struct world *w = *state;
    static const struct {
        const char *target;
        const char *why;
    } rows[] = {
        {"/api/v1/metrics/query?query=up", "metrics: not configured"},
        {"/api/v1/logs", "logs: not configured"},
        {"/api/v1/traces", "traces: not asked by this version"},
        {"/api/v1/traces/00", "traces: not asked by this version"},
        {"/api/v1/analytics/top", "analytics: not asked by this version"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        json_decref(fake_get_json(&w->x, rows[i].target));
        assert_int_equal(w->x.status, 503);
        assert_non_null(strstr(w->x.body, "\"backend_unavailable\""));
        assert_non_null(strstr(w->x.body, rows[i].why));
    }
}

static void a_refused_question_comes_back_as_an_error(void **state)
{
    struct world *w = *state;
    struct strbuf error;
    strbuf_init(&error, 200);
    const struct upstream_config config = {
        .backends = {[UPSTREAM_METRICS] = {.url = "http://127.0.0.1:1"}}};
    w->upstream = upstream_new(&config, w->loop, w->metrics, w->board, &error);
    w->context.upstream = w->upstream;
    fake_get(&w->x, "/api/v1/metrics/query?panel=nothing");
    while (!w->x.answered)
        loop_run_once(w->loop, true);
    assert_int_equal(w->x.status, 400);
    assert_non_null(strstr(w->x.body, "panel: no panel of that name"));
    fake_get(&w->x, "/api/v1/metrics/query?query=up");
    while (!w->x.answered)
        loop_run_once(w->loop, true);
    assert_int_equal(w->x.status, 503);
    for (int i = 0; i < 10; i++)
        loop_run_once(w->loop, false); /* the dropped tickets */
    strbuf_release(&error);
}

static void panels_are_listed(void **state)
{
    struct world *w = *state;
    json_t *root = fake_get_json(&w->x, "/api/v1/metrics/panels");
    const json_t *panels = json_object_get(root, "panels");
    assert_int_equal(json_array_size(panels),
                     json_integer_value(json_object_get(root, "total")));
    assert_true(json_array_size(panels) >= 5);
    json_decref(root);
}

/* Every {name} of a path is described, and every description is used. */
static void the_description_has_every_route(void **state)
{
    struct world *w = *state;
    json_t *root = fake_get_json(&w->x, "/openapi.json");
    const json_t *paths = json_object_get(root, "paths");
    assert_int_equal(json_object_size(paths), w->context.route_count);
    for (unsigned i = 0; i < w->context.route_count; i++) {
        const struct route *route = &w->context.routes[i];
        assert_non_null(json_object_get(json_object_get(paths, route->path), "get"));
        for (size_t k = 0; k < route->param_count; k++) {
            char in_braces[64];
            const bool in_path = strcmp(route->params[k].in, "path") == 0;
            snprintf(in_braces, sizeof in_braces, "{%s}", route->params[k].name);
            assert_int_equal(strstr(route->path, in_braces) != NULL, in_path);
            assert_int_equal(route->params[k].required, in_path);
        }
    }
    json_decref(root);
}

int main(void)
{
#define WITH_WORLD(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        WITH_WORLD(readiness_follows_the_board),
        WITH_WORLD(health_is_503_only_for_a_failure),
        WITH_WORLD(metrics_come_in_the_form_that_is_accepted),
        WITH_WORLD(services_and_alerts_are_listed),
        WITH_WORLD(what_is_not_configured_is_said),
        WITH_WORLD(a_refused_question_comes_back_as_an_error),
        WITH_WORLD(panels_are_listed),
        WITH_WORLD(the_description_has_every_route),
    };
    return cmocka_run_group_tests_name("routes", tests, NULL, NULL);
}
