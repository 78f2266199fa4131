"""Sessions: every message of flightdash-protocol(7), its limits and its errors."""

import contextlib
import json
import time

import pytest

from support import wait
from support.daemon import Daemon
from support.embedded import Feeder
from support.rawsocket import RawSocket, frame, TEXT, CONTINUATION

SWISS = [5, 45, 11, 48]
PACIFIC = [170, -30, -170, 0]


@pytest.fixture(scope="module")
def server(new_folder):
    one = Daemon(new_folder("daemon"), tick_ms=50).start()
    yield one
    assert one.faults_at_end() == []


@pytest.fixture(scope="module")
def feeder(server):
    return Feeder(server.kafka)


@pytest.fixture(scope="module")
def flights(server, feeder):
    """Four aircraft that stay: two in Switzerland, one on each side of the date line."""
    feeder.send("4b1814", lat=47.45813, lon=8.55552, alt_baro=3500, gs=180.5, track=274.5, flight="SWR12",
                squawk="1000", messages=5, rssi=-20.5, type="adsb_icao")
    feeder.send("4b1815", lat=46.2, lon=6.1, alt_baro="ground", gs=12, flight="SWR34", type="adsb_icao")
    feeder.send("c80001", lat=-17.5, lon=179.9, alt_baro=35000, flight="ANZ1")
    feeder.send("c80002", lat=-17.6, lon=-179.8, alt_baro=36000, flight="ANZ2")
    known = {"4b1814", "4b1815", "c80001", "c80002"}
    wait.until(lambda: known <= {f["hex"] for f in server.json("/api/v1/flights")["flights"]}, 20, "the aircraft")
    return known


@pytest.fixture
def client(server, connect, flights):
    return connect(server)


def refused(client, code, said="", **request):
    """The error a request gets."""
    answer = client.ask(request.pop("kind", "subscribe"), **request)
    assert (answer["type"], answer["code"]) == ("error", code), answer
    assert said in answer["message"] and answer["retry_ms"] >= 0
    return answer


# --- hello


def test_welcome_tells_what_holds(client, server):
    welcome = client.welcome
    assert welcome["version"] == 1 and welcome["tick_ms"] == 50 and welcome["resumed"] is False
    assert len(welcome["epoch"]) == 16 and int(welcome["epoch"], 16)
    assert welcome["tick"] > 0 and abs(welcome["time"] - time.time()) < 5
    assert welcome["server"].startswith("flightdashd/")
    assert welcome["limits"]["message_bytes"] == 16384 and welcome["limits"]["subscriptions"] == 16


def test_all_connections_share_the_epoch(client, connect, server):
    assert connect(server).welcome["epoch"] == client.welcome["epoch"]


def test_who_starts_with_subscribe_has_said_hello(server, connect, flights):
    client = connect(server, hello=False)
    subscription = client.subscribe().await_snapshot()
    assert subscription.table.keys() >= flights
    assert [m["type"] for m in client.messages][:3] == ["welcome", "subscribed", "snapshot"]


def test_who_says_nothing_is_closed(server):
    """4010 after 5 s, not before."""
    with RawSocket(server.address).open() as s:
        start = time.monotonic()
        assert s.close_code() == 4010
        assert 4.5 < time.monotonic() - start < wait.deadline_s(8)


@pytest.mark.parametrize("version", [0, 2, 1000, -1, 1.5, 1e300])
def test_other_versions_are_closed(server, version):
    with RawSocket(server.address).open() as s:
        s.say({"type": "hello", "version": version})
        assert s.message("error")["code"] == "unsupported_version"
        assert s.close_code() == 4011


def test_hello_is_said_once(client):
    refused(client, "bad_request", "already", kind="hello", version=1)


# --- what is wrong


