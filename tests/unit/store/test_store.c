#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/strbuf.h"
#include "fake_redis.h"
#include "net/loop.h"
#include "store/health_mirror.h"
#include "store/redis_link.h"
#include "store/sessions.h"
#include "store/state_mirror.h"
#include "store/warm_read.h"
#include "telemetry/health.h"
#include "telemetry/metrics.h"

enum { AIRCRAFT = 1200, DEADLINE_MS = 15000 };

struct fixture {
    struct loop *loop;
    struct fake_redis *redis;
    struct metrics *metrics;
    struct health_board *board;
    struct redis_link *link;
    struct strbuf error;
    /* What was told. */
    struct state_mirror *mirror;
    int rewrites;
    size_t objects;
    int64_t warm_result;
    char service[64];
    char object[256];
    char session[64];
    char acked[64];
};

static void nothing(void *data)
{
    (void)data;
}

static bool run_until(struct fixture *f, bool (*done)(struct fixture *f))
{
    int64_t until_ms = clock_mono_ms() + DEADLINE_MS;
    struct loop_timer *tick = loop_every_ms(f->loop, 10, nothing, NULL);
    while (!done(f) && clock_mono_ms() < until_ms)
        loop_run_once(f->loop, true);
    loop_timer_free(tick);
    return done(f);
}

static bool is_up(struct fixture *f)
{
    return redis_link_up(f->link);
}

static bool is_down(struct fixture *f)
{
    return !redis_link_up(f->link);
}

static enum health_status status(struct fixture *f)
{
    struct health_entry entry = {.status = HEALTH_FAIL};
    health_find(f->board, "redis", &entry);
    return entry.status;
}

static bool is_well(struct fixture *f)
{
    return status(f) == HEALTH_PASS;
}

static bool is_warning(struct fixture *f)
{
    return status(f) == HEALTH_WARN;
}

static void open_fixture(struct fixture *f)
{
    memset(f, 0, sizeof *f);
    strbuf_init(&f->error, 1024);
    f->loop = loop_new();
    f->redis = fake_redis_new(f->loop);
    f->metrics = metrics_new();
    f->board = health_board_new();
    f->warm_result = INT64_MIN;
    f->link = redis_link_new(fake_redis_url(f->redis), f->loop, f->metrics, f->board,
                             &f->error);
    assert_non_null(f->link);
}

static void close_fixture(struct fixture *f)
{
    redis_link_free(f->link);
    fake_redis_free(f->redis);
    loop_free(f->loop);
    health_board_free(f->board);
    metrics_free(f->metrics);
    strbuf_release(&f->error);
}

/* -- The link ----------------------------------------------------------------- */

static void it_comes_up_and_says_so(void **state)
{
    (void)state;
    struct fixture f;
    open_fixture(&f);
    assert_true(run_until(&f, is_up));
    assert_true(run_until(&f, is_well));
    close_fixture(&f);
}

static void a_server_that_goes_and_comes_back_is_joined_again(void **state)
{
    (void)state;
    struct fixture f;
    open_fixture(&f);
    assert_true(run_until(&f, is_up));
    fake_redis_stop(f.redis);
    assert_true(run_until(&f, is_down));
    assert_int_equal(status(&f), HEALTH_FAIL);
    assert_int_equal(redis_link_call(f.link, NULL, NULL, "GET", "x", NULL), -ENOTCONN);
    fake_redis_start(f.redis);
    assert_true(run_until(&f, is_well));
    close_fixture(&f);
}

static void a_server_that_hangs_is_noticed(void **state)
{
    (void)state;
    struct fixture f;
    open_fixture(&f);
    assert_true(run_until(&f, is_up));
    fake_redis_hang(f.redis, true);
    int64_t began_ms = clock_mono_ms();
    assert_true(run_until(&f, is_down));
    assert_in_range(clock_mono_ms() - began_ms, 1000, 5000);
    assert_int_equal(status(&f), HEALTH_FAIL);
    fake_redis_hang(f.redis, false);
    assert_true(run_until(&f, is_well));
    close_fixture(&f);
}

