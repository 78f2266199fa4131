#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "base/strbuf.h"
#include "sources/decode_trace.h"
#include "told.h"

static void points_tell_what_they_tell(void **state)
{
    (void)state;
    static const char text[] = "{\"icao\":\"ac671b\",\"r\":\"N899DN\",\"t\":\"B739\","
                               "\"dbFlags\":1,\"timestamp\": 1000,\"trace\":["
                               "[0.00,16.777359,-88.036868,32000,478.6,327.8,1,-64,"
                               "null,\"adsb_icao\",33825,32,280,-7.9],"
                               "[8.96,16.7,-88.0,\"ground\",4.5,336.8,0,null,null,"
                               "\"mlat\",null,null,null,null],"
                               "[9,16.7,-88.0,1200,null,null,12,64,{\"flight\":"
                               "\"DAL1812 \",\"squawk\":\"4637\",\"seen\":0.5}],"
                               "[10,16.7,-88.0,null,null,null,0,null,{}],"
                               "[11,null,-88.0,100,-5,null,0,null,null,\"nonsense\"],"
                               "[null,1,1,1,1,1,0,1,null],[1,2],7,"
                               "[-1000,1,1,1,1,1,0,1,null]]}";
    static const char *const want[] = {
        "{\"hex\":\"ac671b\",\"now\":1000,\"lat\":16.77736,\"lon\":-88.03687,\"alt_"
        "baro\":32000,"
        "\"alt_geom\":33825,\"gs\":478.6,\"track\":327.8,\"baro_rate\":-64,\"geom_"
        "rate\":32,"
        "\"type\":\"adsb_icao\",\"dbFlags\":1,\"ias\":280,\"roll\":-7.9,\"r\":"
        "\"N899DN\",\"t\":\"B739\"}",
        "{\"hex\":\"ac671b\",\"now\":1008.96,\"lat\":16.7,\"lon\":-88,\"alt_baro\":"
        "\"ground\",\"gs\":4.5,"
        "\"type\":\"mlat\",\"dbFlags\":1,\"true_heading\":336.8,\"r\":\"N899DN\",\"t\":"
        "\"B739\"}",
        "{\"hex\":\"ac671b\",\"now\":1009,\"lat\":16.7,"
        "\"lon\":-88,\"alt_geom\":1200,"
        "\"geom_rate\":64,\"squawk\":\"4637\",\"dbFlags\":1,\"flight\":\"DAL1812\","
        "\"r\":\"N899DN\",\"t\":\"B739\"}",
        "{\"hex\":\"ac671b\",\"now\":1010,\"lat\":16.7,\"lon\":-88,\"dbFlags\":1,\"r\":"
        "\"N899DN\",\"t\":\"B739\"}",
        "{\"hex\":\"ac671b\",\"now\":1011,\"alt_baro\":100,\"dbFlags\":1,\"r\":"
        "\"N899DN\",\"t\":\"B739\"} -3",
        "refused bad_time",
        "refused bad_line",
        "refused bad_line",
        "refused bad_time",
    };
    struct trace trace;
    struct observation obs;
    struct flight_refusals refusals;
    enum observation_reason reason;
    struct strbuf error;
    size_t n = 0;
    strbuf_init(&error, 400);
    assert_true(decode_trace_open(text, sizeof text - 1, &trace, &error));
    while (decode_trace_next(&trace, &reason, &obs, &refusals))
        assert_string_equal(told(reason, &obs, &refusals), want[n++]);
    assert_int_equal(n, ARRAY_LEN(want));
    strbuf_release(&error);
}

static void a_head_without_the_least_is_no_trace(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"{\"timestamp\":1000,\"trace\":[]}", "no aircraft address \"icao\" in it"},
        {"{\"icao\":\"ac671b\",\"trace\":[]}", "no \"timestamp\" in it"},
        {"{\"icao\":\"ac671b\",\"timestamp\":1000}",
         "no \"trace\" in it: \"{ icao : ac671b , timestamp :1000}\""},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct trace trace;
        struct strbuf error;
        strbuf_init(&error, 400);
        assert_false(decode_trace_open(rows[i][0], strlen(rows[i][0]), &trace, &error));
        assert_string_equal(strbuf_text(&error), rows[i][1]);
        strbuf_release(&error);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(points_tell_what_they_tell),
        cmocka_unit_test(a_head_without_the_least_is_no_trace),
    };
    return cmocka_run_group_tests_name("decode_trace", tests, NULL, NULL);
}
