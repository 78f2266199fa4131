/* OSC 52 as terminals, tmux and screen want it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "base/strbuf.h"
#include "term/clipboard.h"

static void base64_is_that_of_rfc_4648(void **state)
{
    (void)state;
    static const struct {
        const char *text, *expected;
    } rows[] = {
        {"", ""},        {"f", "Zg=="},          {"fo", "Zm8="},
        {"foo", "Zm9v"}, {"foobar", "Zm9vYmFy"}, {"\xc3\xa9", "w6k="},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct strbuf out;
        char expected[64];
        strbuf_init(&out, 256);
        snprintf(expected, sizeof expected, "\033]52;c;%s\a", rows[i].expected);
        assert_true(clipboard_encode(rows[i].text, strlen(rows[i].text),
                                     CLIPBOARD_PLAIN, &out));
        assert_string_equal(strbuf_text(&out), expected);
        strbuf_release(&out);
    }
}

static void what_stands_between_decides_the_wrapping(void **state)
{
    (void)state;
    struct strbuf out;
    strbuf_init(&out, 65536);
    assert_int_equal(clipboard_way_of("tmux-256color", "/tmp/x,1,0", NULL),
                     CLIPBOARD_TMUX);
    assert_int_equal(clipboard_way_of("screen", NULL, "1.pts"), CLIPBOARD_SCREEN);
    assert_int_equal(clipboard_way_of("xterm", NULL, ""), CLIPBOARD_PLAIN);
    assert_int_equal(clipboard_way_of("linux", NULL, NULL), CLIPBOARD_NONE);
    clipboard_encode("f", 1, CLIPBOARD_TMUX, &out);
    assert_string_equal(strbuf_text(&out), "\033]52;c;Zg==\a"
                                           "\033Ptmux;\033\033]52;c;Zg==\a\033\\");
    strbuf_clear(&out);
    char longer[600];
    memset(longer, 'a', sizeof longer);
    clipboard_encode(longer, sizeof longer, CLIPBOARD_SCREEN, &out);
    for (const char *at = strbuf_text(&out); *at != '\0';) {
        const char *end = strstr(at, "\033\\");
        assert_int_equal(memcmp(at, "\033P", 2), 0);
        assert_non_null(end);
        assert_in_range(end - at, 3, 255);
        at = end + 2;
    }
    strbuf_release(&out);
}

static void too_much_is_refused(void **state)
{
    (void)state;
    static char text[CLIPBOARD_MAX + 1];
    struct strbuf out;
    strbuf_init(&out, (size_t)CLIPBOARD_MAX * 8);
    memset(text, 'a', sizeof text);
    assert_true(clipboard_encode(text, CLIPBOARD_MAX, CLIPBOARD_PLAIN, &out));
    strbuf_clear(&out);
    assert_false(clipboard_encode(text, CLIPBOARD_MAX + 1, CLIPBOARD_PLAIN, &out));
    assert_int_equal(out.len, 0);
    assert_false(clipboard_encode("f", 1, CLIPBOARD_NONE, &out));
    strbuf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(base64_is_that_of_rfc_4648),
        cmocka_unit_test(what_stands_between_decides_the_wrapping),
        cmocka_unit_test(too_much_is_refused),
    };
    return cmocka_run_group_tests_name("clipboard", tests, NULL, NULL);
}
