#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/backoff.h"

static void delays_double_to_the_ceiling_with_half_jitter(void **state)
{
    (void)state;
    struct backoff b;
    backoff_init(&b, 100, 1000, 7);
    static const int64_t full[] = {100, 200, 400, 800, 1000, 1000};
    for (size_t i = 0; i < sizeof full / sizeof full[0]; i++) {
        int64_t delay = backoff_next_ms(&b);
        assert_in_range(delay, full[i] / 2, full[i]);
    }
    backoff_reset(&b);
    assert_in_range(backoff_next_ms(&b), 50, 100);
}

static void two_seeds_do_not_step_together(void **state)
{
    (void)state;
    struct backoff a;
    struct backoff b;
    backoff_init(&a, 1000, 60000, 1);
    backoff_init(&b, 1000, 60000, 2);
    int same = 0;
    for (int i = 0; i < 20; i++)
        same += backoff_next_ms(&a) == backoff_next_ms(&b);
    assert_in_range(same, 0, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(delays_double_to_the_ceiling_with_half_jitter),
        cmocka_unit_test(two_seeds_do_not_step_together),
    };
    return cmocka_run_group_tests_name("backoff", tests, NULL, NULL);
}
