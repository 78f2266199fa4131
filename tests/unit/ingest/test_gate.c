#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/strbuf.h"
#include "flight/flight_decode.h"
#include "ingest/gate.h"

/* "no", "part" (send the observation) or "whole" (send the row). */
static const char *offer(struct gate *g, const char *json, int64_t now_ms)
{
    struct observation obs;
    const struct flight *row = NULL;
    assert_int_equal(flight_decode(json, strlen(json), now_ms, NULL, &obs),
                     OBSERVATION_NONE);
    if (!gate_admit(g, &obs, now_ms, &row))
        return "no";
    return row != NULL ? "whole" : "part";
}

static void an_aircraft_enters_whole_and_leaves_silently(void **state)
{
    (void)state;
    const struct filter_context nowhere = {0};
    struct strbuf error;
    strbuf_init(&error, 100);
    struct gate *g = gate_new("alt > 30000", &nowhere, &error);
    assert_non_null(g);
    assert_string_equal(
        offer(g, "{\"hex\":\"4b1814\",\"now\":1,\"flight\":\"ABC\"}", 1000), "no");
    assert_string_equal(
        offer(g, "{\"hex\":\"4b1814\",\"now\":2,\"alt_baro\":31000}", 2000), "whole");
    assert_string_equal(offer(g, "{\"hex\":\"4b1814\",\"now\":3,\"gs\":400}", 3000),
                        "part");
    assert_string_equal(
        offer(g, "{\"hex\":\"4b1814\",\"now\":4,\"alt_baro\":29000}", 4000), "no");
    assert_string_equal(
        offer(g, "{\"hex\":\"4b1814\",\"now\":5,\"alt_baro\":31000}", 5000), "whole");
    gate_expire(g, 5000 + 600001);
    assert_string_equal(offer(g, "{\"hex\":\"4b1814\",\"now\":700,\"gs\":1}", 700000),
                        "no");
    gate_free(g);
    strbuf_release(&error);
}

static void a_bad_filter_is_explained(void **state)
{
    (void)state;
    const struct filter_context nowhere = {0};
    struct strbuf error;
    strbuf_init(&error, 200);
    assert_null(gate_new("alt >", &nowhere, &error));
    assert_ptr_equal(strstr(strbuf_text(&error), "filter: column "),
                     strbuf_text(&error));
    strbuf_release(&error);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_aircraft_enters_whole_and_leaves_silently),
        cmocka_unit_test(a_bad_filter_is_explained),
    };
    return cmocka_run_group_tests_name("gate", tests, NULL, NULL);
}
