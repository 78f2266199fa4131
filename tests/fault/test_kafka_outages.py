"""Brokers that stop, hang and die while clients watch."""

import re

from scene import await_consumed, await_status, flights, update

from support import wait


def watch(server, connect):
    """A client with all flights."""
    client = connect(server)
    return client, client.subscribe().await_snapshot()


def same_as_server(server, subscription):
    """The client's table is the server's."""
    known = flights(server)
    return subscription.table.keys() == known.keys() and all(
        subscription.table[key].get("gs") == known[key].get("gs") for key in known
    )


def test_a_restart_is_told_and_survived(kafka_fresh, daemon, connect):
    server = daemon(kafka=kafka_fresh.bootstrap, create_topics=True)
    client, subscription = watch(server, connect)
    kafka_fresh.produce("flight-updates", [update(n, gs=1) for n in range(20)])
    client.until(lambda: len(subscription.table) == 20)
    kafka_fresh.stop()
    stale = client.until(lambda: client.of_type("stale"), 5, "stale within 5 s")[-1]
    assert stale["source"] == "kafka" and stale["since"] > 0
    await_status(server, "kafka", "fail")
    kafka_fresh.start()
    kafka_fresh.produce("flight-updates", [update(n, gs=2) for n in range(30)])
    await_consumed(server, 50, 30)
    client.until(lambda: same_as_server(server, subscription), 5, "the server's table")
    assert not client.is_closed and len(subscription.table) == 30
    await_status(server, "kafka", "pass")


def test_a_pause_of_three_seconds_is_no_end(kafka_fresh, daemon, connect):
    server = daemon(kafka=kafka_fresh.bootstrap, create_topics=True)
    client, subscription = watch(server, connect)
    kafka_fresh.produce("flight-updates", [update(n, gs=1) for n in range(20)])
    client.until(lambda: len(subscription.table) == 20)
    before = client.tick
    with kafka_fresh.paused():
        wait.pass_time(3)
        client.until(lambda: client.tick > before, 2, "ticks go on")
    kafka_fresh.produce("flight-updates", [update(n, gs=2) for n in range(20)])
    await_consumed(server, 40)
    client.until(lambda: same_as_server(server, subscription), 5, "the server's table")
    assert not client.is_closed


def test_our_own_producer_loses_nothing_it_accepted(kafka_fresh, daemon):
    server = daemon(kafka=kafka_fresh.bootstrap, create_topics=True, source="sim:?aircraft=50&rate_hz=2&seed=1")
    wait.until(lambda: server.metrics().records()["consumed"] > 200, 20, "records flow")
    kafka_fresh.stop()
    wait.until(lambda: server.metrics().value("flightdash_kafka_producer_queue_records") > 300, 20, "a queue")
    kafka_fresh.start()
    wait.until(lambda: server.metrics().value("flightdash_kafka_producer_queue_records") < 200, 30, "it drains")
    metrics = server.metrics()
    assert metrics.total("flightdash_kafka_delivery_failed_total") == 0
    assert metrics.total("flightdash_kafka_producer_dropped_total") == 0
    produced = metrics.total("flightdash_kafka_produced_records_total", topic="flight-updates")
    await_consumed(server, produced)


def test_a_full_queue_counts_what_it_refuses(kafka_fresh, daemon):
    server = daemon(
        kafka=kafka_fresh.bootstrap, create_topics=True, source="sim:?aircraft=100&rate_hz=2&seed=1",
        kafka_property="queue.buffering.max.messages=200",
    )
    wait.until(lambda: server.metrics().records()["consumed"] > 100, 20, "records flow")
    kafka_fresh.stop()
    dropped = "flightdash_kafka_producer_dropped_total"
    wait.until(lambda: server.metrics().total(dropped, topic="flight-updates") > 10, 20, "counted")
    assert "queue to Kafka is full" in server.log()
    kafka_fresh.start()
    before = server.metrics().records()["consumed"]
    wait.until(lambda: server.metrics().records()["consumed"] > before + 100, 30, "records flow again")
    waiting = "flightdash_ingest_waiting_aircraft"
    wait.until(lambda: server.metrics().value(waiting) == 0, 10, "the latest of each aircraft is sent")
    assert re.search(r"the latest of \d+ aircraft sent", server.log())
    server.metrics().check_records()


def test_one_of_three_killed_leaders_move(kafka_cluster, daemon, connect):
    server = daemon(kafka=kafka_cluster.bootstrap, create_topics=True, kafka_replication=3)
    client, subscription = watch(server, connect)
    kafka_cluster.produce("flight-updates", [update(n, gs=1) for n in range(60)])
    client.until(lambda: len(subscription.table) == 60, 20)
    victim = kafka_cluster.leader("flight-updates", 0)
    kafka_cluster.kill9_node(victim)
    kafka_cluster.produce("flight-updates", [update(n, gs=2) for n in range(60)])
    await_consumed(server, 120, 40)
    assert kafka_cluster.leader("flight-updates", 0) not in (victim, -1)
    client.until(lambda: all(row["gs"] == 2 for row in subscription.table.values()), 5, "the newer values")
    assert not client.is_closed
    kafka_cluster.start_node(victim)
    kafka_cluster.produce("flight-updates", [update(n, gs=3) for n in range(60)])
    await_consumed(server, 180, 30)
    client.until(lambda: same_as_server(server, subscription), 5, "the server's table")
