"""A client's table is the server's table under its subscription, whatever happened in between."""

import itertools
import random
import time
import urllib.parse

import pytest

from support import wait
from support.daemon import Daemon
from support.embedded import Feeder

TICK_S = 0.05
EXPIRE_S = 10
VIEWS = {
    "world": {},
    "box": {"bbox": [5, 45, 11, 48]},
    "date line": {"bbox": [175, -20, -175, -10]},
    "filter": {"filter": "alt > 10000 and not squawk = 7700"},
    "ground": {"filter": "ground or unknown alt"},
    "box and filter": {"bbox": [5, 45, 11, 48], "filter": "callsign ~ SWR* or gs > 400"},
    "fields": {"fields": ["lat", "lon", "squawk", "messages"]},
    "few fields": {"bbox": [5, 45, 11, 48], "fields": ["flight"]},
    "once a second": {"max_hz": 1},
    "box once a second": {"bbox": [5, 45, 11, 48], "max_hz": 1},
}


@pytest.fixture(scope="module", params=[1, 3], ids="{} io".format)
def server(request, new_folder):
    """With several io threads a client that comes back meets another one, which has no view of it."""
    one = Daemon(new_folder("daemon"), tick_ms=int(TICK_S * 1000), expire=EXPIRE_S, io_threads=request.param).start()
    yield one
    assert one.faults_at_end() == []


@pytest.fixture(scope="module")
def feeder(server):
    return Feeder(server.kafka)


class Traffic:
    """Aircraft that cross the borders of every view, by seed."""

    def __init__(self, seed, feeder):
        self.random = random.Random(seed)
        self.feeder = feeder
        self.names = [f"{seed:02x}{i:04x}" for i in range(60)] + [f"~{seed:02x}{i:04x}" for i in range(4)]

    def round(self):
        """Some of them say something; some say nonsense."""
        records = [self._record(name) for name in self.random.sample(self.names, 40)]
        self.feeder.send_all(records)

    def _record(self, name):
        choose = self.random
        fields = {}
        if choose.random() < 0.7:
            base_lat, base_lon = choose.choice([(45, 5), (48, 11), (-15, 179.9), (-10, -175), (0, 0)])
            fields["lat"] = round(base_lat + choose.uniform(-1, 1), 5)
            fields["lon"] = round((base_lon + choose.uniform(-1, 1) + 180) % 360 - 180, 5)
        if choose.random() < 0.5:
            fields["alt_baro"] = choose.choice(["ground", 0, 9999, 10001, 38000, None])
        if choose.random() < 0.3:
            fields["squawk"] = choose.choice(["1000", "7700", None])
        if choose.random() < 0.3:
            fields["flight"] = choose.choice(["SWR1", "DLH2", None])
        if choose.random() < 0.5:
            fields["gs"] = choose.choice([0, 399.9, 400.1, None])
        if choose.random() < 0.1:
            fields["lat"] = fields["lon"] = None
        fields["messages"] = choose.randrange(100000)
        if choose.random() < 0.05:
            return name, choose.choice(["nonsense", '{"hex":"zzz"}', "{}", '{"hex":"4b1814","lat":91}'])
        return name, Feeder.record(name, choose.choice([0, 0, 0, 0.5, 9.3, 20]), **fields)


def listed(server, request):
    """The server's own list under the same parameters: (answer, {hex: fields}, {hex: (heard at, position at)})."""
    asked = {key: value for key, value in request.items() if key != "max_hz"}
    for key in ("bbox", "fields"):
        if key in asked:
            asked[key] = ",".join(map(str, asked[key]))
    answer = server.json(f"/api/v1/flights?{urllib.parse.urlencode(asked)}")
    table, ages = {}, {}
    for flight in answer["flights"]:
        known = {key: value for key, value in flight.items() if key not in ("hex", "seen", "seen_pos")}
        table[flight["hex"]] = known
        ages[flight["hex"]] = (
            answer["now"] - flight["seen"], answer["now"] - flight["seen_pos"] if "seen_pos" in flight else None)
    return answer, table, ages


def all_consumed(server, feeder):
    """Returns when every record sent was read."""
    wait.until(lambda: server.metrics().records()["consumed"] == feeder.sent, 20,
               lambda: f"{feeder.sent} records consumed: {server.metrics().records()}")


def difference(server, name, subscription):
    """What a client's table says differently from the server's, in words; None when they are equal."""
    _, table, _ = listed(server, VIEWS[name])
    mine = {hex_: dict(fields) for hex_, fields in list(subscription.table.items())}
    wrong = {h: (mine.get(h), table.get(h)) for h in mine.keys() | table.keys() if mine.get(h) != table.get(h)}
    return wrong or None


