/* Tab completes the names of fields. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "views/filter_line.h"

static void the_last_word_is_completed_as_far_as_it_is_clear(void **state)
{
    (void)state;
    static const struct {
        const char *typed, *expected; /* NULL: nothing to complete */
    } rows[] = {
        {"callsi", "callsign"},
        {"alt > 100 and squ", "alt > 100 and squawk"},
        {"", NULL},
        {"nosuchfield", NULL},
        {"squawk", NULL},
        {"alt > ", NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct strbuf text;
        strbuf_init(&text, 256);
        bool any = filter_line_complete(rows[i].typed, &text);
        assert_int_equal(any, rows[i].expected != NULL);
        assert_string_equal(strbuf_text(&text), any ? rows[i].expected : "");
        strbuf_release(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_word_is_completed_as_far_as_it_is_clear),
    };
    return cmocka_run_group_tests_name("filter_line", tests, NULL, NULL);
}
