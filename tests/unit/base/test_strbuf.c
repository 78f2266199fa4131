#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/strbuf.h"

static void fixed_point_is_exact_and_trimmed(void **state)
{
    (void)state;
    static const struct {
        int64_t value;
        unsigned decimals;
        const char *text;
    } rows[] = {
        {4312, 1, "431.2"},
        {4310, 1, "431"},
        {0, 5, "0"},
        {-1, 5, "-0.00001"},
        {4745812, 5, "47.45812"},
        {-18000000, 5, "-180"},
        {INT64_MIN, 0, "-9223372036854775808"},
        {7, 3, "0.007"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct strbuf buf;
        strbuf_init(&buf, 64);
        assert_true(strbuf_add_fixed(&buf, rows[i].value, rows[i].decimals));
        assert_string_equal(strbuf_text(&buf), rows[i].text);
        strbuf_release(&buf);
    }
}

static void json_text_is_escaped_and_valid_utf8(void **state)
{
    (void)state;
    struct strbuf buf;
    strbuf_init(&buf, 256);
    assert_true(strbuf_add_json(&buf, "a\"\\\x01\n\xff\xc3\xa9", 8));
    assert_string_equal(strbuf_text(&buf),
                        "\"a\\\"\\\\\\u0001\\n\xef\xbf\xbd\xc3\xa9\"");
    strbuf_release(&buf);
}

static void what_does_not_fit_is_dropped_whole(void **state)
{
    (void)state;
    struct strbuf buf;
    strbuf_init(&buf, 5);
    assert_true(strbuf_add_text(&buf, "abc"));
    assert_false(strbuf_add_text(&buf, "def"));
    assert_true(buf.overflowed);
    assert_string_equal(strbuf_text(&buf), "abc");
    assert_true(strbuf_add_text(&buf, "de"));
    assert_int_equal(buf.len, 5);
    strbuf_clear(&buf);
    assert_false(buf.overflowed);
    strbuf_release(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fixed_point_is_exact_and_trimmed),
        cmocka_unit_test(json_text_is_escaped_and_valid_utf8),
        cmocka_unit_test(what_does_not_fit_is_dropped_whole),
    };
    return cmocka_run_group_tests_name("strbuf", tests, NULL, NULL);
}
