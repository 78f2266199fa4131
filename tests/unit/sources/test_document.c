#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "base/strbuf.h"
#include "sources/decode_adsbv2.h"
#include "sources/decode_readsb.h"
#include "told.h"

static void what_is_no_document_is_said(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *error;
    } rows[] = {
        {"", "an empty answer"},
        {" \n", "an empty answer"},
        {"<!DOCTYPE html><html>", "a web page, not JSON: \"<!DOCTYPE html><html>\""},
        {"None", "not JSON: \"None\""},
        {"[]", "no \"ac\" in it: \"[]\""},
        {"{\"message\":\"Too many requests\"}",
         "the service says \"Too many requests\""},
        {"{\"now\":1,\"msg\":\"No\"}", "the service says \"No\""},
        {"{\"ac\":{}}", "no \"ac\" in it: \"{ ac :{}}\""},
        {"{\"ac\":[{\"hex\":\"4b1814\"},{\"he",
         "half a document: it ends in the middle, after 28 bytes"},
        {"{\"ac\":[],}", "not JSON at byte 9: \"}\""},
        {"{\"ac\":[1 2]}", "not JSON at byte 9: \"2]}\""},
        {"{\"ac\":[]} x", "not JSON at byte 10: \"x\""},
        {"{\"ac\" []}", "not JSON at byte 6: \"[]}\""},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct document document = {0};
        struct strbuf error;
        strbuf_init(&error, 400);
        print_message("%s\n", rows[i].text);
        assert_false(document_open(rows[i].text, strlen(rows[i].text),
                                   &decode_adsbv2_format, &document, &error));
        assert_string_equal(strbuf_text(&error), rows[i].error);
        strbuf_release(&error);
    }
}

static void depth_has_a_ceiling(void **state)
{
    (void)state;
    char text[400];
    size_t error_at;
    memset(text, '[', 200);
    memset(text + 200, ']', 200);
    assert_false(json_cursor_check(text, 400, &error_at));
    assert_int_equal(error_at, JSON_CURSOR_DEPTH_MAX);
    assert_true(json_cursor_check(text + 150, 100, &error_at));
}

/* A document of two formats, one row a line of what it told. */
static void check_rows(const struct document_format *format, const char *text,
                       const char *const *want, size_t count)
{
    size_t n = 0;
    struct document document = {0};
    struct json_slice row;
    struct strbuf error;
    strbuf_init(&error, 400);
    assert_true(document_open(text, strlen(text), format, &document, &error));
    while (json_cursor_element(&document.rows, &row)) {
        struct observation obs;
        struct flight_refusals refusals = {0};
        enum observation_reason reason =
            format->decode(row, document.now_ms, &obs, &refusals);
        assert_true(n < count);
        assert_string_equal(told(reason, &obs, &refusals), want[n++]);
    }
    assert_int_equal(n, count);
    strbuf_release(&error);
}

static void a_bad_row_costs_only_itself(void **state)
{
    (void)state;
    static const char *const want[] = {
        "{\"hex\":\"4b1814\",\"now\":1000.5,\"seen\":0.5,\"alt_baro\":\"ground\"}",
        "refused bad_position", "refused not_object", "refused no_hex",
        "{\"hex\":\"~4b1815\",\"now\":1000.5,\"flight\":\"ABC\"}"};
    check_rows(&decode_readsb_format,
               "{\"now\":1000.5,\"aircraft\":[{\"hex\":\"4b1814\",\"alt_baro\":"
               "\"ground\",\"seen\":0.5},"
               "{\"hex\":\"4b1814\",\"lat\":91,\"lon\":1},[],{\"flight\":\"X\"},"
               "{\"hex\":\"~4b1815\",\"flight\":\"ABC     \"}]}",
               want, ARRAY_LEN(want));
}

static void dump1090s_old_names_are_understood(void **state)
{
    (void)state;
    static const char *const want[] = {
        "{\"hex\":\"396309\",\"now\":1566891668,\"seen\":3,\"alt_baro\":3225,\"gs\":"
        "400,\"baro_rate\":-64}"};
    check_rows(&decode_readsb_format,
               "{ \"now\" : 1566891668.0,\n  \"messages\" : 17,\n  \"aircraft\" : [\n"
               "    "
               "{\"hex\":\"396309\",\"altitude\":3225,\"speed\":400,\"vert_rate\":-64,"
               "\"seen\":3.0}\n  ]\n}\n",
               want, ARRAY_LEN(want));
}

static void v2_counts_in_milliseconds(void **state)
{
    (void)state;
    static const char *const want[] = {
        "{\"hex\":\"ae5ded\",\"now\":1674507353.774,\"seen\":0.1}"};
    check_rows(&decode_adsbv2_format,
               "{\"ac\":[{\"hex\":\"ae5ded\",\"seen\":0.1}],\"msg\":\"No "
               "error\",\"now\":1674507353774,\"total\":1}",
               want, ARRAY_LEN(want));
}

static void the_json_port_ends_lines_in_commas(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        const char *told;
    } rows[] = {
        {"{\"hex\":\"aa6abc\",\"seen\":0.3},",
         "{\"hex\":\"aa6abc\",\"now\":1000,\"seen\":0.3}"},
        {"{\"now\":2000.5,\"hex\":\"aa6abc\"}\r",
         "{\"hex\":\"aa6abc\",\"now\":2000.5}"},
        {"", "refused empty"},
        {" , ", "refused empty"},
        {"{\"hex\":\"aa6a", "refused not_json"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct observation obs;
        struct flight_refusals refusals = {0};
        enum observation_reason reason = decode_readsb_line(
            rows[i].line, strlen(rows[i].line), 1000000, &obs, &refusals);
        assert_string_equal(told(reason, &obs, &refusals), rows[i].told);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_document_is_said),
        cmocka_unit_test(depth_has_a_ceiling),
        cmocka_unit_test(a_bad_row_costs_only_itself),
        cmocka_unit_test(dump1090s_old_names_are_understood),
        cmocka_unit_test(v2_counts_in_milliseconds),
        cmocka_unit_test(the_json_port_ends_lines_in_commas),
    };
    return cmocka_run_group_tests_name("document", tests, NULL, NULL);
}
