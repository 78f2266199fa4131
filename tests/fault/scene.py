"""What the fault tests share: aircraft by number, records of them, and what must hold afterwards."""

import json
import time

from support import wait

TOPICS = [
    "flight-updates", "flight-state", "flight-alerts", "flight-stats", "service-health", "flight-dead-letters",
]


def icao(number):
    """Address of the test's aircraft: 4b0000, 4b0001, ..."""
    return f"{0x4B0000 + number:06x}"


def update(number, now=None, **fields):
    """(key, value) of a flight-updates record."""
    return icao(number), {"hex": icao(number), "now": round(now or time.time(), 3), "src": "test", **fields}


def check(server, component):
    """The row of a component on /healthz: status, output, ..."""
    return json.loads(server.get("/healthz")[1])["checks"].get(component, [{}])[0]


def status_of(server, component):
    return check(server, component).get("status")


def await_status(server, component, status, seconds=10):
    """Waits for a component's status and returns its row."""
    wait.until(
        lambda: status_of(server, component) == status, seconds,
        lambda: f"{component} {status}; it is {check(server, component)}",
    )
    return check(server, component)


def await_consumed(server, count, seconds=20):
    """Waits until the gateway has read `count` records; all of them are accounted for."""
    wait.until(
        lambda: server.metrics().records()["consumed"] >= count, seconds,
        lambda: f"{count} records; {server.metrics().records()}",
    )
    return server.metrics().check_records()


def flights(server):
    """{hex: flight} as the HTTP API tells."""
    return {f["hex"]: f for f in server.json("/api/v1/flights?limit=100000")["flights"]}


def latest(records):
    """{key: newest value as an object, None for a tombstone} of a compacted topic."""
    return {r.key: json.loads(r.value) if r.value else None for r in records}