static void a_password_comes_from_its_file(void **state)
{
    (void)state;
    struct fixture f;
    char path[] = "/tmp/flightdash-test-XXXXXX";
    char url[256];
    open_fixture(&f);
    int fd = mkstemp(path);
    assert_int_equal(write(fd, "secret\n", 7), 7);
    close(fd);
    fake_redis_password(f.redis, "secret");
    redis_link_free(f.link);
    snprintf(url, sizeof url, "redis://reader@%s/2?password_file=%s",
             fake_redis_url(f.redis) + strlen("redis://"), path);
    f.link = redis_link_new(url, f.loop, f.metrics, f.board, &f.error);
    assert_non_null(f.link);
    assert_true(run_until(&f, is_well));
    close_fixture(&f);
    unlink(path);
}

static bool is_refused(struct fixture *f)
{
    struct health_entry entry;
    return health_find(f->board, "redis", &entry) && entry.status == HEALTH_FAIL &&
           strstr(entry.output, "NOAUTH") != NULL;
}

static void a_password_that_is_missing_is_told(void **state)
{
    (void)state;
    struct fixture f;
    open_fixture(&f);
    fake_redis_password(f.redis, "secret");
    assert_true(run_until(&f, is_refused));
    close_fixture(&f);
}

static void read_only_is_a_warning(void **state)
{
    (void)state;
    struct fixture f;
    open_fixture(&f);
    assert_true(run_until(&f, is_well));
    fake_redis_read_only(f.redis, true);
    assert_int_equal(redis_link_call(f.link, NULL, NULL, "SET", "a", "b", NULL), 0);
    assert_true(run_until(&f, is_warning));
    struct health_entry entry;
    assert_true(health_find(f.board, "redis", &entry));
    assert_non_null(strstr(entry.output, "SET a: READONLY"));
    assert_non_null(strstr(entry.output, "; name the master with --redis"));
    fake_redis_read_only(f.redis, false);
    assert_true(run_until(&f, is_well));
    close_fixture(&f);
}

static void a_link_that_is_content_hides_no_warning(void **state)
{
    (void)state;
    struct fixture f;
    open_fixture(&f);
    struct redis_link *content =
        redis_link_new(fake_redis_url(f.redis), f.loop, f.metrics, f.board, &f.error);
    assert_true(run_until(&f, is_well));
    fake_redis_read_only(f.redis, true);
    assert_int_equal(redis_link_call(f.link, NULL, NULL, "SET", "a", "b", NULL), 0);
    assert_true(run_until(&f, is_warning));
    /* Both links ping in this time; what is older than 3 s may be forgotten. */
    int64_t end_ms = clock_mono_ms() + (int64_t)2 * REDIS_WATCHDOG_MS;
    struct loop_timer *tick = loop_every_ms(f.loop, 10, nothing, NULL);
    while (clock_mono_ms() < end_ms) {
        loop_run_once(f.loop, true);
        assert_true(is_warning(&f) || clock_mono_ms() > end_ms);
    }
    loop_timer_free(tick);
    assert_true(run_until(&f, is_well));
    redis_link_free(content);
    close_fixture(&f);
}

/* -- The state mirror ---------------------------------------------------------- */

static void put_all(void *data)
{
    struct fixture *f = data;
    f->rewrites++;
    for (uint32_t i = 1; i <= AIRCRAFT; i++)
        state_mirror_put(f->mirror, i, "{\"hex\":\"x\"}", 11);
}

static bool is_mirrored(struct fixture *f)
{
    return fake_redis_hlen(f->redis, STATE_MIRROR_KEY) == AIRCRAFT;
}

static bool is_announced(struct fixture *f)
{
    return fake_redis_published(f->redis, STATE_MIRROR_CHANNEL) > 0;
}

static void open_mirror(struct fixture *f)
{
    open_fixture(f);
    f->mirror = state_mirror_new(f->link, f->loop, f->metrics, put_all, f);
    state_mirror_expect(f->mirror, AIRCRAFT);
    assert_true(run_until(f, is_mirrored));
    assert_int_equal(f->rewrites, 1);
}

static void close_mirror(struct fixture *f)
{
    state_mirror_free(f->mirror);
    close_fixture(f);
}

