#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "upstream/time_text.h"

static void durations(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t ms; /* -1 = refused */
    } rows[] = {
        {"15s", 15000}, {"15m", 900000},   {"1h30m", 5400000},
        {"500ms", 500}, {"2d", 172800000}, {"1w", 604800000},
        {"90", 90000},  {"0.5", 500},      {"", -1},
        {"0", -1},      {"0s", -1},        {"m", -1},
        {"5 m", -1},    {"-5m", -1},       {"5M", -1},
        {"1e3", -1},    {"0x10", -1},      {"inf", -1},
        {"nan", -1},    {"5m5", -1},       {"99999999999999999999y", -1},
        {"11y", -1},    {"1h30", -1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t ms = -1;
        const bool ok = time_text_duration(rows[i].text, &ms);
        assert_int_equal(ok, rows[i].ms >= 0);
        assert_int_equal(ms, rows[i].ms);
    }
}

static void moments(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t ms;
    } rows[] = {
        {"1700000000", INT64_C(1700000000000)},
        {"1700000000.5", INT64_C(1700000000500)},
        {"2023-11-14T22:13:20Z", INT64_C(1700000000000)},
        {"0", 0},
        {"yesterday", -1},
        {"", -1},
        {"1.2.3", -1},
        {"-1", -1},
        {"99999999999999", -1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t ms = -1;
        time_text_moment(rows[i].text, &ms);
        assert_int_equal(ms, rows[i].ms);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(durations),
                                       cmocka_unit_test(moments)};
    return cmocka_run_group_tests_name("time_text", tests, NULL, NULL);
}
