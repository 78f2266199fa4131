/* The past is what the present was, and costs no more than it may. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/app.h"
#include "app/history.h"
#include "base/strbuf.h"
#include "flight/flight_encode.h"
#include "wire/wire_decode.h"

enum { START_MS = 1000000, SECOND_MS = 1000 };

struct fixture {
    struct app live, past;
    struct history *history;
    uint32_t tick;
};

static void say(struct app *app, const char *frame, size_t len)
{
    struct wire_message m;
    struct strbuf error;
    strbuf_init(&error, 256);
    assert_int_equal(wire_decode(frame, len, &m, &error), 0);
    app_apply(app, &m, len);
    wire_message_release(&m);
    strbuf_release(&error);
}

static void set_second(struct fixture *f, int second)
{
    app_set_time(&f->live, START_MS + (int64_t)second * SECOND_MS, 0);
}

static void setup(struct fixture *f)
{
    static const char welcome[] =
        "{\"type\":\"welcome\",\"version\":1,\"epoch\":\"00112233aabbccdd\","
        "\"tick\":1,\"tick_ms\":250,\"time\":5000,\"resumed\":false}";
    memset(f, 0, sizeof *f);
    app_init(&f->live);
    app_init(&f->past);
    app_set_time(&f->past, START_MS, 0);
    f->history = history_new();
    f->tick = 1;
    set_second(f, 0);
    say(&f->live, welcome, strlen(welcome));
}

static void teardown(struct fixture *f)
{
    history_free(f->history);
    app_release(&f->live);
    app_release(&f->past);
}

/* A snapshot of n aircraft, or a delta in which each has another height. */
static void say_all(struct fixture *f, const char *type, int n, int second)
{
    struct strbuf out;
    strbuf_init(&out, WIRE_FRAME_MAX);
    f->tick += 4;
    strbuf_addf(&out, "{\"type\":\"%s\",\"id\":1,\"tick\":%u,\"base_tick\":%u,", type,
                f->tick, f->tick - 4);
    strbuf_addf(&out, "\"time\":%d,\"last\":true,\"%s\":[", 5000 + second,
                strcmp(type, "delta") == 0 ? "changed" : "flights");
    for (int i = 0; i < n; i++)
        strbuf_addf(&out,
                    "%s{\"hex\":\"%06x\",\"alt_baro\":%d,\"lat\":%d.%05d,\"lon\":8.1}",
                    i > 0 ? "," : "", 0x4b0000U + (unsigned)i, 1000 + second * 25,
                    i % 80, (second * 7919 + i * 104729) % 100000);
    strbuf_add_text(&out, "]}");
    set_second(f, second);
    say(&f->live, strbuf_text(&out), out.len);
    strbuf_release(&out);
}

/* All rows of an app as text, without ages. */
static void dump(const struct app *app, struct strbuf *out)
{
    strbuf_init(out, WIRE_FRAME_MAX);
    for (uint32_t icao = 0x4b0000; icao < 0x4b0100; icao++) {
        const struct flight *f = flight_table_find(app->flights, icao);
        if (f != NULL)
            flight_encode_fields(out, f, FLIGHT_BIT(FLIGHT_FIELD_COUNT) - 1);
        strbuf_add_char(out, '\n');
    }
}

/* What the services were is kept with the flights: status, words, and who is gone. */
static void services_have_a_past_too(void **state)
{
    (void)state;
    static const char fails[] =
        "{\"type\":\"health\",\"id\":2,\"time\":5001,\"services\":[{\"service\":"
        "\"kafka\",\"status\":\"fail\",\"output\":\"refused "
        "\\\"all\\\"\",\"since\":4990},"
        "{\"service\":\"gateway\",\"status\":\"warn\",\"depends_on\":[\"kafka\","
        "\"redis\"],\"latency_ms\":1.5}]}";
    static const char recovers[] =
        "{\"type\":\"health\",\"id\":2,\"time\":5021,\"services\":[{\"service\":"
        "\"kafka\",\"status\":\"pass\"},{\"service\":\"gateway\",\"removed\":true}]}";
    struct fixture f;
    setup(&f);
    say(&f.live, fails, strlen(fails));
    for (int second = 2; second <= 40; second++) {
        if (second == 21)
            say(&f.live, recovers, strlen(recovers));
        say_all(&f, second == 2 ? "snapshot" : "delta", 3, second);
        history_take(f.history, &f.live);
    }
    history_show(f.history, (5000 + 12) * SECOND_MS, &f.past);
    assert_int_equal(f.past.services.count, 2);
    const struct service *kafka = service_list_find(&f.past.services, "kafka");
    const struct service *gateway = service_list_find(&f.past.services, "gateway");
    assert_int_equal(kafka->status, SERVICE_FAIL);
    assert_string_equal(kafka->says, "refused \"all\"");
    assert_int_equal(kafka->since_ms, 4990 * SECOND_MS);
    assert_int_equal(kafka->heard_ms, 5001 * SECOND_MS);
    assert_string_equal(gateway->needs, "kafka, redis");
    assert_float_equal(gateway->latency_ms, 1.5, 1e-6);
    history_show(f.history, (5000 + 38) * SECOND_MS, &f.past);
    assert_int_equal(f.past.services.count, 1);
    assert_int_equal(f.past.services.rows[0].status, SERVICE_PASS);
    teardown(&f);
}

