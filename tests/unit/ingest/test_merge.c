/*
 * Stories of sources: each step is what one of them says at a time (seconds,
 * from 1000 on), as JSON, and the record that comes of it, "" for none.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "base/strbuf.h"
#include "flight/flight_decode.h"
#include "flight/flight_encode.h"
#include "ingest/merge.h"

struct step {
    size_t source;
    bool full;
    const char *says; /* {"hex":"4b1814" is put before, now = second behind */
    double at_s;
    const char *sent; /* without the address */
};

enum { PARTIAL, FULL };

static void say(struct merge *m, const struct step *step)
{
    struct strbuf text;
    struct observation obs;
    struct observation out;
    int64_t at_ms = (int64_t)(step->at_s * 1000);
    strbuf_init(&text, FLIGHT_ENCODE_MAX);
    strbuf_addf(&text, "{\"hex\":\"4b1814\",\"now\":%.3f%s}", step->at_s, step->says);
    assert_int_equal(flight_decode(text.data, text.len, at_ms, NULL, &obs),
                     OBSERVATION_NONE);
    enum merge_verdict verdict =
        merge_offer(m, step->source, step->full == FULL, &obs, at_ms, &out);
    strbuf_clear(&text);
    if (verdict == MERGE_SEND)
        flight_encode_record(&text, &out);
    const char *sent = strbuf_text(&text);
    print_message("%.1f: %zu says %s -> %s\n", step->at_s, step->source, step->says,
                  sent);
    assert_string_equal(
        verdict == MERGE_SEND ? sent + strlen("{\"hex\":\"4b1814\",") : "", step->sent);
    strbuf_release(&text);
}

static void tell(const struct step *steps, size_t count)
{
    struct merge *m = merge_new(3);
    for (size_t i = 0; i < count; i++)
        say(m, &steps[i]);
    merge_free(m);
}

static void the_same_poll_again_is_no_news(void **state)
{
    (void)state;
    static const struct step steps[] = {
        {0, FULL, ",\"gs\":400,\"seen\":0.3", 1000,
         "\"now\":1000,\"seen\":0.3,\"gs\":400}"},
        {0, FULL, ",\"gs\":400,\"seen\":1.3", 1001, ""},
        {0, FULL, ",\"gs\":400,\"seen\":2.4", 1002, ""},
        {0, FULL, ",\"gs\":400,\"seen\":0.1", 1003,
         "\"now\":1003,\"seen\":0.1,\"gs\":400}"},
        {0, FULL, ",\"gs\":401,\"seen\":1.1", 1004,
         "\"now\":1004,\"seen\":1.1,\"gs\":401}"},
    };
    tell(steps, ARRAY_LEN(steps));
}

static void an_address_twice_in_a_document_keeps_the_newer(void **state)
{
    (void)state;
    static const struct step steps[] = {
        {0, FULL, ",\"gs\":400,\"seen\":1", 1000,
         "\"now\":1000,\"seen\":1,\"gs\":400}"},
        {0, FULL, ",\"gs\":300,\"seen\":50", 1000, ""},
        {0, FULL, ",\"gs\":410,\"seen\":0", 1000, "\"now\":1000,\"gs\":410}"},
    };
    tell(steps, ARRAY_LEN(steps));
}

static void what_a_full_source_drops_becomes_unknown(void **state)
{
    (void)state;
    static const struct step steps[] = {
        {0, FULL, ",\"gs\":400,\"squawk\":\"7700\",\"rssi\":-3", 1000,
         "\"now\":1000,\"gs\":400,\"squawk\":\"7700\",\"rssi\":-3}"},
        {0, FULL, ",\"gs\":401", 1001, "\"now\":1001,\"gs\":401,\"squawk\":null}"},
        {0, FULL, ",\"gs\":402", 1002, "\"now\":1002,\"gs\":402}"},
    };
    tell(steps, ARRAY_LEN(steps));
}

static void what_a_partial_source_leaves_out_stays(void **state)
{
    (void)state;
    static const struct step steps[] = {
        {0, PARTIAL, ",\"gs\":400,\"squawk\":\"1000\"", 1000,
         "\"now\":1000,\"gs\":400,\"squawk\":\"1000\"}"},
        {0, PARTIAL, ",\"gs\":401", 1001, "\"now\":1001,\"gs\":401}"},
        {0, PARTIAL, ",\"squawk\":null", 1002, "\"now\":1002,\"squawk\":null}"},
    };
    tell(steps, ARRAY_LEN(steps));
}

