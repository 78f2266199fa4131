#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <librdkafka/rdkafka.h>

#include "base/macros.h"
#include "base/strbuf.h"
#include "bus/bus_config.h"
#include "bus/topic.h"
#include "bus/traceparent.h"

static void bad_properties_are_explained_and_secrets_kept(void **state)
{
    (void)state;
    static const struct {
        const char *property;
        const char *says;
        const char *never;
    } rows[] = {
        {"nonsense", "expected NAME=VALUE", "\1"},
        {"=x", "expected NAME=VALUE", "\1"},
        {"no.such.thing=1", "no.such.thing: librdkafka", "\1"},
        {"linger.ms=abc", "linger.ms", "\1"},
        {"bootstrap.servers=a:1", "--kafka", "\1"},
        {"acks=1", "acks", "\1"}, /* contradicts enable.idempotence */
        {"enable.partition.eof=false", "leave it out", "\1"},
        {"ssl.key.pasword=hunter2", "ssl.key.pasword: librdkafka", "hunter2"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct strbuf error;
        strbuf_init(&error, 1024);
        const struct bus_config config = {.properties = &rows[i].property,
                                          .property_count = 1};
        assert_int_equal(bus_config_check(&config, &error), -EINVAL);
        assert_non_null(strstr(strbuf_text(&error), rows[i].says));
        assert_null(strstr(strbuf_text(&error), rows[i].never));
        strbuf_release(&error);
    }
}

static void numbers_out_of_range_are_refused(void **state)
{
    (void)state;
    struct strbuf error;
    strbuf_init(&error, 1024);
    const struct bus_config partitions = {.partitions = 5000};
    assert_int_equal(bus_config_check(&partitions, &error), -EINVAL);
    const struct bus_config replication = {.replication = -2};
    assert_int_equal(bus_config_check(&replication, &error), -EINVAL);
    strbuf_release(&error);
}

static const char *get(rd_kafka_conf_t *conf, const char *name, char *value,
                       size_t size)
{
    assert_int_equal(rd_kafka_conf_get(conf, name, value, &size), RD_KAFKA_CONF_OK);
    return value;
}

static void producers_have_the_contracts_settings_and_users_the_last_word(void **state)
{
    (void)state;
    static const char *const properties[] = {"linger.ms=33", "fetch.min.bytes=2"};
    const struct bus_config config = {
        .brokers = "h:1", .properties = properties, .property_count = 2};
    struct strbuf error;
    char value[64];
    strbuf_init(&error, 1024);
    rd_kafka_conf_t *conf = bus_config_build(&config, BUS_PRODUCER, false, &error);
    assert_non_null(conf);
    assert_string_equal(get(conf, "enable.idempotence", value, sizeof value), "true");
    assert_string_equal(get(conf, "acks", value, sizeof value), "-1");
    assert_string_equal(get(conf, "compression.codec", value, sizeof value), "zstd");
    assert_string_equal(get(conf, "partitioner", value, sizeof value),
                        "murmur2_random");
    assert_string_equal(get(conf, "linger.ms", value, sizeof value), "33");
    rd_kafka_conf_destroy(conf);
    strbuf_release(&error);
}

static void scram_with_an_old_library_has_a_hint(void **state)
{
    (void)state;
    static const char *const scram[] = {"sasl.mechanism=SCRAM-SHA-512"};
    static const char *const plain[] = {"sasl.mechanism=PLAIN"};
    const struct bus_config old = {.properties = scram, .property_count = 1};
    const struct bus_config fine = {.properties = plain, .property_count = 1};
    if (rd_kafka_version() < 0x02060100)
        assert_non_null(strstr(bus_config_auth_hint(&old), "2.6.1"));
    else
        assert_null(bus_config_auth_hint(&old));
    assert_null(bus_config_auth_hint(&fine));
}

static void topics_have_names(void **state)
{
    (void)state;
    enum topic topic;
    assert_true(topic_parse("flight-dead-letters", &topic));
    assert_int_equal(topic, TOPIC_FLIGHT_DEAD_LETTERS);
    assert_false(topic_parse("flight", &topic));
    assert_string_equal(topic_settings(TOPIC_FLIGHT_STATE)->cleanup, "compact,delete");
}

static void traces_are_well_formed_and_differ(void **state)
{
    (void)state;
    char a[TRACEPARENT_SIZE];
    char b[TRACEPARENT_SIZE];
    traceparent_random(a);
    traceparent_random(b);
    assert_int_equal(strlen(a), 55);
    assert_string_not_equal(a, b);
    assert_memory_equal(a, "00-", 3);
    assert_int_equal(a[35], '-');
    assert_string_equal(a + 52, "-01");
    assert_int_equal(strspn(a + 3, "0123456789abcdef"), 32);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_properties_are_explained_and_secrets_kept),
        cmocka_unit_test(numbers_out_of_range_are_refused),
        cmocka_unit_test(producers_have_the_contracts_settings_and_users_the_last_word),
        cmocka_unit_test(scram_with_an_old_library_has_a_hint),
        cmocka_unit_test(topics_have_names),
        cmocka_unit_test(traces_are_well_formed_and_differ),
    };
    return cmocka_run_group_tests_name("bus_config", tests, NULL, NULL);
}
