/*
 * Sessions with time of ours: what happens after seconds happens at once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/strbuf.h"
#include "gateway/chunk.h"
#include "gateway/hub.h"
#include "gateway/route_context.h"
#include "gateway/session.h"
#include "gateway/ws_frame.h"
#include "state/frame_set.h"
#include "state/state.h"
#include "telemetry/metrics.h"
#include "tests/unit/gateway/session_world.h"

static void hello_has_five_seconds(void **state)
{
    struct session_world *w = *state;
    struct session *s = session_new(w->hub, true, NULL, w->now_ms);
    session_world_pass(w, 4900);
    assert_int_equal(s->phase, SESSION_FRESH);
    session_world_pass(w, 500);
    session_world_tell(w, s);
    assert_int_equal(session_world_close_code(w), 4010);
    session_free(s);
}

static void a_tick_message_comes_within_each_second(void **state)
{
    struct session_world *w = *state;
    struct session *s = session_world_open(w);
    session_world_tell(w, s);
    for (int i = 0; i < 40; i++) {
        session_world_pass(w, 1000);
        session_receive_pong(s, w->now_ms);
        session_world_tell(w, s);
        assert_non_null(strstr(session_world_text(w), "\"type\":\"tick\""));
    }
    session_free(s);
}

static void silence_is_asked_and_then_closed(void **state)
{
    struct session_world *w = *state;
    struct session *s = session_world_open(w);
    session_world_pass(w, 10500);
    session_world_tell(w, s);
    assert_true(s->pinged_ms > 0);
    session_receive_pong(s, w->now_ms);
    assert_int_equal(s->pinged_ms, 0);
    session_world_pass(w, 31000);
    session_world_tell(w, s);
    assert_int_equal(session_world_close_code(w), 4008);
    session_free(s);
}

static void a_slow_reader_is_slowed_and_recovers(void **state)
{
    struct session_world *w = *state;
    struct session *s = session_world_open(w);
    size_t len;
    session_world_say(w, s, "{\"type\":\"subscribe\",\"id\":1}");
    assert_non_null(session_peek(s, w->now_ms, &len));
    session_sent(s, 1, true, w->now_ms); /* one byte went, then the socket was full */
    session_world_pass(w, 2500);
    assert_int_equal(s->slow_divisor, 2);
    session_unblocked(s, w->now_ms);
    session_world_tell(w, s);
    assert_non_null(strstr(session_world_text(w), "\"reason\":\"slow reader\""));
    for (int i = 0; i < 35; i++) {
        session_world_pass(w, 1000);
        session_receive_pong(s, w->now_ms);
        session_world_tell(w, s);
    }
    assert_int_equal(s->slow_divisor, 1);
    session_free(s);
}

static void a_stuck_reader_gets_its_half_frame_and_4008(void **state)
{
    struct session_world *w = *state;
    struct session *s = session_world_open(w);
    size_t len;
    session_world_tell(w, s);
    session_world_say(w, s, "{\"type\":\"subscribe\",\"id\":1}");
    const char *data = session_peek(s, w->now_ms, &len);
    strbuf_add(&w->told, data, 3);
    session_sent(s, 3, true, w->now_ms);
    session_world_pass(w, 10500);
    assert_int_equal(s->phase, SESSION_CLOSING);
    assert_int_equal(s->sub_count, 0); /* costs nothing any more */
    assert_false(session_is_over(s, w->now_ms));
    session_unblocked(s, w->now_ms);
    session_world_tell_more(w, s);
    assert_non_null(strstr(session_world_text(w), "\"type\":\"subscribed\""));
    assert_int_equal(session_world_close_code(w), 4008);
    assert_true(session_is_over(s, w->now_ms));
    session_free(s);
}

static void who_takes_no_close_frame_is_cut(void **state)
{
    struct session_world *w = *state;
    struct session *s = session_world_open(w);
    session_close(s, CLOSE_SLOW, "", w->now_ms);
    assert_false(session_is_over(s, w->now_ms));
    assert_true(session_is_over(s, w->now_ms + SESSION_LINGER_MS + 1));
    session_free(s);
}

static void a_flood_is_told_and_closed_and_a_pause_forgives(void **state)
{
    struct session_world *w = *state;
    struct session *s = session_world_open(w);
    for (int i = 0; i < 65; i++)
        session_world_say(w, s, "{\"type\":\"ping\"}");
    assert_true(s->strikes > 0);
    session_world_pass(w, 1000);
    session_world_say(w, s, "{\"type\":\"ping\"}");
    assert_int_equal(s->strikes, 0);
    for (int i = 0; i < 65; i++)
        session_world_say(w, s, "{\"type\":\"ping\"}");
    session_world_tell(w, s);
    assert_non_null(strstr(session_world_text(w), "rate_limited"));
    assert_int_equal(session_world_close_code(w), 4009);
    session_free(s);
}

static void equal_subscriptions_share_one_encoding(void **state)
{
    struct session_world *w = *state;
    struct session *s[2] = {session_world_open(w), session_world_open(w)};
    for (int i = 0; i < 2; i++) {
        session_world_say(w, s[i], "{\"type\":\"subscribe\",\"id\":1}");
        session_world_tell(w, s[i]);
    }
    session_world_fly(w, 0x4b1814);
    session_world_pass(w, 250);
    size_t len;
    const char *first = session_peek(s[0], w->now_ms, &len);
    assert_non_null(first);
    assert_ptr_equal(first, session_peek(s[1], w->now_ms, &len));
    session_free(s[0]);
    session_free(s[1]);
}

