#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/strbuf.h"
#include "sources/coalescer.h"
#include "sources/decode_sbs.h"
#include "told.h"

static void write_down(void *data, const struct observation *obs)
{
    static const struct flight_refusals none;
    strbuf_add_text(data, told(OBSERVATION_NONE, obs, &none));
    strbuf_add_char(data, '\n');
}

static void say(struct coalescer *c, const char *line, int64_t heard_ms)
{
    struct observation obs;
    struct flight_refusals refusals;
    assert_int_equal(decode_sbs(line, strlen(line), heard_ms, &obs, &refusals),
                     OBSERVATION_NONE);
    coalescer_add(c, &obs);
}

static void messages_of_an_aircraft_become_one(void **state)
{
    (void)state;
    struct strbuf out;
    strbuf_init(&out, 10000);
    struct coalescer *c = coalescer_new(write_down, &out);
    say(c, "MSG,4,,,4CA8AA,,,,,,,,244,195,,,4032,,,,,", 1000);
    say(c, "MSG,1,,,484CB4,,,,,,KLM75K  ,,,,,,,,,,,", 1100);
    say(c, "MSG,3,,,4CA8AA,,,,,,,9575,,,48.5,2.5,,,,,,", 1200);
    say(c, "MSG,4,,,4CA8AA,,,,,,,,250,,,,,,,,,", 1300);
    coalescer_flush(c);
    assert_string_equal(
        strbuf_text(&out),
        "{\"hex\":\"4ca8aa\",\"now\":1.3,\"seen_pos\":0.1,\"lat\":48.5,\"lon\":2.5,"
        "\"alt_baro\":9575,\"gs\":250,\"track\":195,\"baro_rate\":4032}\n"
        "{\"hex\":\"484cb4\",\"now\":1.1,\"flight\":\"KLM75K\"}\n");
    strbuf_clear(&out);
    coalescer_flush(c);
    assert_string_equal(strbuf_text(&out), "");
    coalescer_free(c);
    strbuf_release(&out);
}

static void too_many_aircraft_are_flushed_early(void **state)
{
    (void)state;
    struct strbuf out;
    strbuf_init(&out, 1 << 20);
    struct coalescer *c = coalescer_new(write_down, &out);
    for (uint32_t icao = 1; icao <= COALESCER_MAX; icao++) {
        struct observation obs;
        observation_begin(&obs, icao, 1000);
        coalescer_add(c, &obs);
    }
    assert_int_equal(out.len, 0);
    say(c, "MSG,8,,,FFFFFF,,,,,,,,,,,,,,,,,", 1000);
    assert_true(out.len > 0);
    coalescer_free(c);
    strbuf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_of_an_aircraft_become_one),
        cmocka_unit_test(too_many_aircraft_are_flushed_early),
    };
    return cmocka_run_group_tests_name("coalescer", tests, NULL, NULL);
}
