#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include "base/clock.h"
#include "bus/consumer.h"
#include "bus/embedded.h"
#include "bus/producer.h"
#include "bus_fixture.h"
#include "telemetry/metrics.h"

/* Kafka's numbers of requests: https://kafka.apache.org/protocol#protocol_api_keys */
enum { API_PRODUCE = 0, API_FETCH = 1, API_METADATA = 3 };

static const struct consumer_config all_updates = {.topic = TOPIC_FLIGHT_UPDATES,
                                                   .start = CONSUMER_FROM_BEGINNING};

static bool has_1000(struct bus_fixture *f)
{
    return f->records >= 1000;
}

static bool has_2000(struct bus_fixture *f)
{
    return f->records >= 2000;
}

static bool is_caught_up(struct bus_fixture *f)
{
    return f->caught_up;
}

static bool is_stale(struct bus_fixture *f)
{
    return f->stale > 0;
}

static bool is_live(struct bus_fixture *f)
{
    return f->live > 0;
}

static void what_is_sent_arrives_once_and_in_order(void **state)
{
    (void)state;
    struct bus_fixture f;
    bus_fixture_open(&f, NULL, 0);
    struct consumer *c = bus_fixture_consume(&f, &all_updates);
    bus_fixture_send(&f, TOPIC_FLIGHT_UPDATES, "first", 1000);
    assert_int_equal(producer_flush(f.producer, 10000), 0);
    assert_true(bus_fixture_run(&f, has_1000));
    bus_fixture_send(&f, TOPIC_FLIGHT_UPDATES, "second", 1000);
    assert_true(bus_fixture_run(&f, has_2000));
    assert_int_equal(f.records, 2000);
    assert_int_equal(f.disorder, 0);
    assert_int_equal(consumer_lag(c), 0);
    assert_int_equal(bus_partitions(f.bus, TOPIC_FLIGHT_UPDATES), 6);
    consumer_free(c);
    bus_fixture_close(&f);
}

static void an_empty_topic_is_caught_up_at_once(void **state)
{
    (void)state;
    struct bus_fixture f;
    bus_fixture_open(&f, NULL, 0);
    struct consumer *c = bus_fixture_consume(&f, &all_updates);
    assert_true(bus_fixture_run(&f, is_caught_up));
    assert_true(consumer_caught_up(c));
    assert_int_equal(f.records, 0);
    consumer_free(c);
    bus_fixture_close(&f);
}

static void caught_up_comes_after_what_was_there(void **state)
{
    (void)state;
    struct bus_fixture f;
    bus_fixture_open(&f, NULL, 0);
    bus_fixture_send(&f, TOPIC_FLIGHT_STATE, "old", 1000);
    assert_int_equal(producer_flush(f.producer, 10000), 0);
    const struct consumer_config once = {.topic = TOPIC_FLIGHT_STATE,
                                         .start = CONSUMER_FROM_BEGINNING,
                                         .drop_when_caught_up = true};
    struct consumer *c = bus_fixture_consume(&f, &once);
    assert_true(bus_fixture_run(&f, is_caught_up));
    assert_int_equal(f.records, 1000);
    consumer_free(c);
    bus_fixture_close(&f);
}

/* Partitions are read from a follower that knows records up to `end`; -1: all. */
static void follow(struct embedded *cluster, int64_t end)
{
    const char *name = topic_name(TOPIC_FLIGHT_UPDATES);
    for (int32_t i = 0; i < 6; i++) {
        rd_kafka_mock_partition_set_leader(embedded_cluster(cluster), name, i, 1);
        rd_kafka_mock_partition_set_follower(embedded_cluster(cluster), name, i, 2);
        rd_kafka_mock_partition_set_follower_wmarks(embedded_cluster(cluster), name, i,
                                                    0, end);
    }
}

static bool has_one_of_each(struct bus_fixture *f)
{
    return f->records >= 6;
}

