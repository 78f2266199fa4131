/* What is left of a frame: the same screen with fewer bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "base/strbuf.h"
#include "term/squeeze.h"

#define E "\033["

/* Each row goes on from a plain look that is known, with G0 = B. */
static const struct {
    const char *frame, *expected;
} frames[] = {
    {"text", "text"},
    {E "31mA", E "31mA"},
    /* ncurses says both colours; one changed */
    {E "31m" E "44mA" E "32m" E "44mB", E "31;44mA" E "32mB"},
    {E "31mA" E "31mB" E "31mC", E "31mABC"},
    {E "38;5;81mA" E "39m\033(B" E "mB", E "38;5;81mA" E "mB"},
    {E "38;2;1;2;3mA" E "48;2;4;5;6mB", E "38;2;1;2;3mA" E "48;2;4;5;6mB"},
    {E "38;5;81;48;5;16;1mA" E "39mB", E "1;38;5;81;48;5;16mA" E "39mB"},
    /* a look that nothing is drawn with */
    {E "31m" E "5;7H" E "32mA", E "5;7H" E "32mA"},
    {E "7m" E "m" E "3;3H", E "3;3H"},
    /* erasing and scrolling draw, too */
    {E "44m" E "K", E "44m" E "K"},
    {E "44m\n", E "44m\n"},
    {E "44m\r\b" E "m", "\r\b"},
    {E "44m\033M" E "m", E "44m\033M" E "m"},
    /* attributes end by a reset, that all terminals know */
    {E "1;7mA" E "27mB", E "1;7mA" E "0;1mB"},
    {E "0;1;4mA" E "0;4;7mB", E "1;4mA" E "0;4;7mB"},
    {E "2;1mA", E "2;1mA"},
    {E "0;10mA" E "11mB" E "10mC", "A" E "11mB" E "mC"},
    {"\033(BA\033(0q\033(0x\033(B", "A\033(0qx\033(B"},
    {"\017A\017B\016C\017", "\017AB\016C\017"},
    {E "?25l" E "31m" E "?25hA", E "?25l" E "?25h" E "31mA"},
    /* what is not understood is sent as it is, and ends what is known */
    {E "31mA" E "38:2::1:2:3mB" E "31mC", E "31mA" E "38:2::1:2:3mB" E "31mC"},
    {E "31mA" E "38;5mB" E "0;31mC" E "31mD", E "31mA" E "38;5mB" E "0;31mCD"},
    {E "31mA\0337" E "31mB" E "mC", E "31mA\0337" E "31mB" E "mC"},
    {E "31m" E "?1049h" E "31mA", E "31m" E "?1049h" E "31mA"},
    {"A\033", "A\033"},
    {E "31", E "31"},
    {E ";;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;mA", E ";;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;mA"},
    {E "99999999999999999999mA", E "99999999999999999999mA"},
};

static void squeeze_one(struct squeeze *q, const char *frame, struct strbuf *out)
{
    strbuf_clear(out);
    squeeze_frame(q, frame, strlen(frame), out);
}

static void what_makes_no_difference_is_left_out(void **state)
{
    (void)state;
    struct strbuf out;
    strbuf_init(&out, 4096);
    for (size_t i = 0; i < ARRAY_LEN(frames); i++) {
        struct squeeze q;
        squeeze_init(&q, true);
        squeeze_one(&q, "\033(B" E "m", &out);
        assert_string_equal(strbuf_text(&out), "\033(B" E "m");
        squeeze_one(&q, frames[i].frame, &out);
        assert_string_equal(strbuf_text(&out), frames[i].expected);
    }
    strbuf_release(&out);
}

static void without_default_colours_a_reset_takes_their_place(void **state)
{
    (void)state;
    struct squeeze q;
    struct strbuf out;
    strbuf_init(&out, 4096);
    squeeze_init(&q, false);
    squeeze_one(&q, E "m" E "31;44mA" E "39mB", &out);
    assert_string_equal(strbuf_text(&out), E "m" E "31;44mA" E "0;44mB");
    strbuf_release(&out);
}

static void nothing_is_left_out_before_the_look_is_known(void **state)
{
    (void)state;
    struct squeeze q;
    struct strbuf out;
    strbuf_init(&out, 4096);
    squeeze_init(&q, true);
    squeeze_one(&q, E "31mA" E "31mB" E "m" E "mC", &out);
    assert_string_equal(strbuf_text(&out), E "31mA" E "31mB" E "mC");
    squeeze_forget(&q);
    squeeze_one(&q, E "mA\033(B\033(B", &out);
    assert_string_equal(strbuf_text(&out), E "mA\033(B");
    strbuf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_makes_no_difference_is_left_out),
        cmocka_unit_test(without_default_colours_a_reset_takes_their_place),
        cmocka_unit_test(nothing_is_left_out_before_the_look_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