static void all_aircraft_are_written_and_announced(void **state)
{
    (void)state;
    struct fixture f;
    open_mirror(&f);
    assert_true(run_until(&f, is_announced));
    assert_string_equal(fake_redis_hget(f.redis, STATE_MIRROR_KEY, "000001"),
                        "{\"hex\":\"x\"}");
    close_mirror(&f);
}

static bool has_newest(struct fixture *f)
{
    const char *value = fake_redis_hget(f->redis, STATE_MIRROR_KEY, "000007");
    return value != NULL && strcmp(value, "new") == 0;
}

static bool has_lost_one(struct fixture *f)
{
    return fake_redis_hlen(f->redis, STATE_MIRROR_KEY) == AIRCRAFT - 1;
}

static void the_newest_object_wins_and_what_is_gone_goes(void **state)
{
    (void)state;
    struct fixture f;
    open_mirror(&f);
    state_mirror_put(f.mirror, 7, "old", 3);
    state_mirror_put(f.mirror, 7, "new", 3);
    state_mirror_remove(f.mirror, 8);
    state_mirror_expect(f.mirror, AIRCRAFT - 1);
    assert_true(run_until(&f, has_newest));
    assert_true(run_until(&f, has_lost_one));
    assert_null(fake_redis_hget(f.redis, STATE_MIRROR_KEY, "000008"));
    close_mirror(&f);
}

static void a_flush_is_noticed_and_repaired(void **state)
{
    (void)state;
    struct fixture f;
    open_mirror(&f);
    int64_t began_ms = clock_mono_ms();
    fake_redis_flush(f.redis);
    assert_true(run_until(&f, is_mirrored));
    assert_true(clock_mono_ms() - began_ms < 5000);
    close_mirror(&f);
}

static void a_restart_is_repaired_and_removals_are_not_forgotten(void **state)
{
    (void)state;
    struct fixture f;
    open_mirror(&f);
    fake_redis_stop(f.redis);
    assert_true(run_until(&f, is_down));
    fake_redis_hset(f.redis, STATE_MIRROR_KEY, "ffffff", "gone while away");
    state_mirror_remove(f.mirror, 0xffffff);
    fake_redis_start(f.redis);
    assert_true(run_until(&f, is_mirrored));
    assert_null(fake_redis_hget(f.redis, STATE_MIRROR_KEY, "ffffff"));
    close_mirror(&f);
}

static bool was_refused(struct fixture *f)
{
    return metrics_value(f->metrics, METRIC_MIRROR_REFUSED) >= 2;
}

static bool is_made_good(struct fixture *f)
{
    return f->rewrites == 2 && is_mirrored(f);
}

static void what_was_refused_is_written_once_it_is_taken(void **state)
{
    (void)state;
    struct fixture f;
    open_mirror(&f);
    fake_redis_hset(f.redis, STATE_MIRROR_KEY, "ffffff", "goes while it is read-only");
    fake_redis_read_only(f.redis, true);
    state_mirror_put(f.mirror, 7, "new", 3);
    state_mirror_remove(f.mirror, 0xffffff);
    assert_true(run_until(&f, was_refused));
    assert_int_equal(metrics_value(f.metrics, METRIC_MIRROR_ROWS), AIRCRAFT);
    assert_int_equal(f.rewrites, 1);
    fake_redis_read_only(f.redis, false);
    assert_true(run_until(&f, is_made_good));
    assert_null(fake_redis_hget(f.redis, STATE_MIRROR_KEY, "ffffff"));
    close_mirror(&f);
}

/* -- The warm read ------------------------------------------------------------- */

static void take_object(void *data, const char *json, size_t len)
{
    struct fixture *f = data;
    assert_int_equal(len, strlen(json));
    f->objects++;
}

static void take_end(void *data, int64_t objects_or_error)
{
    struct fixture *f = data;
    f->warm_result = objects_or_error;
}

static const struct warm_read_events warm_events = {.on_object = take_object,
                                                    .on_done = take_end};

static bool has_ended(struct fixture *f)
{
    return f->warm_result != INT64_MIN;
}

static void everything_is_read_in_pieces(void **state)
{
    (void)state;
    struct fixture f;
    open_fixture(&f);
    for (unsigned i = 0; i < 350; i++) {
        char hex[8];
        snprintf(hex, sizeof hex, "%06x", i);
        fake_redis_hset(f.redis, STATE_MIRROR_KEY, hex, "{}");
    }
    warm_read_start(f.link, f.loop, 1000, &warm_events, &f);
    assert_true(run_until(&f, has_ended));
    assert_int_equal(f.warm_result, 350);
    assert_int_equal(f.objects, 350);
    close_fixture(&f);
}

