#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/macros.h"
#include "flight/operator.h"

static void callsigns_name_their_operator(void **state)
{
    (void)state;
    static const struct {
        const char *callsign, *name, *country;
    } rows[] = {
        {"SWR123A ", "Swiss International Air Lines", "CH"},
        {"BAW1", "British Airways", "GB"},
        {"DAL2450", "Delta Air Lines", "US"},
        {"EJU81KP", "easyJet Europe", "AT"}, /* newer than the OpenFlights list */
        {"APJ501", "Peach Aviation", "JP"},  /* reassigned since */
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct flight_operator *o = operator_of_callsign(rows[i].callsign);

        assert_non_null(o);
        assert_string_equal(o->name, rows[i].name);
        assert_string_equal(o->country, rows[i].country);
    }
}

static void other_callsigns_have_no_operator(void **state)
{
    (void)state;
    static const char *const rows[] = {"",         "SW",     "SWR",       "N123AB",
                                       "SWRX12",   "swr123", "HBZRA",     "REACH12",
                                       "@@@@@@@@", "D-ABYT", "\303\2041", "   1"};

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_null(operator_of_callsign(rows[i]));
}

static void designators_are_looked_up_whole(void **state)
{
    (void)state;
    assert_string_equal(operator_by_icao("BAW")->telephony, "SPEEDBIRD");
    assert_null(operator_by_icao("BA"));
    assert_null(operator_by_icao("BAWX"));
    assert_null(operator_by_icao("QQX"));
}

/* Binary search needs the order; walking all codes proves that none is lost. */
static void every_row_is_found_by_its_code(void **state)
{
    (void)state;
    unsigned found = 0;
    char code[4] = "AAA";

    for (code[0] = 'A'; code[0] <= 'Z'; code[0]++) {
        for (code[1] = 'A'; code[1] <= 'Z'; code[1]++) {
            for (code[2] = 'A'; code[2] <= 'Z'; code[2]++) {
                const struct flight_operator *o = operator_by_icao(code);

                if (o)
                    assert_string_equal(o->icao, code);
                found += o != NULL;
            }
        }
    }
    assert_in_range(found, 5500, 7000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(callsigns_name_their_operator),
        cmocka_unit_test(other_callsigns_have_no_operator),
        cmocka_unit_test(designators_are_looked_up_whole),
        cmocka_unit_test(every_row_is_found_by_its_code),
    };

    return cmocka_run_group_tests_name("operator", tests, NULL, NULL);
}
