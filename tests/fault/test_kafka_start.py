"""Kafka that is not there yet, not complete, or not willing."""

import re

import pytest
from scene import TOPICS, await_consumed, await_status, flights, icao, update

from support import wait


def test_broker_comes_after_the_daemon(kafka_fresh, daemon):
    kafka_fresh.stop()
    server = daemon.new(kafka=kafka_fresh.bootstrap, create_topics=True).launch()
    wait.until(lambda: "does not answer" in server.log(), 10, "the broker's absence in the log")
    kafka_fresh.start()
    server.ready = wait.until(server._readiness, 30, lambda: f"ready; {server.log()}")
    wait.until(lambda: server.get("/readyz")[0] == 200, 20, "ready")
    kafka_fresh.produce("flight-updates", [update(1, gs=100)])
    await_consumed(server, 1)
    assert await_status(server, "kafka", "pass")


def test_missing_topics_are_created_as_the_contract_says(daemon, kafka):
    server = daemon(kafka=kafka.bootstrap, create_topics=True, kafka_partitions=3)
    await_status(server, "kafka", "pass")
    topics = kafka.admin.topics()
    assert {name: len(topics[name]) for name in TOPICS} == dict.fromkeys(TOPICS, 3)


def test_missing_topics_are_named_and_waited_for(daemon, kafka):
    server = daemon.new(kafka=kafka.bootstrap).launch()
    wait.until(lambda: "topics are missing" in server.log(), 10, "the missing topics in the log")
    line = next(row for row in server.log().splitlines() if "topics are missing" in row)
    assert all(name in line for name in TOPICS) and "--create-topics" in line
    for name in TOPICS:
        kafka.create_topic(name)
    server.ready = wait.until(server._readiness, 30, lambda: f"ready; {server.log()}")
    kafka.produce("flight-updates", [update(1, gs=100)])
    await_consumed(server, 1)
    await_status(server, "kafka", "pass")


def test_new_partitions_are_read(daemon, topics, tmp_path):
    server = daemon(kafka=topics.bootstrap)
    topics.admin.create_partitions("flight-updates", 8)
    wait.until(lambda: len(topics.admin.end_offsets("flight-updates")) == 8, 20,
               "the new partitions in the broker's metadata")
    topics.produce("flight-updates", [update(1, gs=100)], partition=7)
    await_consumed(server, 1, seconds=60)
    assert icao(1) in flights(server)


def test_records_of_kcat_are_accepted(daemon, topics):
    """Also with librdkafka's own partitioner and without headers."""
    server = daemon(kafka=topics.bootstrap)
    records = [update(n, flight=f"KCAT{n}", lat=47 + n / 100, lon=8) for n in range(50)]
    topics.produce("flight-updates", records, partitioner="consistent_random")
    assert await_consumed(server, 50)["applied"] == 50
    known = flights(server)
    assert {known[key]["flight"] for key, _ in records} == {f"KCAT{n}" for n in range(50)}


@pytest.mark.parametrize("how", ["mtls", "sasl"])
def test_secured_brokers_are_joined_by_properties(kafka_secure, daemon, how):
    properties = [f"{k}={v}" for k, v in kafka_secure.client_properties(how).items()]
    server = daemon(kafka=kafka_secure.brokers(how), create_topics=True, kafka_property=properties)
    await_status(server, "kafka", "pass", 20)
    kafka_secure.produce("flight-updates", [update(1, gs=100)])
    await_consumed(server, 1)
    assert "feeder-pw" not in server.log()
    assert "feeder-pw" not in server.get("/healthz")[1]


def test_a_wrong_password_is_told_without_telling_it(kafka_secure, daemon):
    wanted = kafka_secure.client_properties("sasl", password="not-this-one")
    properties = [f"{k}={v}" for k, v in wanted.items()]
    server = daemon.new(kafka=kafka_secure.brokers("sasl"), kafka_property=properties).launch()
    wait.until(lambda: re.search("does not answer.*uthentication", server.log()), 15, "the refusal")
    assert "not-this-one" not in server.log()


def test_scram_with_an_old_library_is_explained(kafka_secure, daemon):
    wanted = kafka_secure.client_properties("sasl", mechanism="SCRAM-SHA-512")
    properties = [f"{k}={v}" for k, v in wanted.items()]
    server = daemon.new(kafka=kafka_secure.brokers("sasl"), create_topics=True, kafka_property=properties).launch()
    outcome = wait.until(
        lambda: "refuses our credentials" in server.log() or server._readiness(), 20, "joined, or the reason why not"
    )
    if outcome is True:  # librdkafka before 2.6.1
        assert "needs librdkafka 2.6.1 or newer" in server.log()
    else:
        server.ready = outcome
        assert await_status(server, "kafka", "pass")


def test_a_bad_property_is_one_line_and_no_server(daemon):
    server = daemon.new(kafka_property="no.such.property=1").launch()
    assert server.exit_status() in (1, 2)
    said = server.log().strip().splitlines()
    assert len(said) == 1 and "no.such.property" in said[0], said


def test_ready_means_that_a_backlog_is_read(kafka, daemon):
    """Not after so many seconds: who asks upon the line `ready` gets every aircraft."""
    aircraft = 2000
    kafka.create_topic("flight-updates")
    kafka.produce("flight-updates", [update(n, gs=1) for n in range(aircraft)], batch_num_messages=1)
    slow = ["queued.min.messages=1", "fetch.message.max.bytes=8000", "fetch.max.bytes=60000", "message.max.bytes=9000",
            "receive.message.max.bytes=100000"]
    server = daemon(role="gateway", kafka=kafka.bootstrap, create_topics=True, kafka_property=slow)
    assert server.get("/readyz")[0] == 200
    known = flights(server)
    missing = [n for n in range(aircraft) if icao(n) not in known]
    assert not missing, (
        f"{missing}; in Kafka {len(kafka.consume('flight-updates'))}; a moment later {len(flights(server))};"
        f" {server.metrics().records()}\n{server.log()}"
    )
