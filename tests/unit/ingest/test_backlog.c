/* What an outage leaves of each aircraft: records in, the one that is sent out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/strbuf.h"
#include "flight/flight_decode.h"
#include "flight/flight_encode.h"
#include "ingest/backlog.h"

enum { NOW_MS = 100000 };

static void keep(struct backlog *b, const char *json)
{
    struct observation obs;
    assert_int_equal(flight_decode(json, strlen(json), NOW_MS, NULL, &obs),
                     OBSERVATION_NONE);
    assert_true(backlog_keep(b, &obs));
}

static void assert_first(const struct backlog *b, const char *expected)
{
    struct strbuf text;
    strbuf_init(&text, FLIGHT_ENCODE_MAX);
    assert_non_null(backlog_first(b));
    assert_true(flight_encode_record(&text, backlog_first(b)));
    assert_string_equal(strbuf_text(&text), expected);
    strbuf_release(&text);
}

static const struct story {
    const char *records[3];
    const char *sent;
} stories[] = {
    {{"{\"hex\":\"4b1814\",\"now\":10,\"gs\":100,\"flight\":\"ABC\"}",
      "{\"hex\":\"4b1814\",\"now\":11,\"gs\":101}"},
     "{\"hex\":\"4b1814\",\"now\":11,\"gs\":101,\"flight\":\"ABC\"}"},
    /* What became unknown stays said, and what is known again is. */
    {{"{\"hex\":\"4b1814\",\"now\":10,\"gs\":100}",
      "{\"hex\":\"4b1814\",\"now\":11,\"gs\":null,\"flight\":\"ABC\"}"},
     "{\"hex\":\"4b1814\",\"now\":11,\"flight\":\"ABC\",\"gs\":null}"},
    {{"{\"hex\":\"4b1814\",\"now\":10,\"gs\":null}",
      "{\"hex\":\"4b1814\",\"now\":11,\"gs\":5}"},
     "{\"hex\":\"4b1814\",\"now\":11,\"gs\":5}"},
    /* A position keeps its age. */
    {{"{\"hex\":\"4b1814\",\"now\":10,\"lat\":47.5,\"lon\":8.5}",
      "{\"hex\":\"4b1814\",\"now\":14,\"gs\":100}"},
     "{\"hex\":\"4b1814\",\"now\":14,\"seen_pos\":4,\"lat\":47.5,\"lon\":8.5,"
     "\"gs\":100}"},
};

static void later_words_are_folded_over_earlier_ones(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof stories / sizeof stories[0]; i++) {
        struct backlog *b = backlog_new();
        for (size_t k = 0; k < 3 && stories[i].records[k] != NULL; k++)
            keep(b, stories[i].records[k]);
        assert_int_equal(backlog_count(b), 1);
        assert_first(b, stories[i].sent);
        backlog_free(b);
    }
}

static void each_is_sent_once(void **state)
{
    (void)state;
    struct backlog *b = backlog_new();
    struct observation obs = {.present = 0};
    for (uint32_t icao = 1; icao <= 1000; icao++) {
        obs.icao = icao;
        assert_true(backlog_keep(b, &obs));
    }
    uint64_t sum = 0;
    while (backlog_first(b) != NULL) {
        uint32_t icao = backlog_first(b)->icao;
        assert_true(backlog_has(b, icao));
        sum += icao;
        backlog_drop_first(b);
        assert_false(backlog_has(b, icao));
    }
    assert_int_equal(sum, 1000 * 1001 / 2);
    keep(b, "{\"hex\":\"4b1814\",\"now\":10,\"gs\":1}");
    assert_int_equal(backlog_count(b), 1);
    backlog_free(b);
}

static void it_has_a_ceiling(void **state)
{
    (void)state;
    struct backlog *b = backlog_new();
    struct observation obs = {.present = 0};
    for (obs.icao = 1; obs.icao <= BACKLOG_MAX; obs.icao++)
        assert_true(backlog_keep(b, &obs));
    assert_false(backlog_keep(b, &obs));
    obs.icao = 7;
    assert_true(backlog_keep(b, &obs));
    backlog_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(later_words_are_folded_over_earlier_ones),
        cmocka_unit_test(each_is_sent_once),
        cmocka_unit_test(it_has_a_ceiling),
    };
    return cmocka_run_group_tests_name("backlog", tests, NULL, NULL);
}