@pytest.mark.parametrize("text, said", [
    ("", "JSON"), ("{", "JSON"), ("[]", "object"), ("null", "JSON"), ("{}", "type"), ('{"type":7}', "type"),
    ('{"type":"nonsense"}', "nonsense"), ('{"type":"ping","type":"ping"}', "duplicate"), ('{"type":"ping"} x', "JSON"),
    ('{"type":"subscribe"}', "id"), ('{"type":"subscribe","id":-1}', "id"), ('{"type":"subscribe","id":"1"}', "id"),
    ('{"type":"unsubscribe"}', "id"), ('{"type":"get","id":1,"what":"flight"}', "icao24"),
    ('{"type":"get","id":1,"what":"weather","icao24":"4b1814"}', "what"), ('{"type":"query","id":1}', "target"),
    ('{"type":"get","id":1,"what":"flight","icao24":"4b18"}', "icao24"), ('{"type":"ack"}', "alert"),
    ('{"type":"get","id":1,"what":"flight","icao24":"4b1814","trail":1e9}', "trail"),
    ('{"type":"rate","max_hz":-1}', "max_hz"), ('{"type":"rate","max_bytes_s":"x"}', "max_bytes_s"),
], ids=lambda value: value[-40:])
def test_bad_requests_are_named(server, text, said):
    """The connection stays."""
    with RawSocket(server.address).open() as s:
        s.say({"type": "hello"})
        s.send(frame(TEXT, text))
        error = s.message("error")
        assert error["code"] == "bad_request" and said in error["message"]
        s.say({"type": "ping", "t": 1})
        assert s.message("pong")["t"] == 1


@pytest.mark.parametrize("request_, code, said", [
    ({"channel": "weather"}, "unknown_channel", "weather"),
    ({"filter": "alt >"}, "bad_filter", "column"), ({"filter": "colour = red"}, "bad_filter", "column 1"),
    ({"filter": 7}, "bad_request", "filter"), ({"bbox": [1, 2, 3]}, "bad_request", "bbox"),
    ({"bbox": [0, 50, 10, 40]}, "bad_request", "bbox"), ({"bbox": [0, 0, 181, 1]}, "bad_request", "bbox"),
    ({"bbox": [0, 0, None, 1]}, "bad_request", "bbox"), ({"bbox": "5,45,11,48"}, "bad_request", "bbox"),
    ({"fields": ["lat", "colour"]}, "bad_request", "colour"), ({"fields": []}, "bad_request", "fields"),
    ({"fields": "lat"}, "bad_request", "fields"), ({"max_hz": 0}, "bad_request", "max_hz"),
    ({"max_hz": 1e9}, "bad_request", "max_hz"), ({"channel": "metrics", "query": "up"}, "backend_unavailable", "metrics"),
    ({"channel": "logs"}, "backend_unavailable", "logs"),
], ids=str)
def test_bad_subscriptions_are_named(client, request_, code, said):
    refused(client, code, said, **request_)


def test_a_query_without_a_backend(client):
    refused(client, "backend_unavailable", kind="query", target="metrics", query="up")
    refused(client, "bad_request", kind="query", target="weather")


def test_not_found(client):
    refused(client, "not_found", kind="get", what="flight", icao24="ffffff")
    refused(client, "not_found", kind="get", what="flight", icao24="ffffff", trail=60)
    refused(client, "not_found", kind="unsubscribe")
    refused(client, "not_found", kind="resync")


def test_at_most_sixteen_subscriptions(client):
    for _ in range(16):
        client.subscribe("stats")
    client.until(lambda: len(client.of_type("subscribed")) == 16)
    refused(client, "limit", channel="flights")
    replaced = client.subscribe(id=16)  # one that is there is no further one
    replaced.await_snapshot()


@pytest.mark.parametrize("data", [
    frame(TEXT, b"", length=16385, form=16),
    frame(TEXT, b" " * 16000, fin=False) + frame(CONTINUATION, b"", fin=False, length=385, form=16),
], ids=["first frame", "fragment"])
def test_a_message_too_big_is_refused_at_once(server, data):
    with RawSocket(server.address).open() as s:
        s.say({"type": "hello"})
        s.send(data)
        assert s.close_code() == 1009


