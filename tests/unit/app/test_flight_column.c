/* What columns say, in which units, how old it is; and the choice of columns. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/flight_column_choice.h"
#include "app/flight_freshness.h"
#include "app/flight_value.h"
#include "base/strbuf.h"
#include "flight/flight_fields.h"
#include "flight/flight_names.h"

static void know(struct flight *f, enum flight_field field, int32_t value)
{
    f->known |= FLIGHT_BIT(field);
    f->v.num[field] = value;
}

static void know_text(struct flight *f, enum flight_field field, const char *text)
{
    f->known |= FLIGHT_BIT(field);
    assert_true(flight_values_set_text(&f->v, field, text, strlen(text)));
}

static struct flight example(void)
{
    struct flight f = {.icao = 0x4b1814, .heard_at_ms = 1000000, .pos_at_ms = 990000};
    know_text(&f, FLIGHT_CALLSIGN, "SWR14A");
    know_text(&f, FLIGHT_TYPE_CODE, "B77W");
    know_text(&f, FLIGHT_SRC, "roof");
    know(&f, FLIGHT_ALT_BARO, 36025);
    know(&f, FLIGHT_NAV_ALTITUDE_MCP, 36000);
    know(&f, FLIGHT_GS, 4471);
    know(&f, FLIGHT_IAS, 280);
    know(&f, FLIGHT_MACH, 840);
    know(&f, FLIGHT_TRACK, 3598);
    know(&f, FLIGHT_BARO_RATE, -1820);
    know(&f, FLIGHT_SQUAWK, 33);
    know(&f, FLIGHT_CATEGORY, 0xA5);
    know(&f, FLIGHT_NAV_MODES, FLIGHT_NAV_AUTOPILOT | FLIGHT_NAV_TCAS);
    know(&f, FLIGHT_LAT, 4750000);
    know(&f, FLIGHT_LON, 850000);
    know(&f, FLIGHT_DB_FLAGS, FLIGHT_DB_INTERESTING);
    know(&f, FLIGHT_ADDR_TYPE, FLIGHT_ADDR_MLAT);
    return f;
}

static void it_says_what_is_known_in_the_units_chosen(void **state)
{
    (void)state;
    static const struct {
        enum flight_column column;
        const char *aviation, *metric, *imperial;
    } rows[] = {
        {COLUMN_CALLSIGN, "SWR14A", "SWR14A", "SWR14A"},
        {COLUMN_ALT, "36 025", "10 980", "36 025"},
        {COLUMN_SELALT, "36 000", "10 973", "36 000"},
        {COLUMN_GS, "447", "828", "515"},
        {COLUMN_IAS, "280", "519", "322"},
        {COLUMN_VRATE, "-1800", "-9.2", "-1800"},
        {COLUMN_MACH, "0.84", "0.84", "0.84"},
        {COLUMN_TRACK, "000", "000", "000"},
        {COLUMN_SQUAWK, "0033", "0033", "0033"},
        {COLUMN_DIST, "60", "111", "69"},
        {COLUMN_BEARING, "000", "000", "000"},
        {COLUMN_COUNTRY, "CH", "CH", "CH"},
        {COLUMN_COUNTRY_NAME, "Switzerland", "Switzerland", "Switzerland"},
        {COLUMN_TYPE_NAME, "Boeing 777-300ER", "Boeing 777-300ER", "Boeing 777-300ER"},
        {COLUMN_CATEGORY_NAME, "heavy", "heavy", "heavy"},
        {COLUMN_MODES, "autopilot tcas", "autopilot tcas", "autopilot tcas"},
        {COLUMN_PHASE, "descent", "descent", "descent"},
        {COLUMN_FLAGS, "*", "*", "*"},
        {COLUMN_VIA, "mlat", "mlat", "mlat"},
        {COLUMN_TAS, "", "", ""},
        {COLUMN_RSSI, "", "", ""},
        {COLUMN_EMERGENCY, "", "", ""},
    };
    struct flight f = example();
    struct flight_view_context context = {.now_ms = 1000000, .has_home = true};
    context.home = (struct geo_point){46.5, 8.5};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *const expected[] = {rows[i].aviation, rows[i].metric,
                                        rows[i].imperial};
        for (int units = 0; units < UNITS_COUNT; units++) {
            char text[COLUMN_TEXT_SIZE];
            context.units = (enum unit_system)units;
            flight_column_text(rows[i].column, &f, &context, text);
            assert_string_equal(text, expected[units]);
        }
    }
}

/* Each field of flight_fields.def is shown by a column, as itself or within one. */
static void every_field_has_a_column(void **state)
{
    (void)state;
    static const enum flight_field within[] = {
        FLIGHT_CALLSIGN,         FLIGHT_ALT_BARO,  FLIGHT_BARO_RATE,
        FLIGHT_NAV_ALTITUDE_MCP, FLIGHT_EMERGENCY, FLIGHT_DB_FLAGS};
    uint64_t shown = 0;
    for (size_t i = 0; i < ARRAY_LEN(within); i++)
        shown |= FLIGHT_BIT(within[i]);
    for (int i = 0; i < COLUMN_COUNT; i++) {
        enum flight_field field = flight_column_info((enum flight_column)i)->field;
        shown |= field < FLIGHT_FIELD_COUNT ? FLIGHT_BIT(field) : 0;
    }
    for (int field = 0; field < FLIGHT_FIELD_COUNT; field++) {
        if ((shown & FLIGHT_BIT(field)) == 0)
            fail_msg("no column shows %s", flight_field_info[field].key);
    }
}

