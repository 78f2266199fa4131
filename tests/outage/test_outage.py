"""A broker that is away for long: FLIGHTDASH_OUTAGE_SECONDS, 300 when not told.

Costs time and hardly any work: tests/run.py lets it run beside the other suites.
"""

import os
import time

from support import wait

OUTAGE_S = float(os.environ.get("FLIGHTDASH_OUTAGE_SECONDS") or 300)
AIRCRAFT = 50
SMALL_QUEUE = 1000
DROPPED = "flightdash_kafka_producer_dropped_total"
FAILED = "flightdash_kafka_delivery_failed_total"
QUEUED = "flightdash_kafka_producer_queue_records"
WAITING = "flightdash_ingest_waiting_aircraft"
PRODUCED = "flightdash_kafka_produced_records_total"


def sim(name, seed):
    return f"sim:?aircraft={AIRCRAFT}&rate_hz=1&seed={seed}&name={name}"


def known(server):
    return {f["hex"]: f for f in server.json("/api/v1/flights?limit=1000")["flights"]}


def sit_it_out(client, servers):
    """The outage: the ticks go on, nobody's connection is closed, nobody dies."""
    end = time.monotonic() + OUTAGE_S
    while time.monotonic() < end:
        before = client.tick
        wait.pass_time(min(5, OUTAGE_S / 4))
        client.until(lambda: client.tick > before, 5, "ticks go on")
        assert not client.is_closed and all(server.is_alive() for server in servers)


def test_a_broker_away_for_minutes(kafka_fresh, daemon, connect):
    """Within its bound the producer loses nothing; beyond it, all but the latest of each aircraft."""
    whole = daemon(kafka=kafka_fresh.bootstrap, create_topics=True, source=sim("whole", 1))
    small = daemon(
        role="ingest", kafka=kafka_fresh.bootstrap, source=sim("small", 2),
        kafka_property=f"queue.buffering.max.messages={SMALL_QUEUE}",
    )
    client = connect(whole)
    subscription = client.subscribe(fields=["src", "gs"]).await_snapshot()
    client.until(lambda: {row.get("src") for row in subscription.table.values()} == {"whole", "small"}, 30, "both")

    kafka_fresh.stop()
    stale = client.until(lambda: client.of_type("stale"), 5, "stale within 5 s")[-1]
    assert stale["source"] == "kafka" and stale["since"] > 0
    sit_it_out(client, [whole, small])
    if OUTAGE_S * AIRCRAFT > 2 * SMALL_QUEUE:
        assert small.metrics().total(DROPPED) > 0 and "queue to Kafka is full" in small.log()
        assert 0 < small.metrics().value(WAITING) <= AIRCRAFT

    kafka_fresh.start()
    wait.until(lambda: small.metrics().value(WAITING) == 0, 60, "what was refused is sent")
    wait.until(lambda: whole.metrics().value(QUEUED) < 2 * AIRCRAFT, 60, "the queue drains")
    for server in (whole, small):
        assert server.metrics().total(FAILED) == 0
    assert whole.metrics().total(DROPPED) == 0
    accepted = sum(server.metrics().total(PRODUCED, topic="flight-updates") for server in (whole, small))
    wait.until(lambda: whole.metrics().records()["consumed"] >= accepted, 60, "all that was accepted")
    whole.metrics().check_records()
    client.until(lambda: client.of_type("stale")[-1]["since"] is None, 20, "no longer stale")
    client.until(lambda: subscription.table.keys() == known(whole).keys(), 20, "the server's table")
    assert len(subscription.table) >= AIRCRAFT and not client.is_closed