static void what_another_source_knows_is_not_forgotten(void **state)
{
    (void)state;
    static const struct step steps[] = {
        {0, FULL, ",\"gs\":400,\"squawk\":\"1000\"", 1000,
         "\"now\":1000,\"gs\":400,\"squawk\":\"1000\"}"},
        {1, PARTIAL, ",\"squawk\":\"1000\",\"flight\":\"ABC\"", 1001,
         "\"now\":1001,\"squawk\":\"1000\",\"flight\":\"ABC\"}"},
        {0, FULL, ",\"gs\":401", 1002, "\"now\":1002,\"gs\":401}"},
        /* A minute of silence later it no longer speaks for the squawk. */
        {0, FULL, ",\"gs\":401,\"squawk\":\"2000\"", 1070,
         "\"now\":1070,\"gs\":401,\"squawk\":\"2000\"}"},
        {0, FULL, ",\"gs\":402", 1071, "\"now\":1071,\"gs\":402,\"squawk\":null}"},
    };
    tell(steps, ARRAY_LEN(steps));
}

static void the_better_position_holds_for_ten_seconds(void **state)
{
    (void)state;
#define ADSB      ",\"lat\":47,\"lon\":8,\"type\":\"adsb_icao\""
#define MLAT      ",\"lat\":48,\"lon\":9,\"type\":\"mlat\""
#define SENT_ADSB "\"lat\":47,\"lon\":8,\"type\":\"adsb_icao\"}"
#define SENT_MLAT "\"lat\":48,\"lon\":9,\"type\":\"mlat\"}"
    static const struct step steps[] = {
        {1, PARTIAL, MLAT, 1000, "\"now\":1000," SENT_MLAT},
        {0, PARTIAL, ADSB, 1001, "\"now\":1001," SENT_ADSB},
        {1, PARTIAL, MLAT, 1002, ""},
        {1, PARTIAL, MLAT ",\"squawk\":\"1000\"", 1010.5,
         "\"now\":1010.5,\"squawk\":\"1000\"}"},
        {1, PARTIAL, MLAT, 1011.5, "\"now\":1011.5," SENT_MLAT},
        /* Back again, it wins at once, even with a position a little older. */
        {0, PARTIAL, ADSB ",\"seen\":2,\"seen_pos\":2", 1012,
         "\"now\":1012,\"seen\":2," SENT_ADSB},
    };
    tell(steps, ARRAY_LEN(steps));
}

static void between_equals_the_later_position_wins(void **state)
{
    (void)state;
    static const struct step steps[] = {
        {0, PARTIAL, ADSB, 1000, "\"now\":1000," SENT_ADSB},
        /* A service that is twelve seconds late adds what it alone knows. */
        {1, FULL,
         ",\"lat\":46,\"lon\":7,\"type\":\"adsb_icao\",\"r\":\"HB-JCA\",\"seen\":12,"
         "\"seen_pos\":12",
         1000.5, "\"now\":1000.5,\"seen\":12,\"r\":\"HB-JCA\"}"},
        {1, FULL,
         ",\"lat\":46,\"lon\":7,\"type\":\"adsb_icao\",\"r\":\"HB-JCA\",\"seen\":1,"
         "\"seen_pos\":1",
         1005,
         "\"now\":1005,\"seen\":1,\"lat\":46,\"lon\":7,\"type\":\"adsb_icao\",\"r\":"
         "\"HB-JCA\"}"},
    };
    tell(steps, ARRAY_LEN(steps));
}

