#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "flight/flight_encode.h"
#include "flight/flight_fields.h"
#include "flight/flight_names.h"

#define T0 INT64_C(1700000000000)

struct fixture {
    struct flight f;
    struct strbuf out;
};

static int set_up(void **state)
{
    static struct fixture x;
    x.f = (struct flight){.icao = 0x4b1814, .now_ms = T0, .heard_at_ms = T0};
    strbuf_init(&x.out, 65536);
    *state = &x;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *x = *state;
    strbuf_release(&x->out);
    return 0;
}

static void set(struct fixture *x, enum flight_field field, int32_t value)
{
    x->f.v.num[field] = value;
    x->f.known |= FLIGHT_BIT(field);
}

static void set_text(struct fixture *x, enum flight_field field, const char *text)
{
    assert_true(flight_values_set_text(&x->f.v, field, text, strlen(text)));
    x->f.known |= FLIGHT_BIT(field);
}

static void values_have_the_decimals_of_their_field(void **state)
{
    struct fixture *x = *state;
    static const struct {
        enum flight_field field;
        int32_t value;
        const char *want;
    } rows[] = {
        {FLIGHT_LAT, 4745813, ",\"lat\":47.45813"},
        {FLIGHT_LAT, -4745800, ",\"lat\":-47.458"},
        {FLIGHT_LAT, 0, ",\"lat\":0"},
        {FLIGHT_LON, -1, ",\"lon\":-0.00001"},
        {FLIGHT_LON, 18000000, ",\"lon\":180"},
        {FLIGHT_ALT_BARO, 38000, ",\"alt_baro\":38000"},
        {FLIGHT_ALT_BARO, -75, ",\"alt_baro\":-75"},
        {FLIGHT_ALT_BARO, FLIGHT_ALT_GROUND, ",\"alt_baro\":\"ground\""},
        {FLIGHT_GS, 4312, ",\"gs\":431.2"},
        {FLIGHT_GS, 4310, ",\"gs\":431"},
        {FLIGHT_MACH, 780, ",\"mach\":0.78"},
        {FLIGHT_SQUAWK, 7700, ",\"squawk\":\"7700\""},
        {FLIGHT_SQUAWK, 33, ",\"squawk\":\"0033\""},
        {FLIGHT_EMERGENCY, FLIGHT_EMERGENCY_NORDO, ",\"emergency\":\"nordo\""},
        {FLIGHT_EMERGENCY, 99, ",\"emergency\":null"},
        {FLIGHT_ADDR_TYPE, FLIGHT_ADDR_MLAT, ",\"type\":\"mlat\""},
        {FLIGHT_CATEGORY, 0xA3, ",\"category\":\"A3\""},
        {FLIGHT_DB_FLAGS, 9, ",\"dbFlags\":9"},
        {FLIGHT_NAV_MODES, 0, ",\"nav_modes\":[]"},
        {FLIGHT_NAV_MODES, 33, ",\"nav_modes\":[\"autopilot\",\"tcas\"]"},
        {FLIGHT_MESSAGES, 2147483647, ",\"messages\":2147483647"},
        {FLIGHT_RSSI, -235, ",\"rssi\":-23.5"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        strbuf_clear(&x->out);
        set(x, rows[i].field, rows[i].value);
        assert_true(flight_encode_fields(&x->out, &x->f, FLIGHT_BIT(rows[i].field)));
        assert_string_equal(x->out.data, rows[i].want);
    }
}

static void texts_are_escaped(void **state)
{
    struct fixture *x = *state;
    set_text(x, FLIGHT_CALLSIGN, "A\"B\\C");
    flight_encode_fields(&x->out, &x->f, FLIGHT_ALL_FIELDS);
    assert_string_equal(x->out.data, ",\"flight\":\"A\\\"B\\\\C\"");
}

static void only_the_known_fields_asked_for_are_written(void **state)
{
    struct fixture *x = *state;
    set(x, FLIGHT_GS, 4000);
    set(x, FLIGHT_TRACK, 900);
    flight_encode_fields(&x->out, &x->f,
                         FLIGHT_BIT(FLIGHT_GS) | FLIGHT_BIT(FLIGHT_SQUAWK));
    assert_string_equal(x->out.data, ",\"gs\":400");
    strbuf_clear(&x->out);
    flight_encode_changes(&x->out, &x->f,
                          FLIGHT_BIT(FLIGHT_GS) | FLIGHT_BIT(FLIGHT_SQUAWK));
    assert_string_equal(x->out.data, ",\"gs\":400,\"squawk\":null");
}

static void a_flight_tells_its_ages(void **state)
{
    struct fixture *x = *state;
    set(x, FLIGHT_GS, 4000);
    flight_encode_flight(&x->out, &x->f, FLIGHT_ALL_FIELDS, T0 + 1260);
    assert_string_equal(x->out.data, "{\"hex\":\"4b1814\",\"gs\":400,\"seen\":1.3}");
    strbuf_clear(&x->out);
    set(x, FLIGHT_LAT, 100000);
    set(x, FLIGHT_LON, -100000);
    x->f.pos_at_ms = T0 - 5000;
    flight_encode_flight(&x->out, &x->f, FLIGHT_BIT(FLIGHT_LAT), T0 - 1000);
    assert_string_equal(x->out.data,
                        "{\"hex\":\"4b1814\",\"lat\":1,\"seen\":0,\"seen_pos\":4}");
}

static void a_record_is_what_kafka_holds(void **state)
{
    struct fixture *x = *state;
    struct observation obs = {.icao = 0x2a0042 | FLIGHT_NON_ICAO,
                              .now_ms = T0 + 120,
                              .heard_at_ms = T0 + 120,
                              .cleared = FLIGHT_BIT(FLIGHT_SQUAWK)};
    flight_encode_record(&x->out, &obs);
    assert_string_equal(x->out.data,
                        "{\"hex\":\"~2a0042\",\"now\":1700000000.12,\"squawk\":null}");
    strbuf_clear(&x->out);
    obs.cleared = 0;
    obs.heard_at_ms = T0;
    obs.pos_at_ms = T0 - 1000;
    obs.present = FLIGHT_POSITION_FIELDS;
    obs.v.num[FLIGHT_LAT] = 4700000;
    obs.v.num[FLIGHT_LON] = 812345;
    flight_encode_record(&x->out, &obs);
    assert_string_equal(x->out.data,
                        "{\"hex\":\"~2a0042\",\"now\":1700000000.12,\"seen\":0.12,"
                        "\"seen_pos\":1.12,\"lat\":47,\"lon\":8.12345}");
}

static void a_state_is_a_record_of_the_whole_row(void **state)
{
    struct fixture *x = *state;
    set(x, FLIGHT_GS, 4000);
    set_text(x, FLIGHT_SRC, "sim");
    x->f.heard_at_ms = T0 - 200;
    flight_encode_state(&x->out, &x->f);
    assert_string_equal(x->out.data,
                        "{\"hex\":\"4b1814\",\"now\":1700000000,\"seen\":0.2,"
                        "\"gs\":400,\"src\":\"sim\"}");
}

static void the_largest_row_fits_and_a_full_buffer_takes_none(void **state)
{
    struct fixture *x = *state;
    for (size_t i = 0; i < FLIGHT_NUM_COUNT; i++)
        set(x, (enum flight_field)i, flight_field_info[i].min);
    set(x, FLIGHT_NAV_MODES, 255);
    for (size_t i = FLIGHT_NUM_COUNT; i < FLIGHT_FIELD_COUNT; i++)
        set_text(x, (enum flight_field)i, "\"\"\"\"\"\"\"\"");
    x->f.pos_at_ms = T0;
    assert_true(flight_encode_flight(&x->out, &x->f, FLIGHT_ALL_FIELDS, T0));
    assert_in_range(x->out.len, 500, FLIGHT_ENCODE_MAX);

    struct strbuf small;
    strbuf_init(&small, 100);
    assert_false(flight_encode_flight(&small, &x->f, FLIGHT_ALL_FIELDS, T0));
    assert_int_equal(small.len, 0);
    assert_true(small.overflowed);
    strbuf_release(&small);
}

#define ENCODE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ENCODE_TEST(values_have_the_decimals_of_their_field),
        ENCODE_TEST(texts_are_escaped),
        ENCODE_TEST(only_the_known_fields_asked_for_are_written),
        ENCODE_TEST(a_flight_tells_its_ages),
        ENCODE_TEST(a_record_is_what_kafka_holds),
        ENCODE_TEST(a_state_is_a_record_of_the_whole_row),
        ENCODE_TEST(the_largest_row_fits_and_a_full_buffer_takes_none),
    };
    return cmocka_run_group_tests_name("flight_encode", tests, NULL, NULL);
}
