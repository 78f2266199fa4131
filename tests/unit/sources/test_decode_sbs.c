#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "sources/decode_sbs.h"
#include "told.h"

#define HEAD(type)                                                                     \
    "MSG," type ",1,1,4CA8AA,1,2019/12/01,13:44:56.086,2019/12/01,13:44:56.086,"

static const struct {
    const char *line;
    const char *told;
} rows[] = {
    /* Each of the eight types with what it carries. */
    {HEAD("1") "BAW4J   ,,,,,,,,,,,0",
     "{\"hex\":\"4ca8aa\",\"now\":1000,\"flight\":\"BAW4J\"}"},
    {HEAD("2") ",0,76.4,258.3,54.05735,-4.38826,,,,,,-1",
     "{\"hex\":\"4ca8aa\",\"now\":1000,\"lat\":54.05735,\"lon\":-4.38826,\"alt_baro\":"
     "\"ground\","
     "\"gs\":76.4,\"track\":258.3}"},
    {HEAD("3") ",37000,,,51.45735,-1.02826,,,0,0,0,0",
     "{\"hex\":\"4ca8aa\",\"now\":1000,\"lat\":51.45735,\"lon\":-1.02826,\"alt_baro\":"
     "37000}"},
    {HEAD("4") ",,408.3,146.4,,,-832,,,,,",
     "{\"hex\":\"4ca8aa\",\"now\":1000,\"gs\":408.3,\"track\":146.4,\"baro_rate\":-"
     "832}"},
    {HEAD("5") ",10000,,,,,,,0,,0,0",
     "{\"hex\":\"4ca8aa\",\"now\":1000,\"alt_baro\":10000,\"alert\":0,\"spi\":0}"},
    {HEAD("6") ",33325,,,,,,0271,0,0,0,0",
     "{\"hex\":\"4ca8aa\",\"now\":1000,\"alt_baro\":33325,\"squawk\":\"0271\","
     "\"emergency\":\"none\","
     "\"alert\":0,\"spi\":0}"},
    {HEAD("7") ",3775,,,,,,,,,,0",
     "{\"hex\":\"4ca8aa\",\"now\":1000,\"alt_baro\":3775}"},
    {HEAD("8") ",,,,,,,,,,,0", "{\"hex\":\"4ca8aa\",\"now\":1000}"},
    /* Squawks lose their zeros, ground beats the altitude, -1 is believed anywhere. */
    {HEAD("6") ",,,,,,,733,0,0,0,0",
     "{\"hex\":\"4ca8aa\",\"now\":1000,\"squawk\":\"0733\",\"emergency\":\"none\","
     "\"alert\":0,\"spi\":0}"},
    {HEAD("6") ",,,,,,,7700,-1,-1,-1,0",
     "{\"hex\":\"4ca8aa\",\"now\":1000,\"squawk\":\"7700\",\"emergency\":\"general\","
     "\"alert\":1,\"spi\":1}"},
    {HEAD("7") ",-25,,,,,,,,,,-1",
     "{\"hex\":\"4ca8aa\",\"now\":1000,\"alt_baro\":\"ground\"}"},
    {HEAD("8") ",,,,,,,,,,,-1",
     "{\"hex\":\"4ca8aa\",\"now\":1000,\"alt_baro\":\"ground\"}"},
    /* dump1090 writes 0,0,0,0 on types without flags: that is no "emergency ended". */
    {"MSG,1,,,345102,,,,,,VLG1501 ,,,,,,,,0,0,0,0",
     "{\"hex\":\"345102\",\"now\":1000,\"flight\":\"VLG1501\"}"},
    {"MSG,5,,,3944e6,,,,,,,37000,,,,,,,,,,\r",
     "{\"hex\":\"3944e6\",\"now\":1000,\"alt_baro\":37000}"},
    {" MSG , 5 ,,, 3944E6 ,,,,,,, 37000 ,,,,,,,,,,",
     "{\"hex\":\"3944e6\",\"now\":1000,\"alt_baro\":37000}"},
    {"ID,,496,7162,405637,27928,2010/02/19,18:06:07.115,2010/02/"
     "19,18:06:07.115,EZY691A",
     "{\"hex\":\"405637\",\"now\":1000,\"flight\":\"EZY691A\"}"},
    {"SEL,,496,2286,4CA4E5,27215,2010/02/19,18:06:07.710,2010/02/19,18:06:07.710,",
     "{\"hex\":\"4ca4e5\",\"now\":1000}"},
    /* A bad field costs itself only. */
    {HEAD("3") ",37000,,,91.5,-1.02826,,,0,0,0,0",
     "{\"hex\":\"4ca8aa\",\"now\":1000,\"alt_baro\":37000} -1"},
    {HEAD("3") ",37000,,,51.45735,,,,0,0,0,0",
     "{\"hex\":\"4ca8aa\",\"now\":1000,\"alt_baro\":37000} -1"},
    {HEAD("3") ",nan,0x10,1e3,,,,,,,,", "{\"hex\":\"4ca8aa\",\"now\":1000} -3"},
    {HEAD("6") ",999999,,,,,,7798,,,,", "{\"hex\":\"4ca8aa\",\"now\":1000} -2"},
    {HEAD("1") "BA\x1b[31m,,,,,,,,,,,0", "{\"hex\":\"4ca8aa\",\"now\":1000} -1"},
    /* Nothing for us. */
    {"", "refused empty"},
    {"AIR,,496,5906,400F01,27931,2010/02/19,18:06:07.128,2010/02/19,18:06:07.128",
     "refused empty"},
    {"STA,,5,179,400AE7,10103,2008/11/28,14:58:51.153,2008/11/28,14:58:51.153,RM",
     "refused empty"},
    {"CLK,,496,-1,,-1,2010/02/19,18:18:19.036,2010/02/19,18:18:19.036",
     "refused empty"},
    /* No such line. */
    {"MSG,3,1,1,4CA8AA,1,2019/12/01,13:44:56.086,2019/12/01,13:44:56.086,,370",
     "refused bad_line"},
    {HEAD("9") ",,,,,,,,,,,0", "refused bad_line"},
    {HEAD("0") ",,,,,,,,,,,0", "refused bad_line"},
    {"<html><body>hello", "refused bad_line"},
    {"{\"hex\":\"4ca8aa\"}", "refused bad_line"},
    {"MSG,8,,,,,,,,,,,,,,,,,,,,", "refused no_hex"},
    {"MSG,8,,,XYZ123,,,,,,,,,,,,,,,,,", "refused bad_hex"},
    {"MSG,8,,,000000,,,,,,,,,,,,,,,,,", "refused bad_hex"},
    {"MSG,8,,,4CA8AA1,,,,,,,,,,,,,,,,,", "refused bad_hex"},
};

static void lines_tell_what_they_tell(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct observation obs;
        struct flight_refusals refusals = {0};
        enum observation_reason reason =
            decode_sbs(rows[i].line, strlen(rows[i].line), 1000000, &obs, &refusals);
        print_message("%s\n", rows[i].line);
        assert_string_equal(told(reason, &obs, &refusals), rows[i].told);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_tell_what_they_tell),
    };
    return cmocka_run_group_tests_name("decode_sbs", tests, NULL, NULL);
}
