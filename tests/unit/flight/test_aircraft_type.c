/* Types and categories in words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "flight/aircraft_type.h"

static void designators_have_names(void **state)
{
    (void)state;
    assert_string_equal(aircraft_type_name("A20N"), "Airbus A320neo");
    assert_string_equal(aircraft_type_name("C172"), "Cessna 172");
    assert_string_equal(aircraft_type_name("YK42"), "Yakovlev Yak-42");
    assert_null(aircraft_type_name("ZZZZ"));
    assert_null(aircraft_type_name(""));
    assert_null(aircraft_type_name("A20"));
}

static void the_table_is_in_order(void **state)
{
    (void)state;
    for (size_t i = 1; aircraft_type_at(i) != NULL; i++)
        assert_true(strcmp(aircraft_type_at(i - 1), aircraft_type_at(i)) < 0);
}

static void categories_have_names(void **state)
{
    (void)state;
    assert_string_equal(aircraft_category_name(0xA3), "large");
    assert_string_equal(aircraft_category_name(0xA7), "rotorcraft");
    assert_string_equal(aircraft_category_name(0xB6), "unmanned");
    assert_string_equal(aircraft_category_name(0xC2), "service vehicle");
    assert_null(aircraft_category_name(0xA0));
    assert_null(aircraft_category_name(0xD7));
    assert_null(aircraft_category_name(0));
    assert_null(aircraft_category_name(0xFF));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(designators_have_names),
        cmocka_unit_test(the_table_is_in_order),
        cmocka_unit_test(categories_have_names),
    };
    return cmocka_run_group_tests_name("aircraft_type", tests, NULL, NULL);
}
