#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "base/strbuf.h"
#include "sources/decode_opensky.h"
#include "told.h"

/* Rows of a document of time 1000. */
static const struct {
    const char *row;
    const char *told;
} rows[] = {
    /* Longitude first; metres, metres per second. */
    {"[\"4b1816\",\"SWR1951 "
     "\",\"Switzerland\",990,995,3.6738,41.8384,8534.4,false,258.66,66.19,"
     "-2.28,null,8755.38,\"5551\",false,0,4]",
     "{\"hex\":\"4b1816\",\"now\":1000,\"seen\":5,\"seen_pos\":10,\"lat\":41.8384,"
     "\"lon\":3.6738,"
     "\"alt_baro\":28000,\"alt_geom\":28725,\"gs\":502.8,\"track\":66.2,\"baro_rate\":-"
     "449,"
     "\"squawk\":\"5551\",\"category\":\"A3\",\"type\":\"adsb_icao\",\"spi\":0,"
     "\"flight\":\"SWR1951\"}"},
    /* 17 columns; on the ground with an altitude; MLAT; spi. */
    {"[\"a52cc8\",\"\",\"X\",999,1000,-122.5,37.5,304.8,true,0,90,null,null,null,null,"
     "true,2]",
     "{\"hex\":\"a52cc8\",\"now\":1000,\"seen_pos\":1,\"lat\":37.5,\"lon\":-122.5,"
     "\"alt_baro\":\"ground\",\"gs\":0,\"track\":90,\"type\":\"mlat\",\"spi\":1}"},
    /* Nulls: nothing known but that it is there. */
    {"[\"471efa\",null,\"Hungary\",null,700,null,null,null,false,null,null,null,null,"
     "null,null,false,0]",
     "{\"hex\":\"471efa\",\"now\":1000,\"seen\":300,\"type\":\"adsb_icao\",\"spi\":0}"},
    /* A position without a time, hours old contact, blank callsign. */
    {"[\"8a0639\",\"        "
     "\",\"X\",null,1,10,50,null,false,null,null,null,null,null,null,false,3]",
     "{\"hex\":\"8a0639\",\"now\":1000,\"seen\":999,\"type\":\"other\",\"spi\":0} -1"},
    /* A contact in its future is now. */
    {"[\"8a0639\",null,\"X\",1001,1002,10,50,null,false,null,null,null,null,null,null,"
     "false,9]",
     "{\"hex\":\"8a0639\",\"now\":1000,\"lat\":50,\"lon\":10,\"spi\":0}"},
    /* Out of range fields cost themselves. */
    {"[\"8a0639\",null,\"X\",1000,1000,10,91,99999,false,-3,400,999,null,\"x\","
     "\"9999\",false,0,99]",
     "{\"hex\":\"8a0639\",\"now\":1000,\"type\":\"adsb_icao\",\"spi\":0} -8"},
    {"[\"8a0639\",null,\"X\",1000,1000]", "refused bad_line"},
    {"{}", "refused bad_line"},
    {"[null,null,\"X\",1,1000,1,1,1,false,1,1,1,null,1,null,false,0]",
     "refused no_hex"},
    {"[\"zz\",null,\"X\",1,1000,1,1,1,false,1,1,1,null,1,null,false,0]",
     "refused bad_hex"},
    {"[\"8a0639\",null,\"X\",1,null,1,1,1,false,1,1,1,null,1,null,false,0]",
     "refused bad_time"},
};

static void rows_tell_what_they_tell(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct observation obs;
        struct flight_refusals refusals = {0};
        struct json_slice row = {rows[i].row, strlen(rows[i].row)};
        enum observation_reason reason = decode_opensky(row, 1000000, &obs, &refusals);
        print_message("%s\n", rows[i].row);
        assert_string_equal(told(reason, &obs, &refusals), rows[i].told);
    }
}

static void no_states_is_an_empty_sky(void **state)
{
    (void)state;
    static const char text[] = "{\"time\":1000,\"states\":null}";
    struct document document;
    struct json_slice row;
    struct strbuf error;
    strbuf_init(&error, 100);
    assert_true(document_open(text, sizeof text - 1, &decode_opensky_format, &document,
                              &error));
    assert_int_equal(document.now_ms, 1000000);
    assert_false(json_cursor_element(&document.rows, &row));
    strbuf_release(&error);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_tell_what_they_tell),
        cmocka_unit_test(no_states_is_an_empty_sky),
    };
    return cmocka_run_group_tests_name("decode_opensky", tests, NULL, NULL);
}
