"""Records that cannot be used: counted, put aside with their reason, never a stall."""

import json
import time

import pytest
from scene import await_consumed, flights, icao, latest, update

from support import wait


def text(**fields):
    return json.dumps({"hex": icao(1), "now": time.time(), **fields})


POISON = {
    "not JSON": ("not_json", icao(1), "{\"hex\":"),
    "not an object": ("not_object", icao(1), "[1,2]"),
    "a megabyte": ("too_large", icao(1), text(flight="x" * 900_000)),
    "NaN": ("not_json", icao(1), text(lat=float("nan"), lon=8.0)),
    "latitude 91": ("bad_position", icao(1), text(lat=91, lon=8.0)),
    "tomorrow": ("future", icao(1), text(**{"now": time.time() + 86400})),
    "a key twice": ("duplicate_key", icao(1), '{"hex":"%s","now":%f,"gs":1,"gs":2}' % (icao(1), time.time())),
    "another's key": ("wrong_key", icao(2), text(gs=1)),
    "no address": ("no_hex", icao(1), json.dumps({"now": time.time()})),
    "a bad address": ("bad_hex", "zz", json.dumps({"hex": "zz", "now": time.time()})),
    "no time": ("no_time", icao(1), json.dumps({"hex": icao(1)})),
    "an empty value": ("empty", icao(1), None),
}


@pytest.fixture
def fed(daemon, topics):
    """A daemon that knows aircraft 1 at 100 kt, and the Kafka that feeds it."""
    server = daemon(kafka=topics.bootstrap)
    topics.produce("flight-updates", [update(1, gs=100)])
    await_consumed(server, 1)
    return server, topics


def test_every_kind_is_counted_and_put_aside(fed):
    server, kafka = fed
    kafka.produce("flight-updates", [(key, value) for _, key, value in POISON.values()], partition=2)
    kafka.produce("flight-updates", [update(1, gs=200)], partition=2)
    counts = await_consumed(server, len(POISON) + 2)
    assert counts["invalid"] == len(POISON)
    metrics = server.metrics()
    wanted = {}
    for reason, _, _ in POISON.values():
        wanted[reason] = wanted.get(reason, 0) + 1
    got = {r: metrics.value("flightdash_records_invalid_total", 0, reason=r) for r in wanted}
    assert got == wanted
    assert flights(server)[icao(1)]["gs"] == 200
    letters = wait.until(
        lambda: (found := kafka.consume("flight-dead-letters")) and len(found) >= len(POISON) and found, 20, "letters"
    )
    assert len(letters) == len(POISON)
    told = {}
    for letter in letters:
        assert letter.headers["source"] == "flightdash-tracker"
        assert letter.headers["topic"] == "flight-updates" and letter.headers["partition"] == "2"
        told[int(letter.headers["offset"])] = (letter.headers["reason"], letter.key)
    assert list(dict(sorted(told.items())).values()) == [(reason, key) for reason, key, _ in POISON.values()]


def test_a_letter_holds_the_record_cut_where_it_is_huge(fed):
    _, kafka = fed
    kafka.produce("flight-updates", [(icao(3), '{"bad'), (icao(4), "y" * 900_000)])
    letters = wait.until(
        lambda: (found := kafka.consume("flight-dead-letters")) and len(found) == 2 and found, 20, "letters"
    )
    by_key = {letter.key: letter for letter in letters}
    assert by_key[icao(3)].value == '{"bad' and "size" not in by_key[icao(3)].headers
    assert len(by_key[icao(4)].value) == 128 * 1024 and by_key[icao(4)].headers["size"] == "900000"


def test_a_flood_is_counted_and_its_letters_bounded(fed):
    server, kafka = fed
    kafka.produce("flight-updates", [(icao(n % 50), "{bad") for n in range(3000)])
    kafka.produce("flight-updates", [update(1, gs=300)])
    counts = await_consumed(server, 3002)
    assert counts["invalid"] == 3000 and flights(server)[icao(1)]["gs"] == 300
    sent = "flightdash_dead_letters_total"
    dropped = "flightdash_dead_letters_dropped_total"
    wait.until(lambda: server.metrics().total(sent) + server.metrics().total(dropped) == 3000, 20, "all accounted for")
    assert server.metrics().total(dropped) > 1000


def test_what_is_half_good_is_used(fed):
    """A field out of range is refused, the rest of the record is not."""
    server, kafka = fed
    kafka.produce("flight-updates", [update(1, gs=99999, track=90, flight="HALF")])
    await_consumed(server, 2)
    known = flights(server)[icao(1)]
    assert (known["gs"], known["track"], known["flight"]) == (100, 90, "HALF")


def test_older_and_equal_records(fed):
    server, kafka = fed
    now = time.time()
    kafka.produce("flight-updates", [update(1, now=now + 1, gs=300)])
    kafka.produce("flight-updates", [update(1, now=now - 5, gs=1), update(1, now=now + 1, gs=301)])
    counts = await_consumed(server, 4)
    assert counts["stale"] == 1 and flights(server)[icao(1)]["gs"] == 301
    state = wait.until(
        lambda: (s := latest(kafka.consume("flight-state"))).get(icao(1), {}).get("gs") == 301 and s, 10, "flight-state"
    )
    assert state[icao(1)]["gs"] == 301
