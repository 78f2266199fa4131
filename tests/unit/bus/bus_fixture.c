#include "bus_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "bus/producer.h"
#include "net/loop.h"
#include "telemetry/metrics.h"

void bus_fixture_open(struct bus_fixture *f, const char *const *properties,
                      size_t property_count)
{
    bus_fixture_open_at(f, NULL, properties, property_count);
}

void bus_fixture_open_at(struct bus_fixture *f, const char *brokers,
                         const char *const *properties, size_t property_count)
{
    *f = (struct bus_fixture){.records = 0};
    strbuf_init(&f->error, 1024);
    f->metrics = metrics_new();
    f->loop = loop_new();
    const struct bus_config config = {.brokers = brokers,
                                      .partitions = 6,
                                      .properties = properties,
                                      .property_count = property_count};
    f->bus = bus_open(&config, f->metrics, NULL, &f->error);
    assert_string_equal(strbuf_text(&f->error), "");
    assert_non_null(f->bus);
    f->producer = producer_new(f->bus, &f->error);
    assert_non_null(f->producer);
}

void bus_fixture_close(struct bus_fixture *f)
{
    producer_free(f->producer);
    bus_close(f->bus);
    loop_free(f->loop);
    metrics_free(f->metrics);
    strbuf_release(&f->error);
}

void bus_fixture_send(struct bus_fixture *f, enum topic topic, const char *prefix,
                      int count)
{
    for (int i = 0; i < count; i++) {
        char key[16];
        char value[64];
        int key_len = snprintf(key, sizeof key, "k%d", i);
        int value_len = snprintf(value, sizeof value, "%s %d", prefix, i);
        const struct producer_record record = {.topic = topic,
                                               .key = key,
                                               .key_len = (size_t)key_len,
                                               .value = value,
                                               .value_len = (size_t)value_len,
                                               .source = "test"};
        assert_int_equal(producer_send(f->producer, &record), 0);
    }
}

void bus_fixture_take(void *data, const struct bus_record *records, size_t count)
{
    struct bus_fixture *f = data;
    f->batches++;
    f->records += count;
    for (size_t i = 0; i < count; i++) {
        const struct bus_record *r = &records[i];
        f->disorder += r->offset != f->next_offset[r->partition];
        f->next_offset[r->partition] = r->offset + 1;
        f->tombstones += r->value == NULL;
        if (r->value != NULL)
            snprintf(f->last_value, sizeof f->last_value, "%.*s", (int)r->value_len,
                     r->value);
    }
}

static void take_caught_up(void *data)
{
    struct bus_fixture *f = data;
    f->caught_up = true;
}

static void take_stale(void *data, int64_t since_ms)
{
    struct bus_fixture *f = data;
    assert_true(since_ms > 0);
    f->stale++;
}

static void take_live(void *data)
{
    struct bus_fixture *f = data;
    f->live++;
}

struct consumer *bus_fixture_consume(struct bus_fixture *f,
                                     const struct consumer_config *config)
{
    static const struct consumer_events events = {.on_records = bus_fixture_take,
                                                  .on_caught_up = take_caught_up,
                                                  .on_stale = take_stale,
                                                  .on_live = take_live};
    struct consumer *c =
        consumer_assign(f->bus, config, f->loop, &events, f, &f->error);
    assert_non_null(c);
    return c;
}

static void nothing(void *data)
{
    (void)data;
}

bool bus_fixture_run(struct bus_fixture *f, bool (*done)(struct bus_fixture *f))
{
    int64_t until_ms = clock_mono_ms() + 60000;
    struct loop_timer *tick = loop_every_ms(f->loop, 10, nothing, NULL);
    while (!done(f) && clock_mono_ms() < until_ms)
        loop_run_once(f->loop, true);
    loop_timer_free(tick);
    return done(f);
}