static void a_port_without_types_counts_as_a_receiver(void **state)
{
    (void)state;
    static const struct step steps[] = {
        {0, PARTIAL, ",\"lat\":47,\"lon\":8", 1000,
         "\"now\":1000,\"lat\":47,\"lon\":8}"},
        /* A late service must not pull the aircraft back. */
        {1, FULL,
         ",\"lat\":46,\"lon\":7,\"type\":\"adsb_icao\",\"seen\":8,\"seen_pos\":8",
         1000.5, ""},
        {1, FULL, ",\"lat\":48,\"lon\":9,\"type\":\"adsb_icao\"", 1001,
         "\"now\":1001,\"lat\":48,\"lon\":9,\"type\":\"adsb_icao\"}"},
        {0, PARTIAL, ",\"lat\":47,\"lon\":8", 1001.5,
         "\"now\":1001.5,\"lat\":47,\"lon\":8}"},
    };
    tell(steps, ARRAY_LEN(steps));
}

static void the_same_words_of_two_sources_are_sent_once(void **state)
{
    (void)state;
    static const struct step steps[] = {
        {0, PARTIAL, ",\"gs\":400", 1000, "\"now\":1000,\"gs\":400}"},
        {1, PARTIAL, ",\"gs\":400", 1000.4, ""},
        {2, PARTIAL, ",\"gs\":400", 1000.8, ""},
        {1, PARTIAL, ",\"gs\":400", 1001.2, "\"now\":1001.2,\"gs\":400}"},
    };
    tell(steps, ARRAY_LEN(steps));
}

static void no_record_looks_older_than_the_one_before(void **state)
{
    (void)state;
    struct merge *m = merge_new(2);
    struct observation out;
    struct observation a = {.icao = 1, .now_ms = 5000, .heard_at_ms = 5000};
    struct observation b = {.icao = 1, .now_ms = 4500, .heard_at_ms = 4400};
    a.present = FLIGHT_BIT(FLIGHT_GS);
    b.present = FLIGHT_BIT(FLIGHT_TRACK);
    assert_int_equal(merge_offer(m, 0, false, &a, 5000, &out), MERGE_SEND);
    assert_int_equal(merge_offer(m, 1, false, &b, 5100, &out), MERGE_SEND);
    assert_int_equal(out.now_ms, 5000);
    assert_int_equal(out.heard_at_ms, 4400);
    merge_free(m);
}

static void our_clock_may_be_set_back(void **state)
{
    (void)state;
    static const struct step steps[] = {
        {0, FULL, ",\"gs\":400", 90000, "\"now\":90000,\"gs\":400}"},
        {0, FULL, ",\"gs\":401", 1000, "\"now\":1000,\"gs\":401}"},
    };
    tell(steps, ARRAY_LEN(steps));
}

static void aircraft_are_forgotten_and_have_a_ceiling(void **state)
{
    (void)state;
    struct merge *m = merge_new(1);
    struct observation out;
    struct observation obs = {.now_ms = 1000, .heard_at_ms = 1000};
    for (obs.icao = 1; obs.icao <= MERGE_MAX; obs.icao++)
        assert_int_equal(merge_offer(m, 0, false, &obs, 1000, &out), MERGE_SEND);
    assert_int_equal(merge_offer(m, 0, false, &obs, 1000, &out), MERGE_FULL);
    merge_expire(m, 1000 + MERGE_FORGET_MS);
    assert_int_equal(merge_count(m), MERGE_MAX);
    merge_expire(m, 1001 + MERGE_FORGET_MS);
    assert_int_equal(merge_count(m), 0);
    assert_int_equal(merge_offer(m, 0, false, &obs, 1000, &out), MERGE_SEND);
    merge_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_poll_again_is_no_news),
        cmocka_unit_test(an_address_twice_in_a_document_keeps_the_newer),
        cmocka_unit_test(what_a_full_source_drops_becomes_unknown),
        cmocka_unit_test(what_a_partial_source_leaves_out_stays),
        cmocka_unit_test(what_another_source_knows_is_not_forgotten),
        cmocka_unit_test(the_better_position_holds_for_ten_seconds),
        cmocka_unit_test(between_equals_the_later_position_wins),
        cmocka_unit_test(a_port_without_types_counts_as_a_receiver),
        cmocka_unit_test(the_same_words_of_two_sources_are_sent_once),
        cmocka_unit_test(no_record_looks_older_than_the_one_before),
        cmocka_unit_test(our_clock_may_be_set_back),
        cmocka_unit_test(aircraft_are_forgotten_and_have_a_ceiling),
    };
    return cmocka_run_group_tests_name("merge", tests, NULL, NULL);
}
