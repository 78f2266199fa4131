/* A recording without a loop: going on, stepping, seeking; always the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/app.h"
#include "app/record.h"
#include "app/replay_link.h"

enum { FRAMES = 60 };

struct fixture {
    char path[32];
    struct app app;
    struct replay_link *link;
};

static void nothing(void *data)
{
    (void)data;
}

/* One aircraft that climbs 100 ft a second for a minute. */
static void write_recording(const char *path)
{
    struct record *r = record_open(path);
    char frame[512];
    int n = snprintf(frame, sizeof frame,
                     "{\"type\":\"welcome\",\"version\":1,\"epoch\":"
                     "\"00112233aabbccdd\",\"tick\":1,\"tick_ms\":250,\"time\":5000,"
                     "\"resumed\":false}");
    record_add(r, 0, frame, (size_t)n);
    for (int i = 0; i < FRAMES; i++) {
        n = snprintf(frame, sizeof frame,
                     "{\"type\":\"%s\",\"id\":1,\"tick\":%d,\"base_tick\":%d,"
                     "\"time\":%d,\"last\":true,\"%s\":[{\"hex\":\"4b1814\","
                     "\"alt_baro\":%d}]}",
                     i == 0 ? "snapshot" : "delta", 2 + i, 1 + i, 5000 + i,
                     i == 0 ? "flights" : "changed", 1000 + i * 100);
        record_add(r, i * 1000, frame, (size_t)n);
    }
    record_close(r);
}

static int set_up(void **state)
{
    static struct fixture f;
    memset(&f, 0, sizeof f);
    snprintf(f.path, sizeof f.path, "/tmp/test_replay_XXXXXX");
    close(mkstemp(f.path));
    write_recording(f.path);
    app_init(&f.app);
    const struct replay_config config = {
        .path = f.path, .speed = 1, .on_frame = nothing, .data = NULL};
    f.link = replay_link_new(NULL, &f.app, &config);
    *state = &f;
    return f.link != NULL ? 0 : -1;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    replay_link_free(f->link);
    app_release(&f->app);
    unlink(f->path);
    return 0;
}

static int altitude(const struct fixture *f)
{
    const struct flight *flight = flight_table_find(f->app.flights, 0x4b1814);
    return flight != NULL ? flight->v.num[FLIGHT_ALT_BARO] : -1;
}

static void it_begins_with_its_first_frames(void **state)
{
    const struct fixture *f = *state;
    assert_int_equal(altitude(f), 1000);
    assert_int_equal(f->app.link.state, LINK_UP);
    assert_int_equal(app_server_now_ms(&f->app), 5000000);
}

static void seeking_is_the_same_from_both_sides(void **state)
{
    struct fixture *f = *state;
    replay_link_seek(f->link, 30500);
    assert_int_equal(altitude(f), 4000);
    assert_int_equal(replay_link_at_ms(f->link), 30500);
    assert_int_equal(app_server_now_ms(&f->app), 5030500);
    replay_link_skip(f->link, -20000);
    assert_int_equal(altitude(f), 2000);
    replay_link_skip(f->link, -20000);
    assert_int_equal(altitude(f), 1000);
    assert_int_equal(replay_link_at_ms(f->link), 0);
}

static void a_step_is_a_frame(void **state)
{
    struct fixture *f = *state;
    replay_link_step(f->link);
    assert_true(replay_link_paused(f->link));
    assert_int_equal(altitude(f), 1100);
    replay_link_do(f->link, REPLAY_STEP, 0);
    assert_int_equal(altitude(f), 1200);
    replay_link_do(f->link, REPLAY_PAUSE, 0);
    assert_false(replay_link_paused(f->link));
}

static void the_end_is_told_and_can_be_left(void **state)
{
    struct fixture *f = *state;
    replay_link_do(f->link, REPLAY_SEEK, 3600000);
    assert_true(replay_link_ended(f->link));
    assert_string_equal(f->app.notice, "the recording ends here");
    assert_int_equal(replay_link_at_ms(f->link), (FRAMES - 1) * 1000);
    assert_int_equal(altitude(f), 1000 + (FRAMES - 1) * 100);
    replay_link_do(f->link, REPLAY_SKIP, -9000);
    assert_false(replay_link_ended(f->link));
    assert_int_equal(altitude(f), 6000);
}

static void a_speed_may_have_decimals(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double speed; /* 0 = refused */
    } rows[] = {{"1", 1},     {"0.5", 0.5}, {"2.5", 2.5}, {"1000", 1000},
                {"0.1", 0.1}, {"0.09", 0},  {"1001", 0},  {"-1", 0},
                {"", 0},      {"2x", 0},    {"nan", 0},   {"inf", 0}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        double speed = 0;
        assert_int_equal(replay_speed_parse(rows[i].text, &speed), rows[i].speed > 0);
        assert_float_equal(speed, rows[i].speed, 1e-9);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_speed_may_have_decimals),
        cmocka_unit_test_setup_teardown(it_begins_with_its_first_frames, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(seeking_is_the_same_from_both_sides, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_step_is_a_frame, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_end_is_told_and_can_be_left, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests_name("replay_link", tests, NULL, NULL);
}
