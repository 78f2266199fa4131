#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "upstream/breaker.h"

static void fail_until_open(struct breaker *b, int64_t now_ms)
{
    for (int i = 0; i < BREAKER_FAILURES; i++) {
        assert_true(breaker_allow(b, now_ms));
        breaker_report(b, false, now_ms);
    }
}

static void opens_after_failures_in_a_row(void **state)
{
    (void)state;
    struct breaker b;
    breaker_init(&b, 1);
    breaker_report(&b, false, 0);
    breaker_report(&b, false, 0);
    breaker_report(&b, true, 0);
    assert_false(breaker_is_open(&b));
    fail_until_open(&b, 1000);
    assert_true(breaker_is_open(&b));
    assert_false(breaker_allow(&b, 1001));
    assert_in_range(breaker_wait_ms(&b, 1000), 1, BREAKER_PAUSE_MS);
}

static void lets_one_through_when_half_open(void **state)
{
    (void)state;
    struct breaker b;
    breaker_init(&b, 1);
    fail_until_open(&b, 0);
    assert_true(breaker_allow(&b, BREAKER_PAUSE_MS));
    assert_false(breaker_allow(&b, BREAKER_PAUSE_MS));
    breaker_report(&b, true, BREAKER_PAUSE_MS);
    assert_false(breaker_is_open(&b));
    assert_true(breaker_allow(&b, BREAKER_PAUSE_MS));
    assert_true(breaker_allow(&b, BREAKER_PAUSE_MS));
}

static void a_failed_try_waits_longer_up_to_the_ceiling(void **state)
{
    (void)state;
    struct breaker b;
    breaker_init(&b, 1);
    fail_until_open(&b, 0);
    int64_t now_ms = 0;
    for (int i = 0; i < 20; i++) {
        now_ms += breaker_wait_ms(&b, now_ms);
        assert_true(breaker_allow(&b, now_ms));
        breaker_report(&b, false, now_ms);
        assert_in_range(breaker_wait_ms(&b, now_ms), 1, BREAKER_PAUSE_MAX_MS);
    }
    assert_true(breaker_wait_ms(&b, now_ms) >= BREAKER_PAUSE_MAX_MS / 2);
}

static void a_withdrawn_try_makes_room_for_another(void **state)
{
    (void)state;
    struct breaker b;
    breaker_init(&b, 1);
    fail_until_open(&b, 0);
    assert_true(breaker_allow(&b, BREAKER_PAUSE_MS));
    breaker_withdraw(&b);
    assert_true(breaker_allow(&b, BREAKER_PAUSE_MS));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opens_after_failures_in_a_row),
        cmocka_unit_test(lets_one_through_when_half_open),
        cmocka_unit_test(a_failed_try_waits_longer_up_to_the_ceiling),
        cmocka_unit_test(a_withdrawn_try_makes_room_for_another),
    };
    return cmocka_run_group_tests_name("breaker", tests, NULL, NULL);
}
