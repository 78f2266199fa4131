"""Acknowledgements reach every viewer: of this gateway, of another one, and of one that starts later."""

import contextlib
import json
import time

import pytest

from support import wait

ACKS = "flightdash:v1:acks"
ALERT = {"kind": "emergency", "severity": "critical", "since": 1700000000, "squawk": "7700", "text": "HELP squawks 7700"}


class Viewer:
    """A client of the channel alerts; `rows`: what it knows of each alert."""

    def __init__(self, client):
        self.client = client
        client.subscribe("alerts")

    @property
    def rows(self):
        return {row["id"]: row for message in self.client.of_type("alert") for row in message["alerts"]}

    def await_row(self, alert, acked):
        """Waits until the alert is there, acknowledged or not yet."""
        self.client.until(
            lambda: alert in self.rows and ("acked" in self.rows[alert]) == acked, 20,
            f"{alert}, {'acknowledged' if acked else 'open'}",
        )
        return self.rows[alert]


@pytest.fixture
def brokers(kafka):
    kafka.create_topic("flight-alerts")
    return kafka


@pytest.fixture
def gateway(daemon, brokers):
    """A function that starts a gateway on the one Kafka."""
    return lambda **options: daemon(role="gateway", kafka=brokers.bootstrap, create_topics=True, **options)


def alarm(brokers, icao):
    """An emergency of an aircraft; returns the alert's id."""
    brokers.produce("flight-alerts", [(icao, {**ALERT, "icao24": icao})])
    return f"emergency:{icao}:{ALERT['since']}"


def test_every_viewer_of_two_gateways_is_told(gateway, brokers, redis, connect):
    """Two clients here, one at another gateway on the same Redis, and a gateway that starts afterwards."""
    here, there = gateway(redis=redis.url), gateway(redis=redis.url)
    viewers = [Viewer(connect(server)) for server in (here, here, there)]
    alert = alarm(brokers, "4b1814")
    for viewer in viewers:
        viewer.await_row(alert, acked=False)
    viewers[0].client.send({"type": "ack", "alert": alert})
    times = {viewer.await_row(alert, acked=True)["acked"] for viewer in viewers}
    assert len(times) == 1 and abs(times.pop() - time.time()) < 30
    assert alert in redis.command("hkeys", ACKS)
    later = gateway(redis=redis.url)
    assert "acked" in Viewer(connect(later)).await_row(alert, acked=True)
    rows = {row["id"]: row for row in later.json("/api/v1/alerts")["alerts"]}
    assert "acked" in rows[alert]


def test_without_redis_the_gateway_itself_remembers(gateway, brokers, connect):
    server = gateway()
    viewers = [Viewer(connect(server)) for _ in range(2)]
    alert = alarm(brokers, "4b1815")
    viewers[1].await_row(alert, acked=False)
    viewers[1].client.send({"type": "ack", "alert": alert})
    for viewer in viewers:
        viewer.await_row(alert, acked=True)
    assert "acked" in Viewer(connect(server)).await_row(alert, acked=True)


def test_what_was_acknowledged_while_redis_was_dead_is_shared_later(gateway, brokers, redis_fresh, connect):
    here, there = gateway(redis=redis_fresh.url), gateway(redis=redis_fresh.url)
    near, far = Viewer(connect(here)), Viewer(connect(there))
    alert = alarm(brokers, "4b1816")
    near.await_row(alert, acked=False)
    far.await_row(alert, acked=False)
    redis_fresh.kill9()
    wait.until(lambda: redis_status(here) == "fail", 10, "the gateway sees that Redis is gone")
    near.client.send({"type": "ack", "alert": alert})
    near.await_row(alert, acked=True)
    assert "acked" not in far.rows[alert]
    redis_fresh.start()
    far.await_row(alert, acked=True)


def redis_status(server):
    with contextlib.suppress(KeyError, IndexError):
        return json.loads(server.get("/healthz")[1])["checks"]["redis"][0]["status"]
    return None
