#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "term/pace.h"

enum { T0 = 1000, FRAME_MS = 250 };

/* A terminal that has answered its first question at once. */
static struct pace answering(void)
{
    struct pace p;
    pace_init(&p, FRAME_MS, 0, true);
    pace_sent(&p, 2000, true, T0);
    pace_answered(&p, T0);
    return p;
}

static void a_fast_terminal_gets_frames_at_the_rate_asked_for(void **state)
{
    struct pace p = answering();
    (void)state;
    assert_int_equal(pace_wait_ms(&p, false, T0 + 100), 150);
    assert_int_equal(pace_wait_ms(&p, false, T0 + FRAME_MS), 0);
    assert_int_equal(pace_level(&p, T0 + FRAME_MS), PACE_FAST);
}

static void one_frame_is_under_way_and_one_more_for_a_key(void **state)
{
    struct pace p = answering();
    (void)state;
    pace_sent(&p, 300, true, T0 + 1000);
    assert_true(pace_wait_ms(&p, false, T0 + 2000) > 0);
    assert_int_equal(pace_wait_ms(&p, true, T0 + 2000), 0);
    pace_sent(&p, 100, true, T0 + 2000);
    assert_true(pace_wait_ms(&p, true, T0 + 2001) > 0);
    pace_answered(&p, T0 + 2500);
    assert_int_equal(pace_wait_ms(&p, true, T0 + 2500), 0);
}

static void a_slow_line_rests_longer_than_it_works(void **state)
{
    struct pace p = answering();
    int64_t now = T0;
    (void)state;
    for (int i = 0; i < 8; i++) { /* each frame takes 400 ms */
        now += pace_wait_ms(&p, false, now);
        pace_sent(&p, 480, true, now);
        now += 400;
        pace_answered(&p, now);
    }
    assert_int_equal(pace_level(&p, now), PACE_BUSY);
    assert_in_range(pace_delay_ms(&p, now), 380, 400);
    assert_in_range(pace_wait_ms(&p, false, now), 350, 400);
    assert_int_equal(pace_wait_ms(&p, true, now), 0);
}

static void a_terminal_that_never_answers_is_asked_no_more(void **state)
{
    struct pace p;
    (void)state;
    pace_init(&p, FRAME_MS, 0, true);
    pace_sent(&p, 500, true, T0);
    assert_int_equal(pace_wait_ms(&p, false, T0 + FRAME_MS), 0); /* the first data */
    pace_sent(&p, 500, true, T0 + FRAME_MS);
    for (int64_t t = T0 + FRAME_MS; t < T0 + PACE_UNSURE_MS; t += 100)
        assert_int_equal(pace_wait_ms(&p, true, t), 0);
    assert_int_equal(pace_wait_ms(&p, false, T0 + PACE_UNSURE_MS), 0);
    pace_sent(&p, 10, true, T0 + PACE_UNSURE_MS);
    assert_false(pace_wants_answer(&p));
    assert_int_equal(pace_delay_ms(&p, T0 + 60000), 0);
}

static void an_answer_that_is_lost_does_not_stop_it_for_good(void **state)
{
    struct pace p = answering();
    (void)state;
    pace_sent(&p, 100, true, T0 + 1000);
    assert_int_equal(pace_wait_ms(&p, false, T0 + 2000), PACE_LOST_MS - 1000);
    assert_int_equal(pace_wait_ms(&p, true, T0 + 1000 + PACE_LOST_MS), 0);
    pace_sent(&p, 100, true, T0 + 1000 + PACE_LOST_MS);
    assert_true(pace_wants_answer(&p));
    assert_int_equal(p.due, 1);
}

static void a_budget_counts_bytes(void **state)
{
    struct pace p;
    (void)state;
    pace_init(&p, FRAME_MS, 1200, false);
    pace_sent(&p, 600, false, T0);
    assert_int_equal(pace_wait_ms(&p, true, T0 + 100), 400);
    assert_int_equal(pace_wait_ms(&p, true, T0 + 500), 0);
}

static void unsent_bytes_hold_a_frame_back(void **state)
{
    struct pace p;
    (void)state;
    pace_init(&p, FRAME_MS, 0, false);
    pace_sent(&p, 4000, false, T0);
    pace_unsent(&p, 3000, T0 + 1000);
    assert_int_equal(pace_wait_ms(&p, true, T0 + 1000), PACE_LOOK_MS);
    pace_unsent(&p, 100, T0 + 2000);
    assert_int_equal(pace_wait_ms(&p, true, T0 + 2000), 0);
    assert_int_equal(pace_delay_ms(&p, T0 + 2000), 1000);
}

static void the_rate_is_of_the_last_seconds(void **state)
{
    struct pace p = answering();
    (void)state;
    for (int64_t t = T0 + 1000; t <= T0 + 30000; t += 1000)
        pace_sent(&p, 300, false, t);
    assert_in_range(pace_bytes_per_s(&p, T0 + 30000), 280, 360);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fast_terminal_gets_frames_at_the_rate_asked_for),
        cmocka_unit_test(one_frame_is_under_way_and_one_more_for_a_key),
        cmocka_unit_test(a_slow_line_rests_longer_than_it_works),
        cmocka_unit_test(a_terminal_that_never_answers_is_asked_no_more),
        cmocka_unit_test(an_answer_that_is_lost_does_not_stop_it_for_good),
        cmocka_unit_test(a_budget_counts_bytes),
        cmocka_unit_test(unsent_bytes_hold_a_frame_back),
        cmocka_unit_test(the_rate_is_of_the_last_seconds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