def test_flooding_is_slowed_then_closed(server):
    """60 at once are fine; then rate_limited; then 4009. Nothing dropped is obeyed."""
    with RawSocket(server.address).open() as s:
        s.send(b"".join(frame(TEXT, json.dumps({"type": "ping", "t": i})) for i in range(200)))
        kinds = []
        while True:
            opcode, payload = s.read_frame()
            if opcode != TEXT:
                break
            kinds.append(json.loads(payload))
        assert payload[:2] == (4009).to_bytes(2, "big")
    pongs = [m["t"] for m in kinds if m["type"] == "pong"]
    errors = [m for m in kinds if m["type"] == "error"]
    assert pongs == list(range(len(pongs))) and 60 <= len(pongs) < 80
    assert len(errors) >= 20 and all(e["code"] == "rate_limited" and e["retry_ms"] > 0 for e in errors)


def test_one_who_floods_a_little_may_stay(client):
    for _ in range(70):
        client.send({"type": "ping"})
    error = client.until(lambda: client.of_type("error"))[0]
    assert error["code"] == "rate_limited"
    answer = wait.until(lambda: _pong(client), 5, "heard again")
    assert answer["type"] == "pong" and not client.is_closed


def _pong(client):
    before = len(client.of_type("pong"))
    client.send({"type": "ping"})
    with contextlib.suppress(wait.DeadlineExpired):
        return client.until(lambda: client.of_type("pong")[before:], 0.3)[0]


# --- flights


def test_the_world(client, flights):
    """Everything but what is only sent when asked for."""
    table = client.subscribe().await_snapshot().table
    assert flights <= table.keys()
    assert table["4b1814"] == {
        "lat": 47.45813, "lon": 8.55552, "alt_baro": 3500, "gs": 180.5, "track": 274.5, "flight": "SWR12",
        "squawk": "1000", "type": "adsb_icao", "src": "test"}
    assert table["4b1815"]["alt_baro"] == "ground"


def test_box_filter_and_fields(client):
    boxed = client.subscribe(bbox=SWISS).await_snapshot()
    pacific = client.subscribe(bbox=PACIFIC).await_snapshot()
    ground = client.subscribe(filter="ground and callsign ~ SWR*").await_snapshot()
    some = client.subscribe(fields=["gs", "messages", "rssi", "hex", "seen"]).await_snapshot()
    assert {"4b1814", "4b1815"} == boxed.table.keys()
    assert {"c80001", "c80002"} == pacific.table.keys()
    assert {"4b1815"} == ground.table.keys()
    assert some.table["4b1814"] == {"gs": 180.5, "messages": 5, "rssi": -20.5}
    assert not some.pos_at and "4b1814" in some.heard_at


def test_ages_are_those_of_the_records(client, feeder):
    feeder.send("aa0001", age=20, lat=1, lon=1, seen=10, seen_pos=15)
    subscription = client.subscribe(filter="hex = aa0001")
    client.until(lambda: "aa0001" in subscription.table)
    now = subscription.time
    assert 29 < now - subscription.heard_at["aa0001"] < 40
    assert 34 < now - subscription.pos_at["aa0001"] < 45


def test_entering_changing_unknown_and_leaving(client, feeder):
    """new, only what changed, null, heard again, left."""
    box = client.subscribe(bbox=[20, 20, 21, 21]).await_snapshot()
    seen = []
    take = box.take_delta
    box.take_delta = lambda message: (seen.extend(message["changed"] + message["removed"]), take(message))

    def sends(**fields):
        """What comes of it, but for the ages: a machine that is busy is late."""
        count = len(seen)
        feeder.send("bb0001", **fields)
        told = client.until(lambda: seen[count:])[0]
        return {name: value for name, value in told.items() if name not in ("seen", "seen_pos")}

    assert sends(lat=20.5, lon=20.5, squawk="1234")["new"] is True
    changed = sends(lat=20.50001, lon=20.5)
    assert changed.keys() == {"hex", "lat"} and changed["lat"] == 20.50001
    assert sends(squawk=None) == {"hex": "bb0001", "squawk": None}
    assert "squawk" not in box.table["bb0001"]
    assert sends() == {"hex": "bb0001"}
    assert sends(lat=30, lon=20.5) == {"hex": "bb0001", "reason": "left"}
    assert sends(lat=20.7, lon=20.5)["new"] is True


