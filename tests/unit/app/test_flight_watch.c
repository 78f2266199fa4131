/* News of watched aircraft and of emergencies: each once, none of what is not new. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/flight_watch.h"

struct fixture {
    struct flight_table *table;
    struct flight_list list;
    struct flight_watch watch;
    struct flight_view_context context;
    uint64_t version;
    char told[256]; /* "+1 near1 -1 !1" since the last look */
};

static void put(struct fixture *f, uint32_t icao, const char *callsign, double lat,
                int squawk)
{
    struct observation obs = {.icao = icao, .now_ms = 1000, .heard_at_ms = 1000};
    obs.present = FLIGHT_BIT(FLIGHT_CALLSIGN) | FLIGHT_BIT(FLIGHT_LAT) |
                  FLIGHT_BIT(FLIGHT_LON) | FLIGHT_BIT(FLIGHT_SQUAWK);
    obs.pos_at_ms = 1000;
    snprintf(obs.v.callsign, sizeof obs.v.callsign, "%s", callsign);
    obs.v.num[FLIGHT_LAT] = geo_to_e5(lat);
    obs.v.num[FLIGHT_LON] = geo_to_e5(8);
    obs.v.num[FLIGHT_SQUAWK] = squawk;
    flight_table_put(f->table, &obs, true, 1);
}

static void note(void *data, const struct flight_news *news)
{
    static const char *const words[] = {[NEWS_EMERGENCY] = "!",
                                        [NEWS_ENTERED] = "+",
                                        [NEWS_NEAR] = "near",
                                        [NEWS_LEFT] = "-"};
    struct fixture *f = data;
    size_t used = strlen(f->told);
    snprintf(f->told + used, sizeof f->told - used, "%s%s%u%s", used > 0 ? " " : "",
             words[news->kind], news->icao, news->at_start ? "?" : "");
}

static const char *look(struct fixture *f, int64_t now_ms)
{
    f->context.now_ms = now_ms;
    f->told[0] = '\0';
    flight_list_update(&f->list, f->table, &f->context, ++f->version, now_ms);
    flight_watch_update(&f->watch, f->table, &f->list, &f->context, note, f);
    return f->told;
}

static void watch(struct fixture *f, const char *expression)
{
    struct strbuf error;
    strbuf_init(&error, 256);
    assert_true(flight_watch_set(&f->watch, expression, &error));
    strbuf_release(&error);
}

static void set_up(struct fixture *f)
{
    memset(f, 0, sizeof *f);
    f->table = flight_table_new();
    flight_list_init(&f->list);
    flight_watch_init(&f->watch);
    f->context.has_home = true;
    f->context.home = (struct geo_point){47, 8};
}

static void tear_down(struct fixture *f)
{
    flight_watch_release(&f->watch);
    flight_list_release(&f->list);
    flight_table_free(f->table);
}

static void it_tells_who_appears_and_who_leaves(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f);
    watch(&f, "SWR*");
    put(&f, 1, "SWR1", 50, 1000);
    put(&f, 2, "DLH2", 50, 1000);
    assert_string_equal(look(&f, 1000), "+1?");
    put(&f, 3, "SWR3", 50, 1000);
    assert_string_equal(look(&f, 2000), "+3");
    assert_string_equal(look(&f, 3000), "");
    flight_table_remove(f.table, 3, 2, 4000);
    assert_string_equal(look(&f, 4000), "");
    assert_string_equal(look(&f, 3000 + WATCH_GRACE_MS - 1), "");
    assert_string_equal(look(&f, 3000 + WATCH_GRACE_MS), "-3");
    assert_true(flight_watch_has(&f.watch, 1));
    assert_false(flight_watch_has(&f.watch, 3));
    tear_down(&f);
}

