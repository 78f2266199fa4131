"""Two trackers share the partitions; what one leaves the other takes over."""

import json

import pytest
from scene import icao, latest, update

from support import wait

AIRCRAFT = 120


@pytest.fixture
def pair(daemon, topics, redis):
    """Two trackers with three partitions each."""
    options = {"role": "tracker", "kafka": topics.bootstrap, "redis": redis.url}
    trackers = [daemon(**options), daemon(**options)]
    wait.until(lambda: [partitions(t) for t in trackers] == [3, 3], 30, "three partitions each")
    return trackers


def partitions(tracker):
    return tracker.metrics().value("flightdash_tracker_partitions", 0)


def mirrored(redis):
    """{hex: object} in Redis."""
    words = redis.command("--json", "hgetall", "flightdash:v1:flights")
    return {key: json.loads(value) for key, value in json.loads(words or "{}").items()}


def await_state(kafka, redis, right, seconds=30):
    """Waits until every aircraft is right in flight-state and in Redis."""

    def wrong(known):
        return [icao(n) for n in range(AIRCRAFT) if not right(known.get(icao(n)) or {}, n)]

    wait.until(
        lambda: not wrong(latest(kafka.consume("flight-state"))), seconds, "flight-state", period_s=0.3
    )
    wait.until(lambda: not wrong(mirrored(redis)), 5, lambda: f"Redis; wrong: {wrong(mirrored(redis))[:5]}")


def test_a_killed_tracker_loses_nothing(pair, topics, redis):
    topics.produce("flight-updates", [update(n, flight=f"A{n}", alt_baro=1000 + n) for n in range(AIRCRAFT)])
    await_state(topics, redis, lambda f, n: f.get("flight") == f"A{n}")
    with topics.producer("flight-updates") as producer:
        for n in range(AIRCRAFT):
            if n == AIRCRAFT // 2:
                pair[0].kill9()
            producer.send(*update(n, gs=200 + n), flush=True)
    wait.until(lambda: partitions(pair[1]) == 6, 30, "all partitions with the survivor")
    await_state(
        topics, redis,
        lambda f, n: (f.get("flight"), f.get("alt_baro"), f.get("gs")) == (f"A{n}", 1000 + n, 200 + n),
    )
    wait.until(lambda: topics.group_lag("flightdash-tracker", "flight-updates") == 0, 10, "all committed")
    counts = {
        row["result"]: pair[1].metrics().value("flightdash_tracker_records_total", **row)
        for row in pair[1].metrics().labels("flightdash_tracker_records_total")
    }
    assert counts["invalid"] == 0


def test_a_tracker_that_leaves_hands_over_at_once(pair, topics, redis):
    topics.produce("flight-updates", [update(n, flight=f"B{n}") for n in range(AIRCRAFT)])
    assert pair[1].stop() == 0
    wait.until(lambda: partitions(pair[0]) == 6, 10, "all partitions with the other")
    topics.produce("flight-updates", [update(n, gs=300) for n in range(AIRCRAFT)])
    await_state(topics, redis, lambda f, n: (f.get("flight"), f.get("gs")) == (f"B{n}", 300))


def test_an_emergency_begins_and_ends_and_survives_its_tracker(pair, topics):
    squawking = [update(7, squawk="7700", flight="MAYDAY")]
    topics.produce("flight-updates", squawking)
    wait.pass_time(1)
    topics.produce("flight-updates", [update(7, squawk="7700")])
    begun = wait.until(lambda: topics.consume("flight-alerts"), 15, "an alert")
    first = json.loads(begun[0].value)
    assert (first["kind"], first["severity"], first["squawk"], first["icao24"]) == (
        "emergency", "critical", "7700", icao(7)
    )
    assert begun[0].key == icao(7) and "until" not in first and "MAYDAY" in first["text"]
    owner = next(t for t in pair if t.metrics().value("flightdash_tracker_emergencies") == 1)
    owner.kill9()
    other = next(t for t in pair if t is not owner)
    wait.until(lambda: other.metrics().value("flightdash_tracker_emergencies") == 1, 30, "taken over")
    topics.produce("flight-updates", [update(7, squawk="1000")])
    wait.until(lambda: other.metrics().value("flightdash_tracker_emergencies") == 0, 30, "its end")
    told = [json.loads(r.value) for r in topics.consume("flight-alerts")]
    assert len(told) == 2 and told[1]["since"] == first["since"] and told[1]["until"] > first["since"]


def test_records_carry_the_contracts_headers(pair, topics):
    topics.produce("flight-updates", [update(1, gs=1)])
    record = wait.until(lambda: topics.consume("flight-state"), 10, "a state")[0]
    assert record.headers["content-type"] == "application/json" and record.headers["schema-version"] == "1"
    assert record.headers["source"] == "flightdash-tracker"
    version, trace, parent, flags = record.headers["traceparent"].split("-")
    assert (version, len(trace), len(parent), flags) == ("00", 32, 16, "01")