static void headers_fit_their_columns(void **state)
{
    (void)state;
    for (int i = 0; i < COLUMN_COUNT; i++) {
        const struct flight_column_info *info =
            flight_column_info((enum flight_column)i);
        if ((int)strlen(info->title) > info->width)
            fail_msg("%s: its title is wider than the column", info->name);
        assert_int_equal(flight_column_by_name(info->name, strlen(info->name)), i);
    }
}

static void every_field_has_a_value_as_text(void **state)
{
    (void)state;
    static const struct {
        enum flight_field field;
        enum unit_system units;
        const char *text, *unit;
    } rows[] = {
        {FLIGHT_ALT_BARO, UNITS_AVIATION, "36025", "ft"},
        {FLIGHT_ALT_BARO, UNITS_METRIC, "10980", "m"},
        {FLIGHT_GS, UNITS_AVIATION, "447.1", "kt"},
        {FLIGHT_GS, UNITS_METRIC, "828.0", "km/h"},
        {FLIGHT_BARO_RATE, UNITS_METRIC, "-9.2", "m/s"},
        {FLIGHT_SQUAWK, UNITS_METRIC, "0033", ""},
        {FLIGHT_CATEGORY, UNITS_METRIC, "A5", ""},
        {FLIGHT_LAT, UNITS_METRIC, "47.5", "deg"},
        {FLIGHT_TAS, UNITS_METRIC, "", "km/h"},
    };
    struct flight f = example();
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct strbuf text;
        strbuf_init(&text, 64);
        flight_value_text(&f, rows[i].field, rows[i].units, &text);
        assert_string_equal(strbuf_text(&text), rows[i].text);
        assert_string_equal(flight_value_unit(rows[i].field, rows[i].units),
                            rows[i].unit);
        strbuf_release(&text);
    }
}

static void what_is_grey_can_be_explained(void **state)
{
    (void)state;
    static const struct {
        int64_t heard_ago_s, place_ago_s;
        const char *expected;
    } rows[] = {
        {0, 15, ""},
        {2, 16, "grey: no position for 16s, last by roof (mlat)"},
        {16, 90, "grey: not heard for 16s, last by roof (mlat)"},
        {200, 200, "grey: not heard for 3m 20s, last by roof (mlat)"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct flight f = example();
        struct strbuf text;
        strbuf_init(&text, 128);
        f.heard_at_ms = 1000000 - rows[i].heard_ago_s * 1000;
        f.pos_at_ms = 1000000 - rows[i].place_ago_s * 1000;
        freshness_explain(&f, 1000000, &text);
        assert_string_equal(strbuf_text(&text), rows[i].expected);
        strbuf_release(&text);
    }
}

static void a_position_ages_on_its_own(void **state)
{
    (void)state;
    struct flight f = example();
    f.pos_at_ms = 900000;
    int64_t now_ms = 1000000;
    assert_int_equal(freshness_of(flight_column_heard_ms(COLUMN_ALT, &f), now_ms),
                     FLIGHT_FRESH);
    assert_int_equal(freshness_of(flight_column_heard_ms(COLUMN_DIST, &f), now_ms),
                     FLIGHT_LOST);
    assert_int_equal(freshness_of(now_ms - 30000, now_ms), FLIGHT_FADED);
    assert_int_equal(freshness_of(0, now_ms), FLIGHT_FRESH);
}

static void columns_are_chosen_moved_and_put_back_in_their_place(void **state)
{
    (void)state;
    struct column_choice choice;
    char text[128];
    column_choice_read(&choice, "callsign,age  nonsense alt age");
    assert_int_equal(choice.count, 3);
    column_choice_toggle(&choice, COLUMN_GS);
    column_choice_write(&choice, text, sizeof text);
    assert_string_equal(text, "callsign age alt gs");
    assert_true(column_choice_move(&choice, COLUMN_GS, -1));
    assert_true(column_choice_move(&choice, COLUMN_GS, -1));
    column_choice_write(&choice, text, sizeof text);
    assert_string_equal(text, "callsign gs age alt");
    assert_false(column_choice_move(&choice, COLUMN_CALLSIGN, -1));
    assert_false(column_choice_move(&choice, COLUMN_ALT, 1));
    assert_false(column_choice_move(&choice, COLUMN_REG, 1));
    column_choice_toggle(&choice, COLUMN_GS);
    column_choice_toggle(&choice, COLUMN_AGE);
    column_choice_toggle(&choice, COLUMN_CALLSIGN);
    column_choice_toggle(&choice, COLUMN_ALT); /* the last one stays */
    column_choice_write(&choice, text, sizeof text);
    assert_string_equal(text, "alt");
}

static void all_columns_at_once_have_room_in_the_text(void **state)
{
    (void)state;
    struct column_choice all = {.count = 0};
    struct column_choice again;
    char text[640]; /* APP_COLUMNS_MAX */
    for (int i = 0; i < COLUMN_COUNT; i++)
        column_choice_toggle(&all, (enum flight_column)i);
    column_choice_write(&all, text, sizeof text);
    column_choice_read(&again, text);
    assert_int_equal(again.count, COLUMN_COUNT);
    char small[12];
    column_choice_write(&all, small, sizeof small);
    assert_string_equal(small, "callsign");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_says_what_is_known_in_the_units_chosen),
        cmocka_unit_test(every_field_has_a_column),
        cmocka_unit_test(headers_fit_their_columns),
        cmocka_unit_test(every_field_has_a_value_as_text),
        cmocka_unit_test(what_is_grey_can_be_explained),
        cmocka_unit_test(a_position_ages_on_its_own),
        cmocka_unit_test(columns_are_chosen_moved_and_put_back_in_their_place),
        cmocka_unit_test(all_columns_at_once_have_room_in_the_text),
    };
    return cmocka_run_group_tests_name("flight_column", tests, NULL, NULL);
}