static void without_redis_it_ends_soon(void **state)
{
    (void)state;
    struct fixture f;
    open_fixture(&f);
    fake_redis_stop(f.redis);
    int64_t began_ms = clock_mono_ms();
    warm_read_start(f.link, f.loop, 200, &warm_events, &f);
    assert_true(run_until(&f, has_ended));
    assert_true(f.warm_result < 0);
    assert_true(clock_mono_ms() - began_ms < 2000);
    close_fixture(&f);
}

static void a_cancelled_read_tells_nothing(void **state)
{
    (void)state;
    struct fixture f;
    open_fixture(&f);
    fake_redis_hset(f.redis, STATE_MIRROR_KEY, "4b1814", "{}");
    struct warm_read *w = warm_read_start(f.link, f.loop, 1000, &warm_events, &f);
    warm_read_cancel(w);
    assert_true(run_until(&f, is_well));
    assert_false(has_ended(&f));
    close_fixture(&f);
}

/* -- Health, sessions, acknowledgements ------------------------------------------ */

static void take_change(void *data, const char *service, const char *json, size_t len)
{
    struct fixture *f = data;
    snprintf(f->service, sizeof f->service, "%s", service);
    snprintf(f->object, sizeof f->object, "%.*s", (int)len, json != NULL ? json : "");
}

static bool knows_pinot(struct fixture *f)
{
    return strcmp(f->service, "pinot") == 0;
}

static bool knows_that_pinot_fails(struct fixture *f)
{
    return knows_pinot(f) && strcmp(f->object, "{\"status\":\"fail\"}") == 0;
}

static bool knows_pinot_no_more(struct fixture *f)
{
    return knows_pinot(f) && f->object[0] == '\0';
}

static bool has_put(struct fixture *f)
{
    return fake_redis_hget(f->redis, HEALTH_MIRROR_KEY, "kafka") != NULL;
}

static bool has_announced_put(struct fixture *f)
{
    return has_put(f) && strcmp(f->service, "kafka") == 0;
}

static bool was_complained_of(struct fixture *f)
{
    return metrics_value(f->metrics, METRIC_REDIS_ERRORS) > 0;
}

static bool has_warning_of_kafka(struct fixture *f)
{
    const char *value = fake_redis_hget(f->redis, HEALTH_MIRROR_KEY, "kafka");
    return value != NULL && strstr(value, "warn") != NULL;
}

static void health_that_was_refused_is_written_later(void **state)
{
    (void)state;
    struct fixture f;
    open_fixture(&f);
    struct health_mirror *m = health_mirror_new(f.link, take_change, &f);
    health_mirror_put(m, "kafka", "{\"status\":\"pass\"}", 17);
    assert_true(run_until(&f, has_announced_put));
    fake_redis_read_only(f.redis, true);
    health_mirror_put(m, "kafka", "{\"status\":\"warn\"}", 17);
    assert_true(run_until(&f, was_complained_of));
    fake_redis_read_only(f.redis, false);
    assert_true(run_until(&f, has_warning_of_kafka));
    health_mirror_free(m);
    close_fixture(&f);
}

static void health_of_others_is_heard_and_ours_is_kept(void **state)
{
    (void)state;
    struct fixture f;
    open_fixture(&f);
    fake_redis_hset(f.redis, HEALTH_MIRROR_KEY, "pinot", "{\"status\":\"warn\"}");
    struct health_mirror *m = health_mirror_new(f.link, take_change, &f);
    assert_true(run_until(&f, knows_pinot)); /* the whole hash at the start */
    assert_string_equal(f.object, "{\"status\":\"warn\"}");
    health_mirror_put(m, "kafka", "{\"status\":\"pass\"}", 17);
    assert_true(run_until(&f, has_announced_put));
    fake_redis_flush(f.redis);
    assert_true(run_until(&f, has_put));
    assert_true(run_until(&f, knows_pinot_no_more)); /* though nobody said so */
    fake_redis_hset(f.redis, HEALTH_MIRROR_KEY, "pinot", "{\"status\":\"fail\"}");
    fake_redis_publish(f.redis, HEALTH_MIRROR_CHANNEL, "pinot");
    assert_true(run_until(&f, knows_that_pinot_fails));
    health_mirror_free(m);
    close_fixture(&f);
}