def test_replacing_is_atomic(client, flights):
    """Before `subscribed` the old one, after it the new one, never both."""
    first = client.subscribe(bbox=SWISS).await_snapshot()
    second = client.subscribe(id=first.id, bbox=PACIFIC).await_snapshot()
    assert {"c80001", "c80002"} == second.table.keys()
    about = [m for m in client.messages if m.get("id") == first.id]
    changes = [m for m in about if m["type"] in ("subscribed", "snapshot")]
    assert [m["type"] for m in changes] == ["subscribed", "snapshot"] * 2


def test_a_refused_replacement_changes_nothing(client, feeder):
    kept = client.subscribe(bbox=[30, 30, 31, 31]).await_snapshot()
    client.send({"type": "subscribe", "id": kept.id, "filter": "alt >"})
    client.until(lambda: kept.error)
    feeder.send("bb0002", lat=30.5, lon=30.5)
    client.until(lambda: "bb0002" in kept.table)


def test_unsubscribe_ends_it(client, feeder):
    gone = client.subscribe().await_snapshot()
    client.unsubscribe(gone)
    kept = client.subscribe(filter="hex = bb0003").await_snapshot()
    about = len([m for m in client.messages if m.get("id") == gone.id])
    feeder.send("bb0003", alt_baro=100)
    client.until(lambda: kept.table)
    later = [m for m in client.messages if m.get("id") == gone.id][about:]
    assert [m for m in later if m["tick"] > kept.tick] == []


def test_max_hz_is_honoured(client, feeder):
    """One who wants 2 Hz gets 2 Hz, at most, and all that changed."""
    slow = client.subscribe(filter="hex = bb0004", max_hz=2).await_snapshot()
    fast = client.subscribe(filter="hex = bb0004").await_snapshot()
    times = []
    take = slow.take_delta
    slow.take_delta = lambda message: (times.append(message["time"]), take(message))
    altitude = 1000

    def enough():
        nonlocal altitude
        altitude += 25
        feeder.send("bb0004", alt_baro=altitude)
        return len(times) >= 5

    wait.until(enough, 20, "five slow deltas", period_s=0.03)
    assert all(later - earlier > 0.44 for earlier, later in zip(times, times[1:])), times
    assert fast.deltas > 3 * slow.deltas
    client.until(lambda: slow.table == fast.table == {"bb0004": {"alt_baro": altitude, "src": "test"}})


def test_rate_of_the_session(client, feeder):
    """`rate` slows all flights of the connection."""
    subscription = client.subscribe(filter="hex = bb0005").await_snapshot()
    client.send({"type": "rate", "max_hz": 2, "max_bytes_s": 100000})
    client.ask("ping")
    times = []
    take = subscription.take_delta
    subscription.take_delta = lambda message: (times.append(message["time"]), take(message))

    def enough():
        feeder.send("bb0005", alt_baro=len(times) * 1000 + feeder.sent % 1000)
        return len(times) >= 4

    wait.until(enough, 20, "four slow deltas", period_s=0.03)
    assert all(later - earlier > 0.44 for earlier, later in zip(times, times[1:])), times


def test_a_tick_at_least_once_a_second(client):
    """Without any subscription and without any news."""
    arrivals = []
    client.until(lambda: len(client.of_type("tick")) >= 4)
    for message in client.of_type("tick"):
        arrivals.append(message["time"])
    assert all(0 < later - earlier <= 1.2 for earlier, later in zip(arrivals, arrivals[1:])), arrivals
    last = client.of_type("tick")[-1]
    assert last["total"] >= 4 and "matching" not in last


def test_a_tick_counts_what_matches(client):
    client.subscribe(bbox=PACIFIC).await_snapshot()
    assert client.await_type("tick")["matching"] == 2


