#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/series.h"

static void the_oldest_sample_goes_when_the_ring_is_full(void **state)
{
    (void)state;
    struct series s;
    struct series_sample last;
    series_init(&s, 3);
    assert_false(series_last(&s, &last));
    for (int i = 1; i <= 5; i++)
        series_add(&s, i * 1000, i);
    assert_int_equal(s.count, 3);
    assert_int_equal(series_at(&s, 0).at_ms, 3000);
    assert_true(series_last(&s, &last));
    assert_float_equal(last.value, 5, 0);
    series_drop_before(&s, 5000);
    assert_int_equal(s.count, 1);
    series_clear(&s);
    assert_int_equal(s.count, 0);
    series_release(&s);
}

static void a_sample_of_the_past_replaces_the_last(void **state)
{
    (void)state;
    struct series s;
    series_init(&s, 4);
    series_add(&s, 2000, 1);
    series_add(&s, 2000, 2);
    series_add(&s, 1000, 3);
    assert_int_equal(s.count, 1);
    assert_int_equal(series_at(&s, 0).at_ms, 2000);
    assert_float_equal(series_at(&s, 0).value, 3, 0);
    series_release(&s);
}

static void range_passes_over_gaps(void **state)
{
    (void)state;
    struct series s;
    double low;
    double high;
    series_init(&s, 8);
    assert_false(series_range(&s, &low, &high));
    series_add(&s, 1, NAN);
    assert_false(series_range(&s, &low, &high));
    series_add(&s, 2, 7);
    series_add(&s, 3, -2);
    series_add(&s, 4, NAN);
    assert_true(series_range(&s, &low, &high));
    assert_float_equal(low, -2, 0);
    assert_float_equal(high, 7, 0);
    series_release(&s);
}

static void rate_is_growth_per_second_over_restarts(void **state)
{
    (void)state;
    struct series s;
    double rate;
    series_init(&s, 8);
    series_add(&s, 0, 1000);
    assert_false(series_rate(&s, 10000, &rate));
    series_add(&s, 2000, 1100);
    assert_true(series_rate(&s, 10000, &rate));
    assert_float_equal(rate, 50, 1e-9);
    series_add(&s, 4000, NAN);
    series_add(&s, 6000, 20); /* the counter began anew */
    assert_true(series_rate(&s, 10000, &rate));
    assert_float_equal(rate, 20, 1e-9); /* 120 in 6 s */
    assert_true(series_rate(&s, 4000, &rate));
    assert_float_equal(rate, 5, 1e-9); /* 20 in 4 s */
    assert_false(series_rate(&s, 1000, &rate));
    series_release(&s);
}

static void columns_are_means_with_gaps(void **state)
{
    (void)state;
    struct series s;
    double columns[4];
    series_init(&s, 16);
    series_add(&s, 500, 99); /* before the graph */
    series_add(&s, 1000, 1);
    series_add(&s, 1500, 3);
    series_add(&s, 3000, 10);
    series_add(&s, 3100, NAN);
    series_add(&s, 5000, 4); /* the end belongs to the last column */
    series_add(&s, 6000, 99);
    series_columns(&s, 1000, 5000, 4, columns);
    assert_float_equal(columns[0], 2, 1e-9);
    assert_true(isnan(columns[1]));
    assert_float_equal(columns[2], 10, 1e-9);
    assert_float_equal(columns[3], 4, 1e-9);
    series_columns(&s, 5000, 5000, 4, columns);
    assert_true(isnan(columns[0]));
    series_release(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_oldest_sample_goes_when_the_ring_is_full),
        cmocka_unit_test(a_sample_of_the_past_replaces_the_last),
        cmocka_unit_test(range_passes_over_gaps),
        cmocka_unit_test(rate_is_growth_per_second_over_restarts),
        cmocka_unit_test(columns_are_means_with_gaps),
    };
    return cmocka_run_group_tests_name("series", tests, NULL, NULL);
}