def assert_equal(server, subscriptions):
    """Every view, soon; max_hz may take two of its periods."""
    for name, subscription in subscriptions.items():
        wait.until(lambda: difference(server, name, subscription) is None, 5,  # noqa: B023
                   lambda: f"{name}: {difference(server, name, subscription)}")  # noqa: B023


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_tables_are_equal_after_quiet(server, feeder, connect, seed):
    """One client with all views, one for each, one that comes back all the time, one that comes late."""
    traffic = Traffic(seed, feeder)
    together = connect(server)
    subscriptions = {name: together.subscribe(**view) for name, view in VIEWS.items()}
    alone = {name: connect(server).subscribe(**view) for name, view in VIEWS.items()}
    restless = connect(server)
    resumed = {name: restless.subscribe(**VIEWS[name]) for name in ("world", "box", "filter")}
    for number in range(30):
        traffic.round()
        if number % 10 == 9:
            for subscription in resumed.values():
                subscription.await_snapshot()
            assert restless.reconnect() is True
    late = {name: connect(server).subscribe(**VIEWS[name]) for name in ("world", "box and filter")}
    all_consumed(server, feeder)
    for views in (subscriptions, alone, resumed, late):
        assert_equal(server, views)
    assert listed(server, {})[1], "there was something to compare"
    assert all(s.resyncs == 0 for s in itertools.chain(subscriptions.values(), alone.values(), resumed.values()))
    counts = server.metrics().check_records()
    assert counts["invalid"] > 0 and counts["applied"] > 500


def test_within_two_ticks_of_quiet(server, feeder, connect):
    """What was consumed before tick T is in the table of every client at tick T + 2."""
    client = connect(server)
    subscription = client.subscribe().await_snapshot()
    for number in range(4):
        feeder.send("f00001", alt_baro=1000 + number, squawk=f"{number:04o}")
        all_consumed(server, feeder)
        tick = listed(server, {})[0]["tick"]
        client.until(lambda: client.tick >= tick + 2)  # noqa: B023
        assert subscription.table["f00001"]["alt_baro"] == 1000 + number


def test_ages_are_right(server, feeder, connect):
    """heard: to two ticks and the tenth of a second that is told; positions: to 5 s."""
    client = connect(server)
    subscription = client.subscribe().await_snapshot()
    feeder.send("f00002", lat=1, lon=1)
    feeder.send("f00003", lat=1, lon=1, seen_pos=8)
    feeder.send("f00004", lat=1, lon=1, age=4)
    for altitude in (100, 200):
        feeder.send("f00002", alt_baro=altitude)
        feeder.send("f00004", age=2, alt_baro=altitude, seen=1)
    all_consumed(server, feeder)
    assert_equal(server, {"world": subscription})
    _, _, ages = listed(server, {})
    compared = 0
    for hex_ in ("f00002", "f00003", "f00004"):
        heard_at, pos_at = ages[hex_]
        assert abs(subscription.heard_at[hex_] - heard_at) <= 2 * TICK_S + 0.11, hex_
        assert abs(subscription.pos_at[hex_] - pos_at) <= 5.1, hex_
        compared += 1
    assert compared == 3 and abs(subscription.pos_at["f00003"] - ages["f00003"][1]) < 0.2


def test_a_filter_by_age_needs_no_record(server, feeder, connect):
    """Who falls silent leaves, although nothing arrives."""
    client = connect(server)
    subscription = client.subscribe(filter="age < 2 and hex = f00005").await_snapshot()
    feeder.send("f00005", alt_baro=100)
    client.until(lambda: subscription.table)
    start = time.monotonic()
    client.until(lambda: not subscription.table, 10)
    assert time.monotonic() - start < wait.deadline_s(4)


def test_expiry_and_coming_back(server, feeder, connect):
    """Silent for --expire: removed everywhere with the reason, and whole when it comes back."""
    client = connect(server)
    world = client.subscribe(filter="hex in (f00006, f00007)").await_snapshot()
    told = []
    take = world.take_delta
    world.take_delta = lambda message: (told.extend(message["removed"] + message["changed"]), take(message))
    feeder.send("f00006", age=EXPIRE_S - 2, alt_baro=100, squawk="1000")
    feeder.send("f00007", age=EXPIRE_S - 2, alt_baro=100)
    client.until(lambda: len(world.table) == 2)
    feeder.send("f00007", alt_baro=200)
    client.until(lambda: world.table.keys() == {"f00007"}, 10)
    assert {"hex": "f00006", "reason": "expired"} in told
    assert "f00006" not in listed(server, {})[1]
    feeder.send("f00006", alt_baro=300)
    client.until(lambda: "f00006" in world.table)
    assert [row["new"] for row in told if row["hex"] == "f00006" and "new" in row] == [True, True]
    assert world.table["f00006"] == {"alt_baro": 300, "src": "test"}
    assert server.metrics().check_records()["consumed"] == feeder.sent
