/* Theme files: what they may say, and where it is told that they are wrong. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "ui/theme.h"
#include "ui/theme_check.h"

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
    assert_int_equal(theme_style(&theme, ROLE_OK, DEPTH_TRUE, false).fg,
                     COLOUR_RGB | 0xFF0000);
    assert_int_equal(theme_style(&theme, ROLE_OK, DEPTH_TRUE, false).bg, 17);
    assert_int_equal(theme_style(&theme, ROLE_OK, DEPTH_16, false).fg, 9);
    assert_int_equal(theme_style(&theme, ROLE_OK, DEPTH_8, false).fg, 1);
    assert_true(theme_style(&theme, ROLE_OK, DEPTH_8, false).attrs & ATTR_BOLD);
    style = theme_style(&theme, ROLE_OK, DEPTH_MONO, false);
    assert_int_equal(style.fg, COLOUR_DEFAULT);
    assert_int_equal(style.attrs, ATTR_DIM);
    strbuf_release(&error);
}

static void of_16_colours_the_hue_is_kept(void **state)
{
    (void)state;
    static const struct {
        unsigned rgb;
        int expected;
    } rows[] = {
        {0xD79DA3, 9},  {0x994E55, 1},  {0xA3BE8C, 2}, {0xEBCB8B, 11},
        {0x1E6CA4, 6},  {0x98A0B1, 8},  {0x2E3440, 0}, {0xD8DEE9, 7},
        {0xFFFFFF, 15}, {0x0000FF, 12}, {0x6C71C4, 4},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_int_equal(colour_nearest(rows[i].rgb, DEPTH_16), rows[i].expected);
}

/* On a selection that is grey, and of eight colours. */
static void nothing_takes_the_colour_of_its_background(void **state)
{
    (void)state;
    for (size_t i = 0; theme_builtin_name(i) != NULL; i++) {
        struct theme theme;
        struct strbuf error;
        strbuf_init(&error, 512);
        assert_int_equal(theme_load(&theme, theme_builtin_name(i), NULL, &error), 0);
        for (int n = 0; n < 4 * ROLE_COUNT; n++) {
            struct theme_style style =
                theme_style(&theme, (enum role)(n / 4), n % 2 == 0 ? DEPTH_8 : DEPTH_16,
                            n / 2 % 2 == 1);
            assert_true(style.fg < 0 || style.fg != style.bg);
        }
        strbuf_release(&error);
    }
}