def test_resync_gives_a_snapshot(client):
    subscription = client.subscribe(bbox=SWISS).await_snapshot()
    before = dict(subscription.table)
    client.send({"type": "resync", "id": subscription.id})
    client.until(lambda: subscription.snapshots == 2)
    assert subscription.table == before


def test_get_a_flight_with_its_trail(client, feeder):
    subscription = client.subscribe(filter="hex = bb0006").await_snapshot()
    begin = time.monotonic()
    for i in range(3):
        feeder.send("bb0006", age=30 - 10 * i, lat=10 + i / 10, lon=20, alt_baro=1000 * i)
        client.until(lambda: subscription.table.get("bb0006", {}).get("alt_baro") == 1000 * i)  # noqa: B023
    answer = client.ask("get", what="flight", icao24="bb0006", trail=600)
    flight = answer["flight"]
    assert flight["hex"] == "bb0006" and flight["lat"] == 10.2 and flight["alt_baro"] == 2000
    points = answer["trail"]
    assert [(p["lat"], p["lon"], p.get("alt")) for p in points] == [(10, 20, 0), (10.1, 20, 1000), (10.2, 20, 2000)]
    times = [p["time"] for p in points]
    assert times == sorted(times) and 19 < times[-1] - times[0] < 21 + time.monotonic() - begin
    assert "trail" not in client.ask("get", what="flight", icao24="bb0006")
    assert len(client.ask("get", what="flight", icao24="BB0006", trail=15)["trail"]) < 3


def test_ping_carries_anything_back(client):
    for t in (1, "x", None, [1, {"a": "é"}], 1e300):
        assert client.ask("ping", t=t)["t"] == t
    refused(client, "bad_request", "t: at most 256 bytes", kind="ping", t="x" * 255)
    answer = client.ask("ping")
    assert "t" not in answer and abs(answer["time"] - time.time()) < 5


# --- resuming


def test_resume_goes_on_with_a_delta(client, feeder):
    subscription = client.subscribe(bbox=[40, 40, 41, 41]).await_snapshot()
    feeder.send("bb0007", lat=40.5, lon=40.5, alt_baro=100)
    feeder.send("bb0008", lat=40.6, lon=40.6)
    client.until(lambda: {"bb0007", "bb0008"} == subscription.table.keys())
    client.abort()
    feeder.send("bb0007", alt_baro=200)
    feeder.send("bb0008", lat=50, lon=40.6)
    feeder.send("bb0009", lat=40.7, lon=40.7)
    assert client.reconnect() is True
    client.until(lambda: {"bb0007", "bb0009"} == subscription.table.keys())
    assert subscription.table["bb0007"]["alt_baro"] == 200
    assert subscription.snapshots == 1 and subscription.resyncs == 0


def test_a_new_subscription_after_a_resume_says_tick_0(client):
    client.subscribe(bbox=SWISS).await_snapshot()
    assert client.reconnect() is True
    other = client.subscribe(bbox=PACIFIC, tick=0).await_snapshot()
    assert {"c80001", "c80002"} == other.table.keys()


@pytest.mark.parametrize("change", [
    {"epoch": "0123456789abcdef"}, {"epoch": ""}, {"tick": 0}, {"tick": 4294967295},
], ids=str)
def test_resume_with_what_is_not_known(server, connect, client, change, flights):
    """resumed false, and a snapshot."""
    known = {**client.resume_point(), **change}
    again = connect(server, resume=known)
    assert again.welcome["resumed"] is False
    assert again.subscribe().await_snapshot().table.keys() >= flights


@pytest.mark.parametrize("resume", [7, {}, {"epoch": 1, "tick": 1}, {"epoch": "a"}, {"epoch": "a", "tick": -1}], ids=str)
def test_resume_that_is_none(server, resume):
    with RawSocket(server.address).open() as s:
        s.say({"type": "hello", "resume": resume})
        assert s.message("error")["code"] == "bad_request"


# --- the other channels