/* Told by a broker that has just taken over, for example: its high watermark is old. */
static void an_end_that_is_told_too_early_is_not_believed(void **state)
{
    (void)state;
    static const char *const singly[] = {"batch.num.messages=1"};
    struct bus_fixture f;
    struct strbuf error;
    strbuf_init(&error, 256);
    struct embedded *cluster = embedded_new(2, 6, &error);
    assert_non_null(cluster);
    bus_fixture_open_at(&f, embedded_brokers(cluster), singly, 1);
    bus_fixture_send(&f, TOPIC_FLIGHT_UPDATES, "old", 120);
    assert_int_equal(producer_flush(f.producer, 10000), 0);
    follow(cluster, 0);
    struct consumer *c = bus_fixture_consume(&f, &all_updates);
    assert_true(bus_fixture_run(&f, has_one_of_each));
    assert_false(f.caught_up);
    follow(cluster, -1);
    assert_true(bus_fixture_run(&f, is_caught_up));
    assert_int_equal(f.records, 120);
    consumer_free(c);
    bus_fixture_close(&f);
    embedded_free(cluster);
    strbuf_release(&error);
}

static void a_tombstone_has_no_value(void **state)
{
    (void)state;
    struct bus_fixture f;
    bus_fixture_open(&f, NULL, 0);
    const struct producer_record record = {
        .topic = TOPIC_FLIGHT_UPDATES, .key = "4b1814", .key_len = 6};
    assert_int_equal(producer_send(f.producer, &record), 0);
    bus_fixture_send(&f, TOPIC_FLIGHT_UPDATES, "x", 999);
    struct consumer *c = bus_fixture_consume(&f, &all_updates);
    assert_true(bus_fixture_run(&f, has_1000));
    assert_int_equal(f.tombstones, 1);
    consumer_free(c);
    bus_fixture_close(&f);
}

static void leaders_that_move_and_time_outs_lose_nothing(void **state)
{
    (void)state;
    struct bus_fixture f;
    bus_fixture_open(&f, NULL, 0);
    struct consumer *c = bus_fixture_consume(&f, &all_updates);
    assert_true(bus_fixture_run(&f, is_caught_up));
    rd_kafka_mock_push_request_errors(bus_mock_cluster(f.bus), API_PRODUCE, 4,
                                      RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
                                      RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT,
                                      RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
                                      RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS);
    rd_kafka_mock_push_request_errors(bus_mock_cluster(f.bus), API_FETCH, 2,
                                      RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
                                      RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION);
    bus_fixture_send(&f, TOPIC_FLIGHT_UPDATES, "x", 1000);
    assert_true(bus_fixture_run(&f, has_1000));
    assert_int_equal(f.disorder, 0);
    assert_true(metrics_sum(f.metrics, METRIC_KAFKA_DELIVERY_FAILED) < 0.5);
    consumer_free(c);
    bus_fixture_close(&f);
}

static void a_broker_that_is_away_is_told_and_waited_for(void **state)
{
    (void)state;
    struct bus_fixture f;
    bus_fixture_open(&f, NULL, 0);
    struct consumer *c = bus_fixture_consume(&f, &all_updates);
    assert_true(bus_fixture_run(&f, is_caught_up));
    int64_t gone_ms = clock_mono_ms();
    rd_kafka_mock_broker_set_down(bus_mock_cluster(f.bus), 1);
    bus_fixture_send(&f, TOPIC_FLIGHT_UPDATES, "while away", 1000);
    assert_true(bus_fixture_run(&f, is_stale));
    assert_true(clock_mono_ms() - gone_ms < 5000);
    assert_int_equal(f.records, 0);
    assert_true(producer_queued(f.producer) >= 1000);
    rd_kafka_mock_broker_set_up(bus_mock_cluster(f.bus), 1);
    assert_true(bus_fixture_run(&f, has_1000));
    assert_true(bus_fixture_run(&f, is_live));
    assert_int_equal(f.records, 1000);
    assert_int_equal(f.stale, 1);
    consumer_free(c);
    bus_fixture_close(&f);
}

