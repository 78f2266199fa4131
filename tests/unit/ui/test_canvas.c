/* What lands in cells: clipping, widths, and nothing that a terminal would obey. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ui/canvas.h"

static void expect_text(const struct canvas *c, const char *expected)
{
    struct strbuf text;
    strbuf_init(&text, 65536);
    canvas_to_text(c, &text);
    assert_string_equal(strbuf_text(&text), expected);
    strbuf_release(&text);
}

static void text_is_cut_at_the_area(void **state)
{
    (void)state;
    struct canvas *c = canvas_new(10, 2, false);
    struct pen pen = pen_on(c, (struct rect){2, 0, 5, 1});
    pen_text(&pen, ROLE_TEXT, "abcdefgh");
    pen_to(&pen, 0, 1);
    pen_text(&pen, ROLE_TEXT, "outside");
    expect_text(c, "  abcde\n\n");
    canvas_free(c);
}

static void control_bytes_never_become_cells(void **state)
{
    (void)state;
    struct canvas *c = canvas_new(12, 1, false);
    struct pen pen = pen_on(c, canvas_rect(c));
    pen_text(&pen, ROLE_TEXT, "a\033[31m\x7f \xc2\x9b!\xe2\x80\xae");
    expect_text(c, "a?[31m? ?!?\n");
    canvas_free(c);
}

static void broken_utf8_and_combining_marks_keep_columns(void **state)
{
    (void)state;
    struct canvas *c = canvas_new(8, 1, false);
    struct pen pen = pen_on(c, canvas_rect(c));
    pen_text(&pen, ROLE_TEXT, "e\xcc\x81\xff\xc3(x");
    expect_text(c, "e\xef\xbf\xbd\xef\xbf\xbd(x\n");
    canvas_free(c);
}

static void wide_characters_take_two_columns(void **state)
{
    (void)state;
    struct canvas *c = canvas_new(6, 1, false);
    struct pen pen = pen_on(c, canvas_rect(c));
    pen_text(&pen, ROLE_TEXT, "日本x");
    assert_int_equal(pen.x, 5);
    assert_string_equal(canvas_cell(c, 1, 0)->text, "");
    pen_to(&pen, 1, 0); /* half of the first one is overwritten: all of it goes */
    pen_text(&pen, ROLE_TEXT, "z");
    expect_text(c, " z本x\n");
    canvas_free(c);
}

static void ascii_canvas_holds_ascii_only(void **state)
{
    (void)state;
    struct canvas *c = canvas_new(12, 1, true);
    struct pen pen = pen_on(c, canvas_rect(c));
    pen_text(&pen, ROLE_TEXT, "↑é│●日▁⠿");
    expect_text(c, "^e|*?_*\n");
    canvas_free(c);
}

static void fields_are_padded_and_cut(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int width;
        bool right;
        const char *expected;
    } rows[] = {
        {"ab", 4, false, "ab  |\n"},     {"ab", 4, true, "  ab|\n"},
        {"abcdef", 4, false, "abc…|\n"}, {"abcdef", 4, true, "abc…|\n"},
        {"", 2, true, "  |\n"},          {"x", 0, false, "|\n"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct canvas *c = canvas_new(8, 1, false);
        struct pen pen = pen_on(c, canvas_rect(c));
        if (rows[i].right)
            pen_right(&pen, ROLE_TEXT, rows[i].width, rows[i].text);
        else
            pen_left(&pen, ROLE_TEXT, rows[i].width, rows[i].text);
        pen_text(&pen, ROLE_TEXT, "|");
        expect_text(c, rows[i].expected);
        canvas_free(c);
    }
}

static void sizes_are_bounded(void **state)
{
    (void)state;
    struct canvas *c = canvas_new(-3, 100000, false);
    assert_int_equal(canvas_width(c), 1);
    assert_int_equal(canvas_height(c), CANVAS_MAX_HEIGHT);
    canvas_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_cut_at_the_area),
        cmocka_unit_test(control_bytes_never_become_cells),
        cmocka_unit_test(broken_utf8_and_combining_marks_keep_columns),
        cmocka_unit_test(wide_characters_take_two_columns),
        cmocka_unit_test(ascii_canvas_holds_ascii_only),
        cmocka_unit_test(fields_are_padded_and_cut),
        cmocka_unit_test(sizes_are_bounded),
    };
    return cmocka_run_group_tests_name("canvas", tests, NULL, NULL);
}