def test_stats_and_pipeline(client, flights):
    client.subscribe("stats")
    client.subscribe("pipeline")
    stats = client.await_type("stats")
    assert stats["total"] >= 4 and stats["with_position"] >= 4
    countries = {row["key"]: row["count"] for row in stats["country"]}
    assert countries["CH"] >= 2
    pipeline = client.await_type("pipeline")
    counters = {name: row["total"] for name, row in pipeline["counters"].items()}
    assert counters["consumed"] == sum(counters[n] for n in ("applied", "stale", "invalid", "unchanged")) > 0
    assert "kafka" in {part["name"] for part in pipeline["parts"]} and pipeline["clients"] >= 1


def test_an_emergency_is_an_alert_that_can_be_acknowledged(client, feeder):
    client.subscribe("alerts")
    client.until(lambda: client.of_type("alert"))
    feeder.send("bb0010", squawk="7700", flight="HELP1", alt_baro=10000)

    def alert():
        rows = [a for m in client.of_type("alert") for a in m["alerts"] if a.get("icao24") == "bb0010"]
        return rows and rows[-1]

    raised = client.until(alert, 20, "an alert")
    assert raised["active"] and raised["squawk"] == "7700"
    client.send({"type": "ack", "alert": raised["id"]})
    client.until(lambda: "acked" in alert(), 10, "acknowledged")


def test_an_acknowledgement_of_nothing_is_an_error(client):
    client.send({"type": "ack", "alert": "emergency:000000:1"})
    said = client.until(lambda: client.of_type("error"), 10, "an error")
    assert said[-1]["code"] == "not_found"


def test_health_by_redis_cli(server, redis, daemon, connect):
    """A service that any program writes and announces is on every screen."""
    one = daemon(redis=f"redis://127.0.0.1:{redis.port}")
    client = connect(one)
    client.subscribe("health")
    client.until(lambda: any(row["service"] == "kafka" for m in client.of_type("health") for row in m["services"]))
    told = {"service": "bakery", "status": "fail", "since": time.time(), "latency_ms": 7, "output": "no bread",
            "depends_on": ["kafka"]}
    redis.command("hset", "flightdash:v1:health", "bakery", json.dumps(told))
    redis.command("publish", "flightdash:v1:health-changes", "bakery")

    def bakery():
        rows = [row for m in client.of_type("health") for row in m["services"] if row["service"] == "bakery"]
        return rows and rows[-1]

    row = client.until(bakery, 10, "the bakery")
    assert (row["status"], row["output"], row["depends_on"]) == ("fail", "no bread", ["kafka"])
    listed = {row["service"]: row for row in one.json("/api/v1/services")["services"]}
    assert listed["bakery"]["status"] == "fail"
    assert one.json("/api/v1/services/bakery")["history"]
    redis.command("hdel", "flightdash:v1:health", "bakery")  # without a word
    client.until(lambda: bakery().get("removed") is True, 10, "the bakery is gone")
    assert "bakery" not in {row["service"] for row in one.json("/api/v1/services")["services"]}
    assert one.get("/api/v1/services/bakery")[0] == 404


def test_stale_while_kafka_is_away(kafka, daemon, connect):
    """Told within 5 s, the connection stays, and all is right again."""
    one = daemon(kafka=kafka.bootstrap, create_topics=True)
    client = connect(one)
    subscription = client.subscribe().await_snapshot()
    feeder = Feeder(kafka.bootstrap)
    feeder.send("bb0011", alt_baro=100)
    client.until(lambda: "bb0011" in subscription.table, 20)
    start = time.monotonic()
    with kafka.paused():
        stale = client.await_type("stale", 10)
        assert time.monotonic() - start < wait.deadline_s(6)
        assert stale["source"] == "kafka" and abs(stale["since"] - time.time()) < 10
        client.await_type("tick", 2)
    again = client.await_type("stale", 30)
    assert again["since"] is None and not client.is_closed
    feeder.send("bb0011", alt_baro=200)
    client.until(lambda: subscription.table["bb0011"]["alt_baro"] == 200, 20)
