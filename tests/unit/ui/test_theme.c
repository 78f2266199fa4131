/* Theme files: what they may say, and where it is told that they are wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "ui/theme.h"

static void colours_and_attributes_are_read(void **state)
{
    (void)state;
    struct theme theme;
    struct strbuf error;
    strbuf_init(&error, 512);
    theme_init(&theme);
    assert_int_equal(theme_read(&theme, "t",
                                "[roles]\nok = #ff0000 on 17 bold underline\n"
                                "[roles.mono]\nok = dim\n",
                                &error),
                     0);
    struct theme_style style = theme_style(&theme, ROLE_OK, DEPTH_256, false);
    assert_int_equal(style.fg, 196);
    assert_int_equal(style.bg, 17);
    assert_int_equal(style.attrs, ATTR_BOLD | ATTR_UNDERLINE);
    assert_int_equal(theme_style(&theme, ROLE_OK, DEPTH_16, false).fg, 9);
    style = theme_style(&theme, ROLE_OK, DEPTH_MONO, false);
    assert_int_equal(style.fg, COLOUR_DEFAULT);
    assert_int_equal(style.attrs, ATTR_DIM);
    strbuf_release(&error);
}

static void mistakes_name_their_line(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *expected;
    } rows[] = {
        {"[roles]\nok = red\nnope = red\n", "t:3: unknown role \"nope\""},
        {"[roles]\nok = reddish\n", "t:2: \"reddish\" is no colour and no attribute"},
        {"[roles]\nok = 256\n", "t:2: \"256\" is no colour and no attribute"},
        {"[roles]\nok = #12345\n", "t:2: \"#12345\" is no colour and no attribute"},
        {"[colours]\nok = red\n", "t:2: unknown section [colours]"},
        {"[roles]\njust words\n", "t:2: neither [section], key = value nor # comment"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct theme theme;
        struct strbuf error;
        strbuf_init(&error, 512);
        theme_init(&theme);
        assert_true(theme_read(&theme, "t", rows[i].text, &error) < 0);
        assert_string_equal(strbuf_text(&error), rows[i].expected);
        strbuf_release(&error);
    }
}

static void the_built_in_themes_are_right(void **state)
{
    (void)state;
    for (size_t i = 0; theme_builtin_name(i) != NULL; i++) {
        struct theme theme;
        struct strbuf error;
        strbuf_init(&error, 512);
        assert_int_equal(theme_load(&theme, theme_builtin_name(i), NULL, &error), 0);
        assert_string_equal(strbuf_text(&error), "");
        assert_string_equal(theme.name, theme_builtin_name(i));
        strbuf_release(&error);
    }
}

static void mono_has_no_colour(void **state)
{
    (void)state;
    struct theme theme;
    struct strbuf error;
    strbuf_init(&error, 512);
    assert_int_equal(theme_load(&theme, "mono", NULL, &error), 0);
    for (int role = 0; role < ROLE_COUNT; role++) {
        struct theme_style style =
            theme_style(&theme, (enum role)role, DEPTH_256, true);
        assert_int_equal(style.fg, COLOUR_DEFAULT);
        assert_int_equal(style.bg, COLOUR_DEFAULT);
    }
    strbuf_release(&error);
}

static void an_unknown_theme_says_which_there_are(void **state)
{
    (void)state;
    struct theme theme;
    struct strbuf error;
    strbuf_init(&error, 512);
    assert_true(theme_load(&theme, "nope", NULL, &error) < 0);
    assert_non_null(strstr(strbuf_text(&error), "default"));
    strbuf_release(&error);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(colours_and_attributes_are_read),
        cmocka_unit_test(mistakes_name_their_line),
        cmocka_unit_test(the_built_in_themes_are_right),
        cmocka_unit_test(mono_has_no_colour),
        cmocka_unit_test(an_unknown_theme_says_which_there_are),
    };
    return cmocka_run_group_tests_name("theme", tests, NULL, NULL);
}
