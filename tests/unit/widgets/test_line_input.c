/* Typing, as rows of keys and the text that they leave. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "widgets/line_input.h"

static enum line_event press(struct line_input *line, const char *names)
{
    enum line_event event = LINE_NOTHING;
    while (*names != '\0') {
        size_t n = strcspn(names, " ");
        struct key key;
        assert_true(key_by_name(names, n, &key));
        event = line_input_key(line, key);
        names += n + (names[n] == ' ' ? 1 : 0);
    }
    return event;
}

static void keys_leave_a_text(void **state)
{
    (void)state;
    static const struct {
        const char *keys;
        const char *expected;
    } rows[] = {
        {"a b c", "abc"},
        {"a b c Left Left x", "axbc"},
        {"a é ü Backspace", "aé"},
        {"a é ü Left Backspace", "aü"},
        {"a b Space c C-w", "ab "},
        {"a b c Home C-k", ""},
        {"a b c Left C-u", "c"},
        {"a b Home Delete", "b"},
        {"Backspace Delete Left Right", ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct line_input line = {0};
        press(&line, rows[i].keys);
        assert_string_equal(line.text, rows[i].expected);
        assert_int_equal(line.len, strlen(line.text));
    }
}

static void history_comes_back(void **state)
{
    (void)state;
    struct line_input line = {0};
    assert_int_equal(press(&line, "a Enter"), LINE_DONE);
    line_input_set(&line, "");
    press(&line, "b Enter");
    line_input_set(&line, "");
    press(&line, "Up");
    assert_string_equal(line.text, "b");
    press(&line, "Up");
    assert_string_equal(line.text, "a");
    press(&line, "Up Down Down");
    assert_string_equal(line.text, "");
}

static void it_is_full_at_its_limit(void **state)
{
    (void)state;
    struct line_input line = {0};
    for (int i = 0; i < LINE_INPUT_MAX + 50; i++)
        press(&line, "€");
    assert_true(line.len <= LINE_INPUT_MAX);
    assert_int_equal(line.len % 3, 0); /* no half character */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_leave_a_text),
        cmocka_unit_test(history_comes_back),
        cmocka_unit_test(it_is_full_at_its_limit),
    };
    return cmocka_run_group_tests_name("line_input", tests, NULL, NULL);
}
