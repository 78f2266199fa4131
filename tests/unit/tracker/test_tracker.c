/*
 * The whole role against the mock cluster: what is sent to flight-updates must
 * come out of the other topics.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/strbuf.h"
#include "bus/bus.h"
#include "bus/consumer.h"
#include "bus/producer.h"
#include "net/loop.h"
#include "telemetry/metrics.h"
#include "tracker/tracker.h"

enum { DEADLINE_MS = 25000, KEPT = 64 };

/* The newest record of a key in a topic that is watched. */
struct kept {
    enum topic topic;
    char key[16];
    char value[512]; /* "" = tombstone */
    int count;
};

struct fixture {
    struct metrics *metrics;
    struct loop *loop;
    struct bus *bus;
    struct producer *producer;
    struct strbuf error;
    struct kept kept[KEPT];
    size_t kept_count;
    const char *wanted_key;
    const char *wanted_text;
    enum topic wanted_topic;
    double wanted_partitions;
};

static void keep(void *data, const struct bus_record *records, size_t count)
{
    struct fixture *f = data;
    for (size_t i = 0; i < count; i++) {
        char key[16];
        size_t k = 0;
        snprintf(key, sizeof key, "%.*s", (int)records[i].key_len, records[i].key);
        while (k < f->kept_count && (f->kept[k].topic != records[i].topic ||
                                     strcmp(f->kept[k].key, key) != 0))
            k++;
        assert_in_range(k, 0, KEPT - 1);
        f->kept_count = k == f->kept_count ? k + 1 : f->kept_count;
        f->kept[k].topic = records[i].topic;
        f->kept[k].count++;
        memcpy(f->kept[k].key, key, sizeof key);
        snprintf(f->kept[k].value, sizeof f->kept[k].value, "%.*s",
                 (int)records[i].value_len,
                 records[i].value != NULL ? records[i].value : "");
    }
}

static const struct kept *find(const struct fixture *f, enum topic topic,
                               const char *key)
{
    for (size_t i = 0; i < f->kept_count; i++) {
        if (f->kept[i].topic == topic && strcmp(f->kept[i].key, key) == 0)
            return &f->kept[i];
    }
    return NULL;
}

/* Its newest value, "" when there is none. */
static const char *value_of(const struct fixture *f, enum topic topic, const char *key)
{
    const struct kept *kept = find(f, topic, key);
    return kept != NULL ? kept->value : "";
}

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

static bool has_wanted(struct fixture *f)
{
    const struct kept *kept = find(f, f->wanted_topic, f->wanted_key);
    if (kept == NULL || kept->count == 0)
        return false;
    return f->wanted_text == NULL ? kept->value[0] == '\0'
                                  : strstr(kept->value, f->wanted_text) != NULL;
}

/* Waits for a record of the key whose value holds text (NULL: is a tombstone). */
static void expect(struct fixture *f, enum topic topic, const char *key,
                   const char *text)
{
    f->wanted_topic = topic;
    f->wanted_key = key;
    f->wanted_text = text;
    assert_true(run_until(f, has_wanted));
}

static bool has_partitions(struct fixture *f)
{
    double owned = metrics_value(f->metrics, METRIC_TRACKER_PARTITIONS);
    return owned > f->wanted_partitions - 0.5 && owned < f->wanted_partitions + 0.5;
}

static void update(struct fixture *f, const char *key, const char *members)
{
    char value[512];
    int64_t now_ms = clock_wall_ms();
    int len = snprintf(value, sizeof value, "{\"hex\":\"%s\",\"now\":%lld.%03d%s}", key,
                       (long long)(now_ms / 1000), (int)(now_ms % 1000), members);
    const struct producer_record record = {.topic = TOPIC_FLIGHT_UPDATES,
                                           .key = key,
                                           .key_len = strlen(key),
                                           .value = value,
                                           .value_len = (size_t)len};
    assert_int_equal(producer_send(f->producer, &record), 0);
}

static struct consumer *watch(struct fixture *f, enum topic topic)
{
    static const struct consumer_events events = {.on_records = keep};
    const struct consumer_config config = {.topic = topic,
                                           .start = CONSUMER_FROM_BEGINNING};
    return consumer_assign(f->bus, &config, f->loop, &events, f, &f->error);
}

static struct tracker *start(struct fixture *f, int64_t expire_ms,
                             struct metrics *metrics)
{
    const struct tracker_config config = {.expire_ms = expire_ms,
                                          .adsc_expire_ms = expire_ms,
                                          .state_period_ms = 100,
                                          .stats_period_ms = 500};
    const struct tracker_deps deps = {
        .loop = f->loop, .bus = f->bus, .producer = f->producer, .metrics = metrics};
    struct tracker *t = tracker_new(&config, &deps, &f->error);
    assert_non_null(t);
    return t;
}

static void open_fixture(struct fixture *f)
{
    memset(f, 0, sizeof *f);
    strbuf_init(&f->error, 1024);
    f->metrics = metrics_new();
    f->loop = loop_new();
    const struct bus_config config = {.partitions = 2};
    f->bus = bus_open(&config, f->metrics, NULL, &f->error);
    f->producer = producer_new(f->bus, &f->error);
    assert_non_null(f->producer);
}

static void close_fixture(struct fixture *f)
{
    producer_free(f->producer);
    bus_close(f->bus);
    loop_free(f->loop);
    metrics_free(f->metrics);
    strbuf_release(&f->error);
}