static void the_selection_goes_under_plain_text_too(void **state)
{
    (void)state;
    struct theme theme;
    struct strbuf error;
    strbuf_init(&error, 512);
    assert_int_equal(theme_load(&theme, "nord", NULL, &error), 0);
    assert_int_equal(theme_style(&theme, ROLE_TEXT, DEPTH_TRUE, true).bg,
                     COLOUR_RGB | 0x3B4252);
    assert_int_equal(theme_style(&theme, ROLE_TEXT, DEPTH_TRUE, false).bg,
                     COLOUR_RGB | 0x2E3440);
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

static void contrast_is_that_of_wcag(void **state)
{
    (void)state;
    static const struct {
        unsigned a, b;
        double expected;
    } rows[] = {
        {0x000000, 0xFFFFFF, 21.0}, {0xFFFFFF, 0xFFFFFF, 1.0},
        {0x767676, 0xFFFFFF, 4.54}, /* the lightest grey that passes on white */
        {0x777777, 0xFFFFFF, 4.48}, {0xFF0000, 0xFFFFFF, 4.00},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        double found = theme_contrast(rows[i].a, rows[i].b);
        assert_true(fabs(found - rows[i].expected) < 0.005);
        found = theme_contrast(rows[i].b, rows[i].a);
        assert_true(fabs(found - rows[i].expected) < 0.005);
    }
}

static void every_built_in_theme_can_be_read(void **state)
{
    (void)state;
    for (size_t i = 0; theme_builtin_name(i) != NULL; i++) {
        struct theme theme;
        struct strbuf error;
        strbuf_init(&error, 512);
        assert_int_equal(theme_load(&theme, theme_builtin_name(i), NULL, &error), 0);
        for (int role = 0; role < ROLE_COUNT; role++) {
            double contrast = theme_role_contrast(&theme, (enum role)role, false);
            double least = theme_role_is_graphic((enum role)role)
                               ? THEME_CONTRAST_GRAPHICS
                               : THEME_CONTRAST_TEXT;
            assert_true(theme.named[role]);
            assert_true(contrast < 1 || contrast >= least);
            assert_true(theme_role_is_visible_16(&theme, (enum role)role));
        }
        strbuf_release(&error);
    }
}

static void a_role_has_the_background_of_text(void **state)
{
    (void)state;
    struct theme theme;
    struct strbuf error;
    strbuf_init(&error, 512);
    theme_init(&theme);
    theme_read(&theme, "t",
               "[roles]\ntext = 250 on 17\nok = 46\nfail = 196 on 52\n"
               "selection = default on 18\n",
               &error);
    assert_int_equal(theme_style(&theme, ROLE_OK, DEPTH_256, false).bg, 17);
    assert_int_equal(theme_style(&theme, ROLE_OK, DEPTH_256, true).bg, 18);
    assert_int_equal(theme_style(&theme, ROLE_OK, DEPTH_256, true).fg, 46);
    assert_int_equal(theme_style(&theme, ROLE_FAIL, DEPTH_256, true).bg, 52);
    strbuf_release(&error);
}

static void themes_of_btop_are_understood(void **state)
{
    (void)state;
    static const char text[] = "# a comment\n"
                               "theme[main_bg]=\"#000\"\n"
                               "theme[main_bg]=\"\"\n"
                               "theme[main_fg]='#ff0000'\n"
                               "theme[inactive_fg]=\"#80\"\n"
                               "theme[temp_end]=\"0 255 0\"\n"
                               "theme[new_in_btop_9]=\"#123456\"\n";
    static const char right[] = "theme[main_fg]='#ff0000'\n"
                                "theme[inactive_fg]=\"#80\"\n"
                                "theme[temp_end]=\"0 255 0\"\n"
                                "theme[new_in_btop_9]=\"#123456\"\n";
    struct theme theme;
    struct strbuf error;
    strbuf_init(&error, 512);
    theme_init(&theme);
    assert_true(theme_read(&theme, "b", text, &error) < 0);
    assert_string_equal(strbuf_text(&error), "b:2: no colour: #RRGGBB, #GG or R G B");
    strbuf_clear(&error);
    assert_int_equal(theme_read(&theme, "b", right, &error), 0);
    assert_int_equal(theme_style(&theme, ROLE_TEXT, DEPTH_256, false).fg, 196);
    assert_int_equal(theme_style(&theme, ROLE_STALE, DEPTH_256, false).fg, 244);
    assert_int_equal(theme_style(&theme, ROLE_FAIL, DEPTH_256, false).fg, 46);
    strbuf_release(&error);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(colours_and_attributes_are_read),
        cmocka_unit_test(of_16_colours_the_hue_is_kept),
        cmocka_unit_test(nothing_takes_the_colour_of_its_background),
        cmocka_unit_test(the_selection_goes_under_plain_text_too),
        cmocka_unit_test(mistakes_name_their_line),
        cmocka_unit_test(the_built_in_themes_are_right),
        cmocka_unit_test(mono_has_no_colour),
        cmocka_unit_test(an_unknown_theme_says_which_there_are),
        cmocka_unit_test(contrast_is_that_of_wcag),
        cmocka_unit_test(every_built_in_theme_can_be_read),
        cmocka_unit_test(a_role_has_the_background_of_text),
        cmocka_unit_test(themes_of_btop_are_understood),
    };
    return cmocka_run_group_tests_name("theme", tests, NULL, NULL);
}