static void the_past_is_what_the_present_was(void **state)
{
    (void)state;
    struct fixture f;
    struct strbuf then, now;
    setup(&f);
    assert_int_equal(history_show(f.history, 0, &f.past), -1);
    for (int second = 0; second <= 700; second++) {
        say_all(&f, second == 0 ? "snapshot" : "delta", 20, second);
        history_take(f.history, &f.live);
        if (second == 650)
            dump(&f.live, &then);
    }
    dump(&f.live, &now);
    assert_string_not_equal(strbuf_text(&then), strbuf_text(&now));
    strbuf_release(&now);
    assert_int_equal(history_show(f.history, (5000 + 652) * SECOND_MS, &f.past),
                     (5000 + 650) * SECOND_MS);
    dump(&f.past, &now);
    assert_string_equal(strbuf_text(&then), strbuf_text(&now));
    assert_int_equal(app_server_now_ms(&f.past), (5000 + 650) * SECOND_MS);
    strbuf_release(&then);
    strbuf_release(&now);
    teardown(&f);
}

static void who_left_was_there_before(void **state)
{
    (void)state;
    static const char gone[] =
        "{\"type\":\"delta\",\"id\":1,\"tick\":9,\"base_tick\":5,"
        "\"time\":5010,\"changed\":[],\"removed\":"
        "[{\"hex\":\"4b0003\",\"reason\":\"left\"}]}";
    struct fixture f;
    setup(&f);
    say_all(&f, "snapshot", 5, 0);
    history_take(f.history, &f.live);
    set_second(&f, 10);
    say(&f.live, gone, strlen(gone));
    history_take(f.history, &f.live);
    history_show(f.history, 5010 * SECOND_MS, &f.past);
    assert_int_equal(flight_table_count(f.past.flights), 4);
    history_show(f.history, 5009 * SECOND_MS, &f.past);
    assert_int_equal(flight_table_count(f.past.flights), 5);
    assert_int_equal(history_next_ms(f.history, 5000 * SECOND_MS), 5010 * SECOND_MS);
    assert_int_equal(history_next_ms(f.history, 5010 * SECOND_MS), -1);
    teardown(&f);
}

static void a_quarter_of_an_hour_within_its_memory(void **state)
{
    (void)state;
    static const int counts[] = {60, 4000};
    for (size_t i = 0; i < 2; i++) {
        struct fixture f;
        setup(&f);
        for (int second = 0; second <= 1500; second += 5) {
            say_all(&f, second == 0 ? "snapshot" : "delta", counts[i], second);
            history_take(f.history, &f.live);
            assert_in_range(history_bytes(f.history), 1, HISTORY_BYTES_MAX);
        }
        int64_t span_ms = history_newest_ms(f.history) - history_oldest_ms(f.history);
        assert_in_range(span_ms, HISTORY_SPAN_MS - 60 * SECOND_MS,
                        HISTORY_SPAN_MS + HISTORY_WHOLE_MS + 60 * SECOND_MS);
        teardown(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(services_have_a_past_too),
        cmocka_unit_test(the_past_is_what_the_present_was),
        cmocka_unit_test(who_left_was_there_before),
        cmocka_unit_test(a_quarter_of_an_hour_within_its_memory),
    };
    return cmocka_run_group_tests_name("history", tests, NULL, NULL);
}
