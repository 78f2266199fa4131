/* What is typed after `:`, what it means, and what Tab makes of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "base/strbuf.h"
#include "command.h"
#include "views/views.h"

static void lines_are_understood(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum command_kind kind;
        const char *argument;
    } rows[] = {
        {"", COMMAND_NONE, ""},
        {"   ", COMMAND_NONE, ""},
        {"map", COMMAND_VIEW, ""},
        {"3", COMMAND_VIEW, ""},
        {"view map", COMMAND_VIEW, "map"},
        {"q", COMMAND_ACTION, ""},
        {"quit", COMMAND_ACTION, ""},
        {"theme", COMMAND_ACTION, ""},
        {"theme nord", COMMAND_THEME, "nord"},
        {"sort -alt", COMMAND_SORT, "-alt"},
        {"  filter  alt > 3000", COMMAND_FILTER, "alt > 3000"},
        {"link", COMMAND_LINK, ""},
        {"write", COMMAND_ACTION, ""},
        {"write a b.txt", COMMAND_WRITE, "a b.txt"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct command c;
        struct strbuf error;
        strbuf_init(&error, 256);
        assert_true(command_parse(rows[i].text, &c, &error));
        assert_int_equal(c.kind, rows[i].kind);
        assert_string_equal(c.argument, rows[i].argument);
        strbuf_release(&error);
    }
}

static void mistakes_are_told(void **state)
{
    (void)state;
    static const struct {
        const char *text, *expected;
    } rows[] = {
        {"nonsense", "no command is called \"nonsense\"; Tab lists them"},
        {"select", "select wants HEX|CALLSIGN"},
        {"quit now", "quit takes no argument"},
        {"view kitchen", "no view is called \"kitchen\""},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct command c;
        struct strbuf error;
        strbuf_init(&error, 256);
        assert_false(command_parse(rows[i].text, &c, &error));
        assert_string_equal(strbuf_text(&error), rows[i].expected);
        strbuf_release(&error);
    }
}

static void tab_adds_what_is_certain(void **state)
{
    (void)state;
    static const struct {
        const char *typed, *completed;
    } rows[] = {
        {"fli", "flights"},
        {"sel", "select "},
        {"theme nor", "theme nord"},
        {"theme solar", "theme solarized-"},
        {"sort -call", "sort -callsign"},
        {"columns callsign,squ", "columns callsign,squawk"},
        {"units me", "units metric"},
        {"view ma", "view map"},
        {"zzz", "zzz"},
        {"zzz yyy", "zzz yyy"},
        {"filter alt", "filter alt"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct strbuf text;
        strbuf_init(&text, 256);
        command_complete(rows[i].typed, &text);
        assert_string_equal(strbuf_text(&text), rows[i].completed);
        strbuf_release(&text);
    }
}

static void everything_with_a_key_is_offered(void **state)
{
    (void)state;
    struct strbuf words;
    const char *help;
    strbuf_init(&words, 8192);
    command_offers("", &words, &help);
    for (int i = ACTION_NONE + 1; i < ACTION_COUNT; i++) {
        const char *name = action_row((enum action)i)->name;
        struct command c;
        assert_non_null(strstr(strbuf_text(&words), name));
        assert_true(command_parse(name, &c, &words) || c.kind != COMMAND_ACTION);
    }
    for (size_t i = 0; i < view_count(); i++)
        assert_non_null(strstr(strbuf_text(&words), view_at(i)->name));
    strbuf_clear(&words);
    assert_int_equal(command_offers("reconn", &words, &help), 1);
    assert_string_equal(help, action_row(ACTION_RECONNECT)->help);
    strbuf_release(&words);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_understood),
        cmocka_unit_test(mistakes_are_told),
        cmocka_unit_test(tab_adds_what_is_certain),
        cmocka_unit_test(everything_with_a_key_is_offered),
    };
    return cmocka_run_group_tests_name("command", tests, NULL, NULL);
}
