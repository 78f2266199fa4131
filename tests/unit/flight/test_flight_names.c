#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "flight/flight_fields.h"
#include "flight/flight_names.h"
#include "flight/observation.h"

static void hex_reads_what_it_writes(void **state)
{
    (void)state;
    static const struct {
        uint32_t icao;
        const char *hex;
    } rows[] = {{0x4b1814, "4b1814"},
                {0x000001, "000001"},
                {0xffffff, "ffffff"},
                {0x2a0042 | FLIGHT_NON_ICAO, "~2a0042"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char hex[FLIGHT_HEX_SIZE];
        uint32_t icao = 0;
        flight_format_hex(rows[i].icao, hex);
        assert_string_equal(hex, rows[i].hex);
        assert_true(flight_parse_hex(hex, strlen(hex), &icao));
        assert_int_equal(icao, rows[i].icao);
    }
    uint32_t icao = 7;
    assert_true(flight_parse_hex("4B1814", 6, &icao));
    assert_int_equal(icao, 0x4b1814);
}

static void hex_refuses_what_is_no_address(void **state)
{
    (void)state;
    static const char *const bad[] = {"",       "4b181",   "4b18144", "4b181g",
                                      "~4b181", "~~b1814", "4b1814 ", " 4b1814",
                                      "0x4b18", "-4b181"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        uint32_t icao = 7;
        assert_false(flight_parse_hex(bad[i], strlen(bad[i]), &icao));
        assert_int_equal(icao, 7);
    }
}

static void every_word_leads_back_to_its_value(void **state)
{
    (void)state;
    static const enum flight_field fields[] = {FLIGHT_EMERGENCY, FLIGHT_ADDR_TYPE,
                                               FLIGHT_SIL_TYPE};
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        int32_t value = 0;
        const char *word;
        for (; (word = flight_enum_text(fields[i], value)) != NULL; value++) {
            int32_t back = -1;
            assert_true(flight_enum_value(fields[i], word, strlen(word), &back));
            assert_int_equal(back, value);
        }
        assert_true(value >= 3);
        assert_null(flight_enum_text(fields[i], -1));
        assert_false(flight_enum_value(fields[i], "nonsense", 8, &value));
    }
    int32_t bit = 0;
    assert_string_equal(flight_bit_text(FLIGHT_NAV_MODES, 5), "tcas");
    assert_true(flight_bit_value(FLIGHT_NAV_MODES, "tcas", 4, &bit));
    assert_int_equal(bit, FLIGHT_NAV_TCAS);
    assert_null(flight_bit_text(FLIGHT_NAV_MODES, 6));
    assert_null(flight_bit_text(FLIGHT_DB_FLAGS, 0));
    assert_string_equal(flight_enum_text(FLIGHT_EMERGENCY, FLIGHT_EMERGENCY_UNLAWFUL),
                        "unlawful");
    assert_string_equal(flight_enum_text(FLIGHT_ADDR_TYPE, FLIGHT_ADDR_MLAT), "mlat");
}

static void categories_are_a_letter_and_a_digit(void **state)
{
    (void)state;
    int32_t category = 0;
    char text[FLIGHT_CATEGORY_SIZE];
    for (char letter = 'A'; letter <= 'D'; letter++)
        for (char digit = '0'; digit <= '7'; digit++) {
            const char in[] = {letter, digit, '\0'};
            assert_true(flight_category_value(in, 2, &category));
            flight_category_text(category, text);
            assert_string_equal(text, in);
        }
    assert_true(flight_category_value("A3", 2, &category));
    assert_int_equal(category, 0xA3);
    assert_false(flight_category_value("A8", 2, &category));
    assert_false(flight_category_value("E0", 2, &category));
    assert_false(flight_category_value("a3", 2, &category));
    assert_false(flight_category_value("A", 1, &category));
}

static void squawks_are_octal_and_padded(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int32_t want; /* -1 = refused */
    } rows[] = {{"7700", 7700}, {"733", 733},  {"0000", 0},  {"7", 7},   {"7800", -1},
                {"", -1},       {"12345", -1}, {"7 00", -1}, {"-1", -1}, {"77.0", -1}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int32_t squawk = -1;
        assert_int_equal(
            flight_squawk_value(rows[i].text, strlen(rows[i].text), &squawk),
            rows[i].want >= 0);
        assert_int_equal(squawk, rows[i].want);
    }
    assert_true(flight_squawk_valid(7777));
    assert_true(flight_squawk_valid(0));
    assert_false(flight_squawk_valid(7780));
    assert_false(flight_squawk_valid(-1));
    assert_false(flight_squawk_valid(10000));
}

static void the_field_table_follows_the_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < FLIGHT_FIELD_COUNT; i++) {
        enum flight_field field = FLIGHT_FIELD_COUNT;
        const struct flight_field_info *info = &flight_field_info[i];
        assert_non_null(info->key);
        assert_int_equal(strlen(info->key), info->key_length);
        assert_true(flight_field_by_key(info->key, info->key_length, &field));
        assert_int_equal(field, i); /* keys are unique */
        assert_int_equal(info->kind == FLIGHT_KIND_TEXT, i >= FLIGHT_NUM_COUNT);
    }
    assert_int_equal(flight_field_info[FLIGHT_LON].max, 18000000);
    assert_string_equal(flight_field_info[FLIGHT_ALT_BARO].unit, "ft");
    assert_int_equal(flight_default_fields() & FLIGHT_BIT(FLIGHT_RSSI), 0);
    assert_int_not_equal(flight_default_fields() & FLIGHT_BIT(FLIGHT_SRC), 0);
    assert_int_equal(FLIGHT_ALL_FIELDS, FLIGHT_BIT(FLIGHT_FIELD_COUNT) - 1);
}

static void texts_hold_printable_ascii_that_fits(void **state)
{
    (void)state;
    struct flight_values v = {0};
    assert_true(flight_values_set_text(&v, FLIGHT_CALLSIGN, "SWR12345", 8));
    assert_string_equal(flight_values_text(&v, FLIGHT_CALLSIGN), "SWR12345");
    assert_false(flight_values_set_text(&v, FLIGHT_CALLSIGN, "SWR123456", 9));
    assert_false(flight_values_set_text(&v, FLIGHT_CALLSIGN, "A\x1b[2J", 5));
    assert_false(flight_values_set_text(&v, FLIGHT_CALLSIGN, "Z\xc3\xbc", 3));
    assert_false(flight_values_set_text(&v, FLIGHT_CALLSIGN, "A\x7f", 2));
    assert_string_equal(v.callsign, "SWR12345");
    assert_true(flight_values_set_text(&v, FLIGHT_CALLSIGN, "AB", 2));
    assert_memory_equal(v.callsign, "AB\0\0\0\0\0\0\0", sizeof v.callsign);
}

static void reasons_have_texts(void **state)
{
    (void)state;
    assert_string_equal(observation_reason_text(OBSERVATION_FUTURE), "future");
    assert_string_equal(observation_reason_text(OBSERVATION_REASON_COUNT), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hex_reads_what_it_writes),
        cmocka_unit_test(hex_refuses_what_is_no_address),
        cmocka_unit_test(every_word_leads_back_to_its_value),
        cmocka_unit_test(categories_are_a_letter_and_a_digit),
        cmocka_unit_test(squawks_are_octal_and_padded),
        cmocka_unit_test(the_field_table_follows_the_rows),
        cmocka_unit_test(texts_hold_printable_ascii_that_fits),
        cmocka_unit_test(reasons_have_texts),
    };
    return cmocka_run_group_tests_name("flight_names", tests, NULL, NULL);
}