static void state_alerts_counts_and_dead_letters_come_out(void **state)
{
    (void)state;
    struct fixture f;
    open_fixture(&f);
    struct tracker *t = start(&f, 300000, f.metrics);
    struct consumer *states = watch(&f, TOPIC_FLIGHT_STATE);
    struct consumer *letters = watch(&f, TOPIC_FLIGHT_DEAD_LETTERS);
    struct consumer *stats = watch(&f, TOPIC_FLIGHT_STATS);
    struct consumer *alerts = watch(&f, TOPIC_FLIGHT_ALERTS);
    update(&f, "4b1814", ",\"flight\":\"SWR123\",\"alt_baro\":31000");
    update(&f, "4b1814", ",\"gs\":431.2,\"squawk\":\"7700\"");
    update(&f, "bad", ",\"gs\":1");
    update(&f, "4b1815", ",\"lat\":91,\"lon\":8");
    expect(&f, TOPIC_FLIGHT_STATE, "4b1814", "\"gs\":431.2");
    const char *merged = value_of(&f, TOPIC_FLIGHT_STATE, "4b1814");
    assert_non_null(strstr(merged, "\"alt_baro\":31000"));
    assert_non_null(strstr(merged, "\"flight\":\"SWR123\""));
    expect(&f, TOPIC_FLIGHT_DEAD_LETTERS, "bad", "\"gs\":1");
    expect(&f, TOPIC_FLIGHT_DEAD_LETTERS, "4b1815", "91");
    expect(&f, TOPIC_FLIGHT_STATS, "country", "\"CH\":1");
    expect(&f, TOPIC_FLIGHT_ALERTS, "4b1814", "squawks 7700");
    consumer_free(states);
    consumer_free(letters);
    consumer_free(stats);
    consumer_free(alerts);
    tracker_free(t);
    close_fixture(&f);
}

static void what_expires_gets_a_tombstone(void **state)
{
    (void)state;
    struct fixture f;
    open_fixture(&f);
    struct tracker *t = start(&f, 1500, f.metrics);
    struct consumer *states = watch(&f, TOPIC_FLIGHT_STATE);
    update(&f, "4b1814", ",\"gs\":431.2");
    expect(&f, TOPIC_FLIGHT_STATE, "4b1814", NULL);
    consumer_free(states);
    tracker_free(t);
    close_fixture(&f);
}

static void a_successor_knows_what_its_predecessor_knew(void **state)
{
    (void)state;
    struct fixture f;
    open_fixture(&f);
    struct consumer *states = watch(&f, TOPIC_FLIGHT_STATE);
    struct tracker *first = start(&f, 300000, f.metrics);
    update(&f, "4b1814", ",\"flight\":\"SWR123\"");
    expect(&f, TOPIC_FLIGHT_STATE, "4b1814", "SWR123");
    tracker_free(first);
    update(&f, "4b1814", ",\"gs\":300"); /* nobody is there */
    struct tracker *second = start(&f, 300000, f.metrics);
    expect(&f, TOPIC_FLIGHT_STATE, "4b1814", "\"gs\":300");
    const char *merged = value_of(&f, TOPIC_FLIGHT_STATE, "4b1814");
    assert_non_null(strstr(merged, "\"flight\":\"SWR123\""));
    consumer_free(states);
    tracker_free(second);
    close_fixture(&f);
}

static void two_share_and_the_one_that_stays_takes_all(void **state)
{
    (void)state;
    struct fixture f;
    open_fixture(&f);
    struct metrics *others = metrics_new();
    struct consumer *states = watch(&f, TOPIC_FLIGHT_STATE);
    struct tracker *first = start(&f, 300000, f.metrics);
    f.wanted_partitions = 2;
    assert_true(run_until(&f, has_partitions));
    for (int i = 0; i < 20; i++) {
        char hex[8];
        snprintf(hex, sizeof hex, "4b18%02d", i);
        update(&f, hex, ",\"flight\":\"ONE\"");
    }
    expect(&f, TOPIC_FLIGHT_STATE, "4b1819", "ONE");
    struct tracker *second = start(&f, 300000, others);
    f.wanted_partitions = 1;
    assert_true(run_until(&f, has_partitions));
    tracker_free(first);
    for (int i = 0; i < 20; i++) {
        char hex[8];
        snprintf(hex, sizeof hex, "4b18%02d", i);
        update(&f, hex, ",\"gs\":222");
    }
    for (int i = 0; i < 20; i++) {
        char hex[8];
        snprintf(hex, sizeof hex, "4b18%02d", i);
        expect(&f, TOPIC_FLIGHT_STATE, hex, "\"gs\":222");
        assert_non_null(strstr(value_of(&f, TOPIC_FLIGHT_STATE, hex), "ONE"));
    }
    consumer_free(states);
    tracker_free(second);
    metrics_free(others);
    close_fixture(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(state_alerts_counts_and_dead_letters_come_out),
        cmocka_unit_test(what_expires_gets_a_tombstone),
        cmocka_unit_test(a_successor_knows_what_its_predecessor_knew),
        cmocka_unit_test(two_share_and_the_one_that_stays_takes_all),
    };
    return cmocka_run_group_tests_name("tracker", tests, NULL, NULL);
}
