/* Columns that leave, rows that scroll. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "widgets/table.h"

static const struct table_column columns[] = {
    {.title = "A", .unit = "", .width = 8, .priority = 1},
    {.title = "B", .unit = "", .width = 4, .priority = 3},
    {.title = "C", .unit = "", .width = 6, .priority = 2},
    {.title = "D", .unit = "", .width = 4, .priority = 4, .grows = true},
};

static void the_least_important_columns_leave_first(void **state)
{
    (void)state;
    static const struct {
        int width;
        const char *expected;
    } rows[] = {{100, "ABCD"}, {28, "ABCD"}, {27, "ABC"},
                {21, "AC"},    {15, "A"},    {3, "A"}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct table_column fitted[TABLE_COLUMNS_MAX];
        char titles[8] = "";
        size_t n = table_fit(columns, ARRAY_LEN(columns), rows[i].width, fitted);
        for (size_t k = 0; k < n; k++)
            titles[k] = fitted[k].title[0];
        assert_string_equal(titles, rows[i].expected);
    }
}

static void a_column_that_grows_takes_the_rest(void **state)
{
    (void)state;
    struct table_column fitted[TABLE_COLUMNS_MAX];
    assert_int_equal(table_fit(columns, ARRAY_LEN(columns), 60, fitted), 4);
    assert_int_equal(fitted[3].width, 36);
}

static void the_selection_stays_in_sight(void **state)
{
    (void)state;
    static const struct {
        struct scroll before;
        size_t count;
        int visible;
        struct scroll after;
    } rows[] = {
        {{0, 9}, 20, 5, {5, 9}},     {{10, 3}, 20, 5, {3, 3}},
        {{18, 19}, 20, 5, {15, 19}}, {{0, 50}, 20, 5, {15, 19}},
        {{4, 2}, 0, 5, {0, 0}},      {{3, 3}, 4, 10, {0, 3}},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct scroll scroll = rows[i].before;
        scroll_fit(&scroll, rows[i].count, rows[i].visible);
        assert_int_equal(scroll.top, rows[i].after.top);
        assert_int_equal(scroll.selected, rows[i].after.selected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_least_important_columns_leave_first),
        cmocka_unit_test(a_column_that_grows_takes_the_rest),
        cmocka_unit_test(the_selection_stays_in_sight),
    };
    return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}
