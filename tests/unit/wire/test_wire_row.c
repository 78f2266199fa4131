#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/strbuf.h"
#include "flight/flight_fields.h"
#include "wire/wire_row.h"

#define NOW_MS INT64_C(1700000000000)

static const struct wire_clock now = {NOW_MS, 250};

static struct flight parked(int64_t heard_ago_ms, int64_t pos_ago_ms)
{
    struct flight f = {.icao = 0x4b1814};
    f.known = FLIGHT_POSITION_FIELDS | FLIGHT_BIT(FLIGHT_GS);
    f.v.num[FLIGHT_LAT] = 4745813;
    f.v.num[FLIGHT_LON] = 855552;
    f.v.num[FLIGHT_GS] = 5;
    f.heard_at_ms = NOW_MS - heard_ago_ms;
    f.pos_at_ms = NOW_MS - pos_ago_ms;
    return f;
}

static void changes_tell_ages_only_where_they_matter(void **state)
{
    (void)state;
    const uint64_t lat = FLIGHT_BIT(FLIGHT_LAT);
    const struct {
        int64_t heard_ago_ms;
        int64_t pos_ago_ms;
        uint64_t changed;
        bool tell_pos;
        const char *text;
    } rows[] = {
        {100, 100, 0, false, "{\"hex\":\"4b1814\"}"},
        {500, 4000, lat, false, "{\"hex\":\"4b1814\",\"lat\":47.45813}"},
        {501, 100, lat, false, "{\"hex\":\"4b1814\",\"lat\":47.45813,\"seen\":0.5}"},
        {0, 5001, lat, false, "{\"hex\":\"4b1814\",\"lat\":47.45813,\"seen_pos\":5}"},
        {0, 9000, 0, false, "{\"hex\":\"4b1814\"}"},
        {0, 300, 0, true, "{\"hex\":\"4b1814\",\"seen_pos\":0.3}"},
        {-90, -90, lat, true, "{\"hex\":\"4b1814\",\"lat\":47.45813,\"seen_pos\":0}"},
        {0, 0, FLIGHT_BIT(FLIGHT_SQUAWK), false,
         "{\"hex\":\"4b1814\",\"squawk\":null}"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct flight f = parked(rows[i].heard_ago_ms, rows[i].pos_ago_ms);
        struct strbuf out;
        strbuf_init(&out, 1000);
        assert_true(wire_add_change(&out, &f, rows[i].changed, &now, rows[i].tell_pos));
        assert_string_equal(strbuf_text(&out), rows[i].text);
        strbuf_release(&out);
    }
}

static void a_whole_row_always_tells_the_age_of_its_position(void **state)
{
    (void)state;
    struct flight f = parked(0, 0);
    struct strbuf out;
    strbuf_init(&out, 1000);
    wire_add_whole(&out, &f, FLIGHT_POSITION_FIELDS, &now, true);
    assert_string_equal(strbuf_text(&out),
                        "{\"hex\":\"4b1814\",\"new\":true,\"lat\":47.45813,"
                        "\"lon\":8.55552,\"seen_pos\":0}");
    strbuf_clear(&out);
    wire_add_whole(&out, &f, FLIGHT_BIT(FLIGHT_GS), &now, false);
    assert_string_equal(strbuf_text(&out), "{\"hex\":\"4b1814\",\"gs\":0.5}");
    strbuf_release(&out);
}

static void a_row_that_does_not_fit_leaves_no_trace(void **state)
{
    (void)state;
    struct flight f = parked(0, 0);
    struct strbuf out;
    strbuf_init(&out, 30);
    strbuf_add_text(&out, "[");
    assert_false(wire_add_whole(&out, &f, FLIGHT_POSITION_FIELDS, &now, true));
    assert_string_equal(strbuf_text(&out), "[");
    assert_true(out.overflowed);
    strbuf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(changes_tell_ages_only_where_they_matter),
        cmocka_unit_test(a_whole_row_always_tells_the_age_of_its_position),
        cmocka_unit_test(a_row_that_does_not_fit_leaves_no_trace),
    };
    return cmocka_run_group_tests_name("wire_row", tests, NULL, NULL);
}
