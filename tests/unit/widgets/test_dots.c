/* The same dots in braille, half blocks and ASCII. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "widgets/dots.h"

struct shape {
    const char *name;
    double from[2], to[2];
    const char *braille, *blocks, *ascii;
};

static void lines_of_any_kind(void **state)
{
    (void)state;
    static const struct shape rows[] = {
        {"across the top", {0, 0}, {3, 0}, "⠉⠉", "▀▀", "\"\""},
        {"across the middle", {0, 1}, {3, 1}, "⠒⠒", "▀▀", "--"},
        {"across the bottom", {0, 3}, {3, 3}, "⣀⣀", "▄▄", "__"},
        {"upright", {0, 0}, {0, 3}, "⡇", "█", "|"},
        {"falling", {0, 0}, {1, 3}, "⢣", "█", "\\"},
        {"rising", {0, 3}, {1, 0}, "⡜", "█", "/"},
        {"one dot above", {0, 0}, {0, 0}, "⠁", "▀", "'"},
        {"one dot below", {1, 3}, {1, 3}, "⢀", "▄", "."},
        {"outside", {-5, -5}, {-1, -1}, "", "", ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *wanted[] = {rows[i].braille, rows[i].blocks, rows[i].ascii};
        for (int kind = CANVAS_BRAILLE; kind <= CANVAS_ASCII; kind++) {
            struct canvas *c = canvas_new(2, 1, false);
            struct dots dots = {0};
            struct strbuf text;
            strbuf_init(&text, 100);
            canvas_set_dots(c, (enum canvas_dots)kind);
            dots_resize(&dots, 2, 1);
            dots_line(&dots, ROLE_COAST, rows[i].from, rows[i].to);
            dots_paint(&dots, c, canvas_rect(c));
            canvas_to_text(c, &text);
            strbuf_truncate(&text, text.len - 1);
            assert_string_equal(strbuf_text(&text), wanted[kind]);
            strbuf_release(&text);
            dots_release(&dots);
            canvas_free(c);
        }
    }
}

static void a_canvas_of_ascii_stays_so(void **state)
{
    (void)state;
    struct canvas *c = canvas_new(2, 1, true);
    canvas_set_dots(c, CANVAS_BRAILLE);
    assert_int_equal(canvas_dots(c), CANVAS_ASCII);
    canvas_free(c);
}

static void dashes_leave_gaps(void **state)
{
    (void)state;
    struct dots dots = {0};
    const double from[2] = {0, 0};
    const double to[2] = {7, 0};
    dots_resize(&dots, 4, 1);
    dots_dashes(&dots, ROLE_RING, from, to, 3);
    assert_int_equal(dots.bits[0], 1);
    assert_int_equal(dots.bits[1], 8);
    assert_int_equal(dots.bits[2], 0);
    assert_int_equal(dots.bits[3], 1);
    dots_release(&dots);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_of_any_kind),
        cmocka_unit_test(a_canvas_of_ascii_stays_so),
        cmocka_unit_test(dashes_leave_gaps),
    };
    return cmocka_run_group_tests_name("dots", tests, NULL, NULL);
}
