#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "base/strbuf.h"
#include "wire/wire_scan.h"

/* A copy of exactly its size, so that a sanitizer finds a look past the end. */
static bool scan(const char *frame, struct wire_message *ret_message)
{
    size_t len = strlen(frame);
    char *copy = malloc(len);
    assert_non_null(copy);
    memcpy(copy, frame, len);
    bool taken = wire_scan(copy, len, ret_message);
    free(copy);
    return taken;
}

static void a_delta_as_the_server_writes_it(void **state)
{
    struct wire_message m;
    (void)state;
    assert_true(
        scan("{\"type\":\"delta\",\"id\":1,\"base_tick\":4000,\"time\":1700000001.25,"
             "\"changed\":[{\"hex\":\"4b1814\",\"lat\":47.45813,\"lon\":-8.5,"
             "\"squawk\":\"7700\",\"track\":null,\"seen\":1.5},"
             "{\"hex\":\"~00000a\",\"new\":true,\"alt_baro\":\"ground\","
             "\"nav_modes\":[\"vnav\",\"lnav\"],\"flight\":\"SWR14A\"}],"
             "\"removed\":[{\"hex\":\"400a2b\",\"reason\":\"expired\"}],"
             "\"tick\":4004}",
             &m));
    assert_int_equal(m.type, WIRE_DELTA);
    assert_int_equal(m.tick, 4004);
    assert_int_equal(m.base_tick, 4000);
    assert_int_equal(m.flight_count, 2);
    const struct observation *a = &m.flights[0], *b = &m.flights[1];
    assert_int_equal(a->icao, 0x4b1814);
    assert_int_equal(a->v.num[FLIGHT_LAT], 4745813);
    assert_int_equal(a->v.num[FLIGHT_LON], -850000);
    assert_int_equal(a->v.num[FLIGHT_SQUAWK], 7700);
    assert_true(a->cleared == FLIGHT_BIT(FLIGHT_TRACK));
    assert_int_equal(a->heard_at_ms, INT64_C(1700000001250) - 1500);
    assert_int_equal(a->pos_at_ms, INT64_C(1700000001250));
    assert_false(m.entered[0]);
    assert_int_equal(b->icao, FLIGHT_NON_ICAO | 10);
    assert_int_equal(b->v.num[FLIGHT_ALT_BARO], FLIGHT_ALT_GROUND);
    assert_string_equal(b->v.callsign, "SWR14A");
    assert_true(m.entered[1]);
    assert_int_equal(m.removed_count, 1);
    assert_true(m.removed[0].expired);
    wire_message_release(&m);
}

static void a_part_of_a_snapshot(void **state)
{
    struct wire_message m;
    (void)state;
    assert_true(scan("{\"type\":\"snapshot\",\"id\":1,\"tick\":7,\"time\":1700000000,"
                     "\"part\":2,\"flights\":[{\"hex\":\"4b1814\",\"lat\":1,\"lon\":2,"
                     "\"seen\":3,\"seen_pos\":20.1}],\"last\":false}",
                     &m));
    assert_false(m.first);
    assert_false(m.last);
    assert_true(m.entered[0]);
    assert_int_equal(m.flights[0].pos_at_ms, INT64_C(1700000000000) - 20100);
    wire_message_release(&m);
}

/* Both decoders must say the same; the careful one has the last word here. */
static void what_is_rare_is_left_to_the_careful_decoder(void **state)
{
    static const char *const frames[] = {
        "{\"type\":\"tick\",\"tick\":1}",
        "{\"type\":\"delta\",\"id\":1}}",
        "{\"type\":\"delta\",\"id\":1,\"id\":2}",
        "{\"type\":\"delta\",\"other\":1}",
        "{\"type\":\"delta\",\"changed\":[],\"time\":1}",
        "{\"type\":\"delta\",\"time\":1,\"changed\":[{\"hex\":\"4b1814\"}",
        "{\"type\":\"delta\",\"time\":1,\"changed\":[{\"lat\":1}]}",
        "{\"type\":\"delta\",\"time\":1,\"changed\":[{\"hex\":\"4b1814\",\"lat\":91}]}",
        "{\"type\":\"delta\",\"time\":1,\"changed\":[{\"hex\":\"4b1814\",\"gs\":\"x\"}]"
        "}",
        "{\"type\":\"delta\",\"time\":1,\"changed\":[{\"hex\":\"4b1814\",\"gs\":1e2}]}",
        "{\"type\":\"delta\",\"time\":1,\"changed\":[{\"hex\":\"4b1814\",\"gs\":1,"
        "\"gs\":2}]}",
        "{\"type\":\"delta\",\"time\":1,\"changed\":[{\"hex\":\"4b1814\",\"flight\":"
        "\"\\u0041\"}]}",
        "{\"type\":\"delta\",\"time\":1,\"changed\":[{\"hex\":\"4b1814\",\"flight\":"
        "\"\xc3\xa9\"}]}",
    };
    struct wire_message m;
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(frames); i++)
        assert_false(scan(frames[i], &m));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_delta_as_the_server_writes_it),
        cmocka_unit_test(a_part_of_a_snapshot),
        cmocka_unit_test(what_is_rare_is_left_to_the_careful_decoder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
