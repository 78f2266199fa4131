#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "flight/flight_fields.h"
#include "flight/flight_keys.h"
#include "flight/flight_number.h"

static void digits_are_dropped_with_rounding_half_away(void **state)
{
    (void)state;
    static const struct {
        struct flight_number number;
        int32_t decimals;
        int64_t want;
    } rows[] = {
        {{.mantissa = 471234, .decimals = 4}, 5, 4712340},
        {{.mantissa = 47123455, .decimals = 6}, 5, 4712346},
        {{.mantissa = 47123454, .decimals = 6}, 5, 4712345},
        {{.mantissa = 47123455, .decimals = 6, .negative = true}, 5, -4712346},
        {{.mantissa = 5, .decimals = 1}, 0, 1},
        {{.mantissa = 4999, .decimals = 4}, 0, 0},
        {{.mantissa = 3, .decimals = -3}, 1, 30000},
        {{.mantissa = UINT64_MAX, .decimals = 19}, 0, 2},
        {{.mantissa = UINT64_MAX, .decimals = 40}, 0, 0},
        {{.mantissa = 0, .decimals = -300}, 9, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t value = -1;
        assert_true(flight_number_to_fixed(rows[i].number, rows[i].decimals, &value));
        assert_int_equal(value, rows[i].want);
    }
    int64_t untouched = 7;
    assert_false(flight_number_to_fixed(
        (struct flight_number){.mantissa = 1, .decimals = -19}, 0, &untouched));
    assert_false(flight_number_to_fixed((struct flight_number){.mantissa = UINT64_MAX},
                                        0, &untouched));
    assert_int_equal(untouched, 7);
}

static void a_double_gives_back_what_was_written(void **state)
{
    (void)state;
    static const struct {
        double d;
        int64_t want_e9; /* times 10^9 */
    } rows[] = {{47.123455, INT64_C(47123455000)},
                {0.1, INT64_C(100000000)},
                {-1e-9, -1},
                {1e-300, 0},
                {123456789.5, INT64_C(123456789500000000)},
                {0.30000000000000004, INT64_C(300000000)}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t value = -7;
        assert_true(
            flight_number_to_fixed(flight_number_from_double(rows[i].d), 9, &value));
        assert_int_equal(value, rows[i].want_e9);
    }
}

static void long_numbers_near_a_tie_do_not_survive_a_double(void **state)
{
    (void)state;
    struct flight_number tie = {.mantissa = UINT64_C(1699999999123500000),
                                .decimals = 9};
    struct flight_number clear = {.mantissa = UINT64_C(1699999999123400000),
                                  .decimals = 9};
    struct flight_number brief = {.mantissa = UINT64_C(16999999991235), .decimals = 4};
    assert_false(flight_number_survives_double(tie, 3));
    assert_true(flight_number_survives_double(clear, 3));
    assert_true(flight_number_survives_double(brief, 3));
}

static void every_key_is_found_in_the_hash(void **state)
{
    (void)state;
    static const char *const extras[] = {
#define X(id, key) key,
        FLIGHT_EXTRA_KEYS(X)
#undef X
    };
    for (unsigned i = 0; i < FLIGHT_KEY_COUNT; i++) {
        const char *key = i < FLIGHT_FIELD_COUNT ? flight_field_info[i].key
                                                 : extras[i - FLIGHT_FIELD_COUNT];
        size_t n = strlen(key);
        char longer[32];
        snprintf(longer, sizeof longer, "%s_", key);
        assert_int_equal(flight_key_find(key, n), i);
        assert_int_equal(flight_key_find(longer, n + 1), FLIGHT_KEY_NONE);
        assert_int_not_equal(flight_key_find(key, n - 1), i);
    }
    assert_int_equal(flight_key_find("", 0), FLIGHT_KEY_NONE);
    assert_int_equal(flight_key_find("la\0", 3), FLIGHT_KEY_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digits_are_dropped_with_rounding_half_away),
        cmocka_unit_test(a_double_gives_back_what_was_written),
        cmocka_unit_test(long_numbers_near_a_tie_do_not_survive_a_double),
        cmocka_unit_test(every_key_is_found_in_the_hash),
    };
    return cmocka_run_group_tests_name("flight_number", tests, NULL, NULL);
}
