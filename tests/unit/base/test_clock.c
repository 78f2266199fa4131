#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"

static void iso8601_there_and_back(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t ms;
    } rows[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"2026-01-31T23:59:59.123Z", INT64_C(1769903999123)},
        {"2026-02-01T01:59:59.1239+02:00", INT64_C(1769903999123)},
        {"2026-01-31T18:29:59-0530", INT64_C(1769903999000)},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t ms = -1;
        assert_true(clock_parse_iso8601(rows[i].text, &ms));
        assert_int_equal(ms, rows[i].ms);
    }
    char text[CLOCK_ISO8601_SIZE];
    clock_iso8601(INT64_C(1769903999123), text);
    assert_string_equal(text, "2026-01-31T23:59:59.123Z");
}

static void what_is_no_time_is_refused(void **state)
{
    (void)state;
    static const char *const rows[] = {"",
                                       "now",
                                       "2026-01-31",
                                       "2026-01-31T10:00:00",
                                       "2026-01-31T10:00:00+2",
                                       "2026-13-31T10:00:00Z",
                                       "2026-01-31T10:00:00Zx"};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t ms = 42;
        assert_false(clock_parse_iso8601(rows[i], &ms));
        assert_int_equal(ms, 42);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(iso8601_there_and_back),
        cmocka_unit_test(what_is_no_time_is_refused),
    };
    return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
