#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/units.h"

static void quantities_are_shown_in_the_unit_of_the_system(void **state)
{
    (void)state;
    static const struct {
        enum unit_system system;
        enum quantity quantity;
        double kept;
        double shown;
        const char *label;
    } rows[] = {
        {UNITS_AVIATION, QUANTITY_ALTITUDE, 35000, 35000, "ft"},
        {UNITS_METRIC, QUANTITY_ALTITUDE, 35000, 10668, "m"},
        {UNITS_IMPERIAL, QUANTITY_ALTITUDE, 35000, 35000, "ft"},
        {UNITS_AVIATION, QUANTITY_SPEED, 450, 450, "kt"},
        {UNITS_METRIC, QUANTITY_SPEED, 450, 833.4, "km/h"},
        {UNITS_IMPERIAL, QUANTITY_SPEED, 450, 517.8508, "mph"},
        {UNITS_AVIATION, QUANTITY_DISTANCE, 100, 100, "nm"},
        {UNITS_METRIC, QUANTITY_DISTANCE, 100, 185.2, "km"},
        {UNITS_IMPERIAL, QUANTITY_DISTANCE, 100, 115.0779, "mi"},
        {UNITS_AVIATION, QUANTITY_VERTICAL_RATE, -1200, -1200, "fpm"},
        {UNITS_METRIC, QUANTITY_VERTICAL_RATE, -1200, -6.096, "m/s"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        double shown = units_shown(rows[i].system, rows[i].quantity, rows[i].kept);
        assert_float_equal(shown, rows[i].shown, 0.0001);
        assert_float_equal(units_kept(rows[i].system, rows[i].quantity, shown),
                           rows[i].kept, 0.0001);
        assert_string_equal(units_label(rows[i].system, rows[i].quantity),
                            rows[i].label);
    }
    assert_int_equal(units_decimals(UNITS_METRIC, QUANTITY_VERTICAL_RATE), 1);
    assert_int_equal(units_decimals(UNITS_METRIC, QUANTITY_SPEED), 0);
}

static void systems_are_named_and_step_in_a_circle(void **state)
{
    (void)state;
    enum unit_system system = UNITS_AVIATION;
    for (int i = 0; i < 3; i++) {
        enum unit_system back = UNITS_AVIATION;
        assert_true(unit_system_parse(unit_system_name(system), &back));
        assert_int_equal(back, system);
        system = unit_system_next(system);
    }
    assert_int_equal(system, UNITS_AVIATION);
    assert_false(unit_system_parse("furlongs", &system));
    assert_false(unit_system_parse("", &system));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantities_are_shown_in_the_unit_of_the_system),
        cmocka_unit_test(systems_are_named_and_step_in_a_circle),
    };
    return cmocka_run_group_tests_name("units", tests, NULL, NULL);
}
