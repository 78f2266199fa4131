#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/macros.h"
#include "sources/source_clock.h"

/* Samples in seconds: the source's time, ours, and what must come of it. */
struct sample {
    double now_s;
    double our_s;
    enum source_clock_verdict verdict;
    int64_t shift_ms;
};

static void check(const struct sample *samples, size_t count)
{
    struct source_clock clock;
    source_clock_init(&clock, 1000);
    for (size_t i = 0; i < count; i++) {
        enum source_clock_verdict verdict =
            source_clock_sample(&clock, (int64_t)(samples[i].now_s * 1000),
                                (int64_t)(samples[i].our_s * 1000));
        print_message("sample %zu\n", i);
        assert_int_equal(verdict, samples[i].verdict);
        if (verdict == SOURCE_CLOCK_GOOD)
            assert_int_equal(clock.shift_ms, samples[i].shift_ms);
    }
}

static void a_clock_like_ours_is_not_shifted(void **state)
{
    (void)state;
    static const struct sample samples[] = {
        {1000.0, 1000.8, SOURCE_CLOCK_GOOD, 0},
        {1000.0, 1001.8, SOURCE_CLOCK_SAME, 0},
        {1002.0, 1002.1, SOURCE_CLOCK_GOOD, 0},
        {1003.0, 1010.0, SOURCE_CLOCK_GOOD, 0}, /* a slow answer */
    };
    check(samples, ARRAY_LEN(samples));
}

static void another_clock_is_shifted_by_the_least_distance(void **state)
{
    (void)state;
    static const struct sample samples[] = {
        {1000.0, 1030.9, SOURCE_CLOCK_GOOD, 30900},
        {1001.0, 1031.2, SOURCE_CLOCK_GOOD, 30200},
        {1002.0, 1032.9, SOURCE_CLOCK_GOOD, 30201}, /* creeps by a ms per second */
        {1003.0, 1002.9, SOURCE_CLOCK_GOOD, -100},  /* it was set right */
    };
    check(samples, ARRAY_LEN(samples));
}

static void a_clock_ahead_of_ours_is_pulled_back(void **state)
{
    (void)state;
    static const struct sample samples[] = {
        {1000.0, 999.6, SOURCE_CLOCK_GOOD, -400},
        {1001.0, 1000.5, SOURCE_CLOCK_GOOD, -500},
    };
    check(samples, ARRAY_LEN(samples));
}

static void a_far_clock_must_be_seen_to_run(void **state)
{
    (void)state;
    static const struct sample samples[] = {
        {1000.0, 87400.0, SOURCE_CLOCK_HOLD, 0},
        {1000.0, 87401.0, SOURCE_CLOCK_HOLD, 0},
        {1002.0, 87402.0, SOURCE_CLOCK_GOOD, 86400000},
        {1003.0, 87403.1, SOURCE_CLOCK_GOOD, 86400001},
    };
    check(samples, ARRAY_LEN(samples));
}

static void yesterdays_file_is_never_used(void **state)
{
    (void)state;
    static const struct sample samples[] = {
        {1000.0, 87400.0, SOURCE_CLOCK_HOLD, 0},
        {1000.0, 87409.0, SOURCE_CLOCK_HOLD, 0},
        {1000.0, 87410.0, SOURCE_CLOCK_FROZEN, 0},
        {1000.0, 87500.0, SOURCE_CLOCK_FROZEN, 0},
    };
    check(samples, ARRAY_LEN(samples));
}

static void a_file_that_stops_is_noticed_and_welcomed_back(void **state)
{
    (void)state;
    static const struct sample samples[] = {
        {1000.0, 1000.0, SOURCE_CLOCK_GOOD, 0},
        {1000.0, 1009.9, SOURCE_CLOCK_SAME, 0},
        {1000.0, 1010.0, SOURCE_CLOCK_FROZEN, 0},
        {1020.0, 1020.5, SOURCE_CLOCK_GOOD, 0},
        {1015.0, 1021.0, SOURCE_CLOCK_GOOD, 6000}, /* set back: begins again */
    };
    check(samples, ARRAY_LEN(samples));
}

static void slow_polls_have_more_patience(void **state)
{
    (void)state;
    struct source_clock clock;
    source_clock_init(&clock, 60000);
    source_clock_sample(&clock, 1000, 1000);
    assert_int_equal(source_clock_sample(&clock, 1000, 241000), SOURCE_CLOCK_SAME);
    assert_int_equal(source_clock_still_ms(&clock, 241000), 240000);
    assert_int_equal(source_clock_sample(&clock, 1000, 301000), SOURCE_CLOCK_FROZEN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_clock_like_ours_is_not_shifted),
        cmocka_unit_test(another_clock_is_shifted_by_the_least_distance),
        cmocka_unit_test(a_clock_ahead_of_ours_is_pulled_back),
        cmocka_unit_test(a_far_clock_must_be_seen_to_run),
        cmocka_unit_test(yesterdays_file_is_never_used),
        cmocka_unit_test(a_file_that_stops_is_noticed_and_welcomed_back),
        cmocka_unit_test(slow_polls_have_more_patience),
    };
    return cmocka_run_group_tests_name("source_clock", tests, NULL, NULL);
}