static void a_full_queue_refuses_and_counts(void **state)
{
    (void)state;
    static const char *const small[] = {"queue.buffering.max.messages=10",
                                        "linger.ms=5000"};
    struct bus_fixture f;
    bus_fixture_open(&f, small, 2);
    bus_fixture_send(&f, TOPIC_FLIGHT_UPDATES, "x", 10);
    const struct producer_record record = {
        .topic = TOPIC_FLIGHT_UPDATES, .key = "k", .key_len = 1, .value = "v", 1};
    assert_int_equal(producer_send(f.producer, &record), -ENOBUFS);
    assert_true(metrics_sum(f.metrics, METRIC_KAFKA_PRODUCER_DROPPED) > 0.5);
    assert_int_equal(producer_queued(f.producer), 10);
    bus_fixture_close(&f);
}

static void a_ticket_tells_when_records_are_safe(void **state)
{
    (void)state;
    struct bus_fixture f;
    struct producer_ticket *ticket = producer_ticket_new();
    bus_fixture_open(&f, NULL, 0);
    const struct producer_record record = {.topic = TOPIC_FLIGHT_STATE,
                                           .key = "k",
                                           .key_len = 1,
                                           .value = "v",
                                           .value_len = 1,
                                           .ticket = ticket};
    assert_int_equal(producer_send(f.producer, &record), 0);
    assert_int_equal(producer_flush(f.producer, 10000), 0);
    assert_int_equal(producer_ticket_pending(ticket), 0);
    assert_int_equal(producer_ticket_failed(ticket), 0);
    producer_ticket_release(ticket);
    bus_fixture_close(&f);
}

static bool has_one(struct bus_fixture *f)
{
    return f->records >= 1;
}

/* Keeps the test's own bus silent: the address has nobody listening (RFC 6335, port 1).
 */
static void a_bus_without_a_broker_opens_and_says_so(void **state)
{
    (void)state;
    struct strbuf error;
    strbuf_init(&error, 1024);
    struct metrics *metrics = metrics_new();
    const struct bus_config config = {.brokers = "127.0.0.1:1"};
    int64_t began_ms = clock_mono_ms();
    struct bus *bus = bus_open(&config, metrics, NULL, &error);
    assert_non_null(bus);
    assert_true(clock_mono_ms() - began_ms < 1000);
    assert_true(bus_silent_since_ms(bus) > 0);
    assert_string_equal(bus_brokers(bus), "127.0.0.1:1");
    assert_false(bus_embedded(bus));
    bus_close(bus);
    metrics_free(metrics);
    strbuf_release(&error);
}

static void a_record_too_large_is_refused(void **state)
{
    (void)state;
    struct bus_fixture f;
    bus_fixture_open(&f, NULL, 0);
    static char huge[2 * 1024 * 1024];
    const struct producer_record record = {.topic = TOPIC_FLIGHT_UPDATES,
                                           .key = "k",
                                           .key_len = 1,
                                           .value = huge,
                                           .value_len = sizeof huge};
    assert_int_equal(producer_send(f.producer, &record), -EMSGSIZE);
    bus_fixture_send(&f, TOPIC_FLIGHT_UPDATES, "after", 1);
    struct consumer *c = bus_fixture_consume(&f, &all_updates);
    assert_true(bus_fixture_run(&f, has_one));
    assert_string_equal(f.last_value, "after 0");
    consumer_free(c);
    bus_fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_sent_arrives_once_and_in_order),
        cmocka_unit_test(an_empty_topic_is_caught_up_at_once),
        cmocka_unit_test(caught_up_comes_after_what_was_there),
        cmocka_unit_test(an_end_that_is_told_too_early_is_not_believed),
        cmocka_unit_test(a_tombstone_has_no_value),
        cmocka_unit_test(leaders_that_move_and_time_outs_lose_nothing),
        cmocka_unit_test(a_broker_that_is_away_is_told_and_waited_for),
        cmocka_unit_test(a_full_queue_refuses_and_counts),
        cmocka_unit_test(a_ticket_tells_when_records_are_safe),
        cmocka_unit_test(a_bus_without_a_broker_opens_and_says_so),
        cmocka_unit_test(a_record_too_large_is_refused),
    };
    return cmocka_run_group_tests_name("bus", tests, NULL, NULL);
}
