/*
 * A member of a group on the mock cluster, whose broker answers with the errors of
 * a cluster in motion: leaders and coordinators that have moved, time-outs, a
 * rebalance at the wrong moment. Nothing may be lost, or come twice or in disorder.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include "base/macros.h"
#include "bus/group_consumer.h"
#include "bus/producer.h"
#include "bus_fixture.h"
#include "telemetry/metrics.h"

/* Kafka's numbers of requests: https://kafka.apache.org/protocol#protocol_api_keys */
enum {
    API_PRODUCE = 0,
    API_FETCH = 1,
    API_OFFSET_COMMIT = 8,
    API_OFFSET_FETCH = 9,
    API_FIND_COORDINATOR = 10,
    API_JOIN_GROUP = 11,
    API_HEARTBEAT = 12,
    API_SYNC_GROUP = 14
};

enum { RECORDS = 1000, PARTITIONS = 6 };

struct member {
    struct bus_fixture *f;
    struct group_consumer *group;
    size_t assigned;
};

static void take_records(void *data, const struct bus_record *records, size_t count)
{
    struct member *m = data;
    bus_fixture_take(m->f, records, count);
}

static void take_partitions(void *data, const int32_t *partitions, size_t count)
{
    struct member *m = data;
    (void)partitions;
    m->assigned = count;
    group_consumer_begin(m->group);
}

static void nothing_to_save(void *data, const int32_t *partitions, size_t count,
                            bool lost)
{
    (void)data;
    (void)partitions;
    (void)count;
    (void)lost;
}

static void join(struct member *m, struct bus_fixture *f)
{
    static const struct group_events events = {.on_records = take_records,
                                               .on_assigned = take_partitions,
                                               .on_revoked = nothing_to_save};
    static const struct group_config config = {.topic = TOPIC_FLIGHT_UPDATES,
                                               .group = "test"};
    *m = (struct member){.f = f};
    m->group = group_consumer_new(f->bus, &config, f->loop, &events, m, &f->error);
    assert_non_null(m->group);
}

static bool has_all(struct bus_fixture *f)
{
    return f->records >= RECORDS;
}

static bool has_all_twice(struct bus_fixture *f)
{
    return f->records >= 2 * (size_t)RECORDS;
}

struct fault {
    int api;
    rd_kafka_resp_err_t errors[3];
};

static const struct fault in_motion[] = {
    {API_SYNC_GROUP, {RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS}},
    {API_HEARTBEAT, {RD_KAFKA_RESP_ERR_NOT_COORDINATOR}},
    {API_OFFSET_FETCH, {RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS}},
    {API_FETCH,
     {RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT,
      RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE}},
    {API_PRODUCE,
     {RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT,
      RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION}},
};

static const struct fault coordinator_moves[] = {
    {API_FIND_COORDINATOR, {RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE}},
    {API_JOIN_GROUP, {RD_KAFKA_RESP_ERR_NOT_COORDINATOR}},
    {API_OFFSET_COMMIT, {RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS}},
};

static void inject(struct bus_fixture *f, const struct fault *faults, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const rd_kafka_resp_err_t *error = faults[i].errors;
        for (; error < faults[i].errors + 3 && *error != 0; error++)
            rd_kafka_mock_push_request_errors(bus_mock_cluster(f->bus),
                                              (int16_t)faults[i].api, 1, *error);
    }
}

static void a_cluster_in_motion_loses_nothing(void **state)
{
    (void)state;
    struct bus_fixture f;
    struct member m;
    bus_fixture_open(&f, NULL, 0);
    inject(&f, in_motion, ARRAY_LEN(in_motion));
    bus_fixture_send(&f, TOPIC_FLIGHT_UPDATES, "x", RECORDS);
    join(&m, &f);
    assert_true(bus_fixture_run(&f, has_all));
    assert_int_equal(f.records, RECORDS);
    assert_int_equal(f.disorder, 0);
    assert_int_equal(m.assigned, PARTITIONS);
    assert_true(metrics_sum(f.metrics, METRIC_KAFKA_DELIVERY_FAILED) < 0.5);
    group_consumer_free(m.group);
    bus_fixture_close(&f);
}

static void commit_all(struct member *m)
{
    int32_t partitions[PARTITIONS];
    int64_t next[PARTITIONS];
    size_t count = 0;
    for (int32_t i = 0; i < PARTITIONS; i++) {
        int64_t position = group_consumer_position(m->group, i);
        if (position < 0)
            continue;
        partitions[count] = i;
        next[count++] = position;
    }
    assert_true(count > 0);
    assert_int_equal(group_consumer_commit(m->group, partitions, next, count, true), 0);
}

/* What librdkafka tries again by itself is no failure of a commit. */
static void a_commit_outlives_a_coordinator_that_moved(void **state)
{
    (void)state;
    struct bus_fixture f;
    struct member m;
    bus_fixture_open(&f, NULL, 0);
    inject(&f, coordinator_moves, ARRAY_LEN(coordinator_moves));
    bus_fixture_send(&f, TOPIC_FLIGHT_UPDATES, "x", RECORDS);
    join(&m, &f);
    assert_true(bus_fixture_run(&f, has_all));
    commit_all(&m);
    group_consumer_free(m.group);
    /* Its successor goes on from there: nothing twice, nothing left out. */
    join(&m, &f);
    bus_fixture_send(&f, TOPIC_FLIGHT_UPDATES, "y", RECORDS);
    assert_true(bus_fixture_run(&f, has_all_twice));
    assert_int_equal(f.records, 2 * RECORDS);
    assert_int_equal(f.disorder, 0);
    group_consumer_free(m.group);
    bus_fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cluster_in_motion_loses_nothing),
        cmocka_unit_test(a_commit_outlives_a_coordinator_that_moved),
    };
    return cmocka_run_group_tests_name("group", tests, NULL, NULL);
}