static void a_byte_budget_spreads_a_snapshot(void **state)
{
    struct session_world *w = *state;
    struct session *s = session_world_open(w);
    for (uint32_t i = 0; i < 500; i++)
        session_world_fly(w, 0x400000 + i);
    session_world_pass(w, 250);
    session_world_say(w, s, "{\"type\":\"rate\",\"max_bytes_s\":10000}");
    session_world_say(w, s, "{\"type\":\"subscribe\",\"id\":1}");
    session_world_tell(w, s);
    size_t bytes = w->told.len;
    assert_true(bytes < 12000);
    assert_null(strstr(session_world_text(w), "\"last\":true"));
    for (int i = 0; i < 20; i++) {
        session_world_pass(w, 1000);
        session_receive_pong(s, w->now_ms);
        session_world_tell_more(w, s);
    }
    assert_non_null(strstr(session_world_text(w), "\"last\":true"));
    session_free(s);
}

static void a_resume_goes_on_with_a_delta(void **state)
{
    struct session_world *w = *state;
    char hello[160];
    session_world_fly(w, 0x4b1814);
    session_world_pass(w, 250);
    snprintf(hello, sizeof hello,
             "{\"type\":\"hello\",\"resume\":{\"epoch\":\"%s\",\"tick\":%u}}",
             state_epoch(w->state), w->tick);
    session_world_fly(w, 0x4b1815);
    session_world_pass(w, 250);
    struct session *s = session_new(w->hub, true, NULL, w->now_ms);
    session_world_say(w, s, hello);
    session_world_say(w, s, "{\"type\":\"subscribe\",\"id\":1}");
    session_world_tell(w, s);
    assert_non_null(strstr(session_world_text(w), "\"resumed\":true"));
    assert_non_null(strstr(session_world_text(w), "\"type\":\"delta\""));
    assert_null(strstr(session_world_text(w), "\"type\":\"snapshot\""));
    assert_non_null(strstr(session_world_text(w), "{\"hex\":\"4b1815\",\"new\":true"));
    assert_null(strstr(session_world_text(w), "4b1814"));
    session_world_pass(w, 6000); /* what is subscribed later is new */
    session_world_say(w, s, "{\"type\":\"subscribe\",\"id\":2}");
    session_world_tell(w, s);
    assert_non_null(strstr(session_world_text(w), "\"type\":\"snapshot\",\"id\":2"));
    session_free(s);
}

/* Of one tile that a box cuts, rows are sent in runs: every pattern of a few. */
static void who_stays_inside_is_told_in_any_order(void **state)
{
    enum {
        ROWS = 6,
        INSIDE = 4500500,
        OUTSIDE = 4500100
    }; /* north and south of 47.003 */
    struct session_world *w = *state;
    struct session *s = session_world_open(w);
    for (uint32_t i = 0; i < ROWS; i++) {
        session_world_fly(w, INSIDE + i);
        session_world_fly(w, OUTSIDE + i);
    }
    session_world_pass(w, 250);
    session_world_say(w, s,
                      "{\"type\":\"subscribe\",\"id\":1,\"bbox\":[7,47.003,9,48]}");
    session_world_tell(w, s);
    for (unsigned pattern = 0; pattern < 1U << ROWS; pattern++) {
        for (uint32_t i = 0; i < ROWS; i++)
            session_world_fly(w, (pattern >> i & 1 ? INSIDE : OUTSIDE) + i);
        session_world_pass(w, 250);
        session_receive_pong(s, w->now_ms);
        session_world_tell(w, s);
        for (uint32_t i = 0; i < ROWS; i++) {
            char inside[16], outside[16];
            snprintf(inside, sizeof inside, "{\"hex\":\"%06x\"", INSIDE + i);
            snprintf(outside, sizeof outside, "\"%06x\"", OUTSIDE + i);
            assert_int_equal(strstr(session_world_text(w), inside) != NULL,
                             pattern >> i & 1);
            assert_null(strstr(session_world_text(w), outside));
        }
    }
    session_free(s);
}

#define TEST(name)                                                                     \
    cmocka_unit_test_setup_teardown(name, session_world_set_up, session_world_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(hello_has_five_seconds),
        TEST(a_tick_message_comes_within_each_second),
        TEST(silence_is_asked_and_then_closed),
        TEST(a_slow_reader_is_slowed_and_recovers),
        TEST(a_stuck_reader_gets_its_half_frame_and_4008),
        TEST(who_takes_no_close_frame_is_cut),
        TEST(a_flood_is_told_and_closed_and_a_pause_forgives),
        TEST(equal_subscriptions_share_one_encoding),
        TEST(a_byte_budget_spreads_a_snapshot),
        TEST(a_resume_goes_on_with_a_delta),
        TEST(who_stays_inside_is_told_in_any_order),
    };
    return cmocka_run_group_tests_name("session", tests, NULL, NULL);
}