static void coming_near_is_told_once(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f);
    watch(&f, "SWR1");
    f.watch.near_nm = 30;
    put(&f, 1, "SWR1", 48, 1000); /* a degree of latitude is 60 nm */
    assert_string_equal(look(&f, 1000), "+1?");
    put(&f, 1, "SWR1", 47.45, 1000);
    assert_string_equal(look(&f, 2000), "near1");
    put(&f, 1, "SWR1", 47.55, 1000); /* 33 nm: still about there */
    assert_string_equal(look(&f, 3000), "");
    put(&f, 1, "SWR1", 47.45, 1000);
    assert_string_equal(look(&f, 4000), "");
    put(&f, 1, "SWR1", 48, 1000);
    assert_string_equal(look(&f, 5000), "");
    put(&f, 1, "SWR1", 47.45, 1000);
    assert_string_equal(look(&f, 6000), "near1");
    tear_down(&f);
}

static void a_mark_watches_without_news_of_what_is_seen(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f);
    put(&f, 1, "SWR1", 48, 1000);
    look(&f, 1000);
    assert_int_equal(flight_watch_toggle(&f.watch, 1), 1);
    assert_true(flight_watch_has(&f.watch, 1));
    assert_string_equal(look(&f, 2000), "");
    flight_table_remove(f.table, 1, 2, 2500);
    assert_string_equal(look(&f, 2000 + WATCH_GRACE_MS), "-1");
    put(&f, 1, "SWR1", 48, 1000);
    assert_string_equal(look(&f, 90000), "+1");
    assert_int_equal(flight_watch_toggle(&f.watch, 1), 0);
    assert_false(flight_watch_has(&f.watch, 1));
    assert_string_equal(look(&f, 91000), "");
    tear_down(&f);
}

static void marks_have_a_ceiling(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f);
    for (uint32_t i = 1; i <= WATCH_MARKS_MAX; i++)
        assert_int_equal(flight_watch_toggle(&f.watch, i), 1);
    assert_true(flight_watch_toggle(&f.watch, 1000) < 0);
    tear_down(&f);
}

static void an_emergency_is_announced_once_and_again_when_it_begins_again(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f);
    put(&f, 1, "SWR1", 48, 7700);
    put(&f, 2, "DLH2", 48, 1000);
    assert_string_equal(look(&f, 1000), "!1?");
    assert_string_equal(look(&f, 2000), "");
    flight_list_ack(&f.list, 1);
    assert_string_equal(look(&f, 3000), "");
    put(&f, 1, "SWR1", 48, 1000);
    assert_string_equal(look(&f, 4000), "");
    put(&f, 1, "SWR1", 48, 7700);
    assert_string_equal(look(&f, 5000), "!1");
    assert_int_equal(f.list.emergencies, 1); /* and it is pinned again */
    tear_down(&f);
}

static void one_that_the_filter_hides_is_announced_too(void **state)
{
    (void)state;
    struct fixture f;
    struct strbuf error;
    set_up(&f);
    strbuf_init(&error, 64);
    assert_true(flight_list_set_filter(&f.list, "callsign = DLH2", &error));
    put(&f, 1, "SWR1", 48, 7600);
    assert_string_equal(look(&f, 1000), "!1?");
    assert_int_equal(f.list.count, 0);
    strbuf_release(&error);
    tear_down(&f);
}

static void a_wrong_expression_changes_nothing(void **state)
{
    (void)state;
    struct fixture f;
    struct strbuf error;
    set_up(&f);
    strbuf_init(&error, 256);
    watch(&f, "SWR*");
    assert_false(flight_watch_set(&f.watch, "alt > > 1", &error));
    assert_non_null(strstr(strbuf_text(&error), "column "));
    assert_non_null(f.watch.filter);
    strbuf_release(&error);
    tear_down(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_tells_who_appears_and_who_leaves),
        cmocka_unit_test(coming_near_is_told_once),
        cmocka_unit_test(a_mark_watches_without_news_of_what_is_seen),
        cmocka_unit_test(marks_have_a_ceiling),
        cmocka_unit_test(an_emergency_is_announced_once_and_again_when_it_begins_again),
        cmocka_unit_test(one_that_the_filter_hides_is_announced_too),
        cmocka_unit_test(a_wrong_expression_changes_nothing),
    };
    return cmocka_run_group_tests_name("flight_watch", tests, NULL, NULL);
}
