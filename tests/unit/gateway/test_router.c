#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "gateway/route.h"
#include "gateway/router.h"

static const struct route routes[] = {
    {.method = "GET", .path = "/livez"},
    {.method = "GET", .path = "/api/v1/services/graph"},
    {.method = "GET", .path = "/api/v1/services/{name}"},
    {.method = "POST", .path = "/api/v1/services/{name}"},
    {.method = "GET", .path = "/v2/point/{lat}/{lon}/{nm}"},
};

static void requests_find_their_row(void **state)
{
    (void)state;
    static const struct {
        const char *method;
        const char *path;
        enum route_match match;
        int row; /* when found */
        const char *methods;
    } rows[] = {
        {"GET", "/livez", ROUTE_FOUND, 0, "GET, HEAD, OPTIONS"},
        {"HEAD", "/livez", ROUTE_FOUND, 0, "GET, HEAD, OPTIONS"},
        {"POST", "/livez", ROUTE_NO_METHOD, 0, "GET, HEAD, OPTIONS"},
        {"get", "/livez", ROUTE_NO_METHOD, 0, "GET, HEAD, OPTIONS"},
        {"GET", "/livez/", ROUTE_NO_PATH, 0, "OPTIONS"},
        {"GET", "/live", ROUTE_NO_PATH, 0, "OPTIONS"},
        {"GET", "/", ROUTE_NO_PATH, 0, "OPTIONS"},
        {"GET", "*", ROUTE_NO_PATH, 0, "OPTIONS"},
        {"GET", "/api/v1/services/kafka", ROUTE_FOUND, 2, "GET, HEAD, POST, OPTIONS"},
        {"POST", "/api/v1/services/kafka", ROUTE_FOUND, 3, "GET, HEAD, POST, OPTIONS"},
        {"GET", "/api/v1/services/graph", ROUTE_FOUND, 1, "GET, HEAD, POST, OPTIONS"},
        {"GET", "/api/v1/services/", ROUTE_NO_PATH, 0, "OPTIONS"},
        {"GET", "/api/v1/services/a/b", ROUTE_NO_PATH, 0, "OPTIONS"},
        {"GET", "/v2/point/47/8/250", ROUTE_FOUND, 4, "GET, HEAD, OPTIONS"},
        {"GET", "/v2/point/47/8", ROUTE_NO_PATH, 0, "OPTIONS"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char path[64];
        char methods[ROUTE_METHODS_SIZE];
        struct route_hit hit = {.route = NULL};
        snprintf(path, sizeof path, "%s", rows[i].path);
        route_methods(routes, ARRAY_LEN(routes), path, methods);
        assert_string_equal(methods, rows[i].methods);
        enum route_match match =
            route_find(routes, ARRAY_LEN(routes), rows[i].method, path, &hit);
        assert_int_equal(match, rows[i].match);
        if (match == ROUTE_FOUND)
            assert_ptr_equal(hit.route, &routes[rows[i].row]);
        else
            assert_null(hit.route);
    }
}

static void names_take_their_segments(void **state)
{
    (void)state;
    char path[] = "/v2/point/47.1/-8.5/250";
    struct route_hit hit;
    route_find(routes, ARRAY_LEN(routes), "GET", path, &hit);
    assert_int_equal(hit.param_count, 3);
    assert_string_equal(route_param_value(&hit, "lat"), "47.1");
    assert_string_equal(route_param_value(&hit, "lon"), "-8.5");
    assert_string_equal(route_param_value(&hit, "nm"), "250");
    assert_null(route_param_value(&hit, "l"));
    assert_null(route_param_value(&hit, "latitude"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_find_their_row),
        cmocka_unit_test(names_take_their_segments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