static void take_session(void *data, const char *text, size_t len)
{
    struct fixture *f = data;
    snprintf(f->session, sizeof f->session, "%.*s", (int)len,
             text != NULL ? text : "none");
    if (text == NULL)
        snprintf(f->session, sizeof f->session, "none");
}

static bool has_session(struct fixture *f)
{
    return f->session[0] != '\0';
}

static void take_ack(void *data, const char *alert, int64_t at_ms)
{
    struct fixture *f = data;
    snprintf(f->acked, sizeof f->acked, "%s %d", alert, (int)at_ms);
}

static bool is_acked(struct fixture *f)
{
    return f->acked[0] != '\0';
}

static void sessions_and_acks_are_shared(void **state)
{
    (void)state;
    struct fixture f;
    open_fixture(&f);
    struct sessions *s = sessions_new(f.link, take_ack, &f);
    sessions_find(s, "abc", take_session, &f); /* not connected yet: none, at once */
    assert_string_equal(f.session, "none");
    assert_true(run_until(&f, is_well));
    sessions_save(s, "abc", "tick 17", 7);
    f.session[0] = '\0';
    sessions_find(s, "abc", take_session, &f);
    assert_true(run_until(&f, has_session));
    assert_string_equal(f.session, "tick 17");
    sessions_ack(s, "emergency:4b1814", 42);
    assert_true(run_until(&f, is_acked));
    assert_string_equal(f.acked, "emergency:4b1814 42");
    sessions_free(s);
    close_fixture(&f);
}

static bool has_shared_ack(struct fixture *f)
{
    return fake_redis_hget(f->redis, SESSIONS_ACKS_KEY, "emergency:4b1814:1") != NULL;
}

static bool has_forgotten(struct fixture *f)
{
    return fake_redis_hget(f->redis, SESSIONS_ACKS_KEY, "emergency:000001:1") == NULL;
}

static void an_ack_waits_for_redis_and_old_ones_go(void **state)
{
    (void)state;
    struct fixture f;
    open_fixture(&f);
    fake_redis_hset(f.redis, SESSIONS_ACKS_KEY, "emergency:000001:1", "42");
    struct sessions *s = sessions_new(f.link, take_ack, &f);
    sessions_ack(s, "emergency:4b1814:1", clock_wall_ms()); /* not connected yet */
    assert_true(run_until(&f, has_shared_ack));
    assert_true(run_until(&f, is_acked));
    assert_true(run_until(&f, has_forgotten));
    sessions_free(s);
    close_fixture(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_comes_up_and_says_so),
        cmocka_unit_test(a_server_that_goes_and_comes_back_is_joined_again),
        cmocka_unit_test(a_server_that_hangs_is_noticed),
        cmocka_unit_test(a_password_comes_from_its_file),
        cmocka_unit_test(a_password_that_is_missing_is_told),
        cmocka_unit_test(read_only_is_a_warning),
        cmocka_unit_test(a_link_that_is_content_hides_no_warning),
        cmocka_unit_test(all_aircraft_are_written_and_announced),
        cmocka_unit_test(the_newest_object_wins_and_what_is_gone_goes),
        cmocka_unit_test(a_flush_is_noticed_and_repaired),
        cmocka_unit_test(a_restart_is_repaired_and_removals_are_not_forgotten),
        cmocka_unit_test(what_was_refused_is_written_once_it_is_taken),
        cmocka_unit_test(everything_is_read_in_pieces),
        cmocka_unit_test(without_redis_it_ends_soon),
        cmocka_unit_test(a_cancelled_read_tells_nothing),
        cmocka_unit_test(health_of_others_is_heard_and_ours_is_kept),
        cmocka_unit_test(health_that_was_refused_is_written_later),
        cmocka_unit_test(sessions_and_acks_are_shared),
        cmocka_unit_test(an_ack_waits_for_redis_and_old_ones_go),
    };
    return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
