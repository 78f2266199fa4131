/* Numbers of the palette in a frame become the colours that they stand for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "term/true_colour.h"
#include "ui/theme.h"

enum { ORANGE = COLOUR_RGB | 0xFE8019, WHITE = COLOUR_RGB | 0xFFFFFF };

static void each_colour_has_one_number(void **state)
{
    (void)state;
    struct true_colour t;
    true_colour_clear(&t);
    assert_int_equal(true_colour_number(&t, COLOUR_DEFAULT), COLOUR_DEFAULT);
    assert_int_equal(true_colour_number(&t, 15), 15); /* the terminal's own */
    assert_int_equal(true_colour_number(&t, ORANGE), 16);
    assert_int_equal(true_colour_number(&t, 16), 17); /* the palette's 16 makes room */
    assert_int_equal(true_colour_number(&t, ORANGE), 16);
    for (int i = 2; i < TRUE_COLOUR_MAX; i++)
        assert_int_equal(true_colour_number(&t, COLOUR_RGB | i), 16 + i);
    assert_int_equal(true_colour_number(&t, WHITE), COLOUR_DEFAULT);
    assert_int_equal(true_colour_number(&t, ORANGE), 16);
}

static void frames_are_translated(void **state)
{
    (void)state;
    static const struct {
        const char *frame, *expected;
    } rows[] = {
        {"", ""},
        {"text 38;5;16m", "text 38;5;16m"},
        {"\033[38;5;16mA", "\033[38;2;254;128;25mA"},
        {"\033[48;5;18mA\033[m", "\033[48;2;255;255;255mA\033[m"},
        {"\033[38;5;17m\033[48;5;16m", "\033[38;5;81m\033[48;2;254;128;25m"},
        {"\033[38;5;19m", "\033[38;5;19m"}, /* nobody asked for that number */
        {"\033[38;5;7m\033[91m", "\033[38;5;7m\033[91m"},
        {"\033[38;5;m\033[38;5;1616m", "\033[38;5;m\033[38;5;1616m"},
        {"\033[38;5;16", "\033[38;5;16"},
        {"\033[38;5", "\033[38;5"},
        {"\033[38;5;16;1m", "\033[38;5;16;1m"},
    };
    struct true_colour t;
    true_colour_clear(&t);
    true_colour_number(&t, ORANGE);
    true_colour_number(&t, 81);
    true_colour_number(&t, WHITE);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char out[128] = "";
        size_t n = strlen(rows[i].frame);
        size_t len = true_colour_translate(&t, rows[i].frame, n, out);
        assert_true(len <= 2 * n);
        out[len] = '\0';
        assert_string_equal(out, rows[i].expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_colour_has_one_number),
        cmocka_unit_test(frames_are_translated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
