"""The helpers of the integration tests, against servers of a few lines each."""

import contextlib
import json
import socket
import stat
import textwrap

import pytest
import websockets

from support import daemon as daemons
from support import metrics, processes, wait, wsclient

# --- the WebSocket client -------------------------------------------------------------------

WELCOME = {"type": "welcome", "version": 1, "epoch": "0" * 16, "tick": 5, "tick_ms": 250, "time": 100.0}
KLOTEN = {"hex": "4b1814", "lat": 47.46, "lon": 8.55, "seen": 2, "seen_pos": 3}


def snapshot(tick, *flights, part=1, last=True, id=1):
    return {
        "type": "snapshot", "id": id, "tick": tick, "time": 100.0, "part": part, "last": last,
        "flights": list(flights),
    }


def delta(base, tick, changed=(), removed=(), id=1):
    return {
        "type": "delta", "id": id, "tick": tick, "base_tick": base, "time": 100.0 + tick,
        "changed": list(changed), "removed": list(removed),
    }


def removed(identity, reason="expired"):
    return {"hex": identity, "reason": reason}


@contextlib.contextmanager
def peer(answers):
    """A server that sends answers[type] after a message of that type; yields (url, received)."""
    received = []

    async def serve(connection, *_):
        async for text in connection:
            received.append(json.loads(text))
            for message in answers.get(received[-1]["type"], ()):
                await connection.send(message if isinstance(message, (str, bytes)) else json.dumps(message))

    receiver = wsclient._shared_receiver()

    async def listen():
        return await websockets.serve(serve, "127.0.0.1", 0, subprotocols=[wsclient.JSON])

    server = receiver.run(listen())
    try:
        yield f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}/ws", received
    finally:
        server.close()


@pytest.mark.parametrize(
    "frames, table, tick",
    [
        pytest.param([snapshot(5)], {}, 5, id="an empty snapshot"),
        pytest.param(
            [snapshot(5, KLOTEN, part=1, last=False), snapshot(5, {"hex": "a00001"}, part=2)],
            {"4b1814": {"lat": 47.46, "lon": 8.55}, "a00001": {}}, 5, id="a snapshot in two parts",
        ),
        pytest.param(
            [snapshot(5, {"hex": "a00001", "gs": 1}), delta(5, 6, [{"hex": "a00001", "track": 90.5}])],
            {"a00001": {"gs": 1, "track": 90.5}}, 6, id="only what changed",
        ),
        pytest.param(
            [snapshot(5, {"hex": "a00001", "gs": 1}), delta(5, 6, [{"hex": "a00001", "gs": None}])],
            {"a00001": {}}, 6, id="became unknown",
        ),
        pytest.param(
            [snapshot(5), delta(5, 6, [{"hex": "a00001", "new": True, "gs": 1}])],
            {"a00001": {"gs": 1}}, 6, id="entered",
        ),
        pytest.param(
            [snapshot(5, {"hex": "a00001"}), delta(5, 6, removed=[removed("a00001")])], {}, 6, id="removed",
        ),
        pytest.param(
            [snapshot(5, {"hex": "a00001"}), {"type": "tick", "tick": 8, "time": 102.0},
             delta(8, 9, [{"hex": "a00001", "gs": 1}])],
            {"a00001": {"gs": 1}}, 9, id="a tick message moves the base",
        ),
        pytest.param(
            [snapshot(5, {"hex": "a00001"}), delta(7, 8, removed=[removed("a00001")])],
            {"a00001": {}}, 5, id="a delta for a later base is not applied",
        ),
    ],
)
def test_client_applies(connect, frames, table, tick):
    with peer({"hello": [WELCOME], "subscribe": [{"type": "subscribed", "id": 1}, *frames, {"type": "end"}]}) as (url, _):
        client = connect(url)
        flights = client.subscribe()
        client.until(lambda: client.of_type("end"))
        assert (flights.table, flights.tick) == (table, tick)


def test_client_asks_for_a_snapshot_after_a_gap(connect):
    gap = [snapshot(5), delta(7, 8, [{"hex": "a00001", "new": True}])]
    with peer({"hello": [WELCOME], "subscribe": gap, "resync": [snapshot(9, {"hex": "a00001"})]}) as (url, got):
        client = connect(url)
        flights = client.subscribe()
        client.until(lambda: flights.table)
        assert (flights.resyncs, flights.tick) == (1, 9)
        assert got[-1] == {"type": "resync", "id": 1}


def test_client_knows_ages(connect):
    frames = [snapshot(5, KLOTEN, {"hex": "a00001"}), delta(5, 6, [{"hex": "a00001"}, {"hex": "4b1814", "lat": 47}])]
    with peer({"hello": [WELCOME], "subscribe": frames}) as (url, _):
        client = connect(url)
        flights = client.subscribe()
        client.until(lambda: flights.snapshots)
        client.until(lambda: flights.deltas)
    assert flights.heard_at == {"4b1814": 106.0, "a00001": 106.0}
    assert flights.pos_at == {"4b1814": 106.0}


@pytest.mark.parametrize(
    "frame, said",
    [
        ("no object", "not an object with a type"),
        ({"type": "delta", "id": 1, "tick": 6}, "delta without 'base_tick'"),
        (snapshot(5, {"hex": "a00001"}, {"hex": "a00001"}), "a00001 twice"),
        (snapshot(5, {"hex": "a00001", "lat": 1, "lon": 1}), "position of unknown age"),
        (snapshot(5, part=2), "part 2 out of order"),
        (delta(5, 6, [{"hex": "a00001"}]), "a00001, which never entered"),
        (delta(5, 6, removed=[removed("a00001", "bored")]), "removed without a reason"),
        (delta(5, 4), "tick 4 after 5"),
    ],
)
def test_client_tells_what_a_server_must_not_do(frame, said):
    with peer({"hello": [WELCOME], "subscribe": [snapshot(5), frame, {"type": "end"}]}) as (url, _):
        client = wsclient.Client(url).connect()
        client.subscribe()
        client.until(lambda: client.of_type("end"))
        client.close()
    assert len(client.violations) == 1 and said in client.violations[0]


def test_client_resumes_where_it_was(connect):
    frames = [snapshot(5, {"hex": "a00001"}), delta(5, 7, [{"hex": "a00001", "gs": 1}])]
    answers = {"hello": [WELCOME], "subscribe": frames}
    with peer(answers) as (url, got):
        client = connect(url)
        flights = client.subscribe(bbox=[5, 45, 11, 48])
        client.until(lambda: flights.deltas)
        answers["hello"] = [{**WELCOME, "resumed": True}]
        answers["subscribe"] = [delta(7, 8, [{"hex": "a00001", "gs": 2}])]
        assert client.reconnect() is True
        client.until(lambda: flights.tick == 8)
        assert flights.table == {"a00001": {"gs": 2}}
        assert got[2]["resume"] == {"epoch": "0" * 16, "tick": 7}
        assert got[3] == got[1]  # the same subscription again


def test_client_that_does_not_read_lets_frames_pile_up(connect):
    frames = [snapshot(5), *(delta(n, n + 1, [{"hex": "a00001", "new": True, "n": n}]) for n in range(5, 105))]
    with peer({"hello": [WELCOME], "subscribe": frames}) as (url, _):
        client = connect(url)
        client.pause_reading()
        flights = client.subscribe()
        assert flights.deltas == 0
        client.resume_reading()
        client.until(lambda: flights.tick == 105)


def test_client_tells_the_close_code(connect):
    async def serve(connection, *_):
        await connection.close(4011, "version")

    async def listen():
        return await websockets.serve(serve, "127.0.0.1", 0)

    server = wsclient._shared_receiver().run(listen())
    client = connect(f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}", hello=False, subprotocol=None)
    assert client.await_closed() == 4011
    assert client.close_reason == "version"
    server.close()


# --- metrics --------------------------------------------------------------------------------


def test_metrics_are_read_by_name_and_labels():
    told = metrics.Metrics(
        "# HELP flights Aircraft\n# TYPE flights gauge\nflights 3\n"
        'bad_total{reason="a \\"b\\""} 2\nbad_total{reason="late"} 1.5e1\nlatency_bucket{le="+Inf"} 4 1700000000000\n'
    )
    assert told.value("flights") == 3
    assert told.total("bad_total") == 17
    assert told.value("bad_total", reason="late") == 15
    assert told.value("latency_bucket", le="+Inf") == 4
    assert told.types == {"flights": "gauge"}
    assert told.value("absent", default=0) == 0


@pytest.mark.parametrize("unchanged, adds_up", [(1, True), (0, False)])
def test_every_record_must_be_accounted_for(unchanged, adds_up):
    told = metrics.Metrics(
        "flightdash_records_consumed_total 10\nflightdash_records_applied_total 4\n"
        "flightdash_records_stale_total 2\n"
        'flightdash_records_invalid_total{reason="position"} 2\nflightdash_records_invalid_total{reason="json"} 1\n'
        f"flightdash_records_unchanged_total {unchanged}\n"
    )
    with contextlib.nullcontext() if adds_up else pytest.raises(AssertionError, match="unaccounted"):
        told.check_records()


# --- waiting, and the daemon ----------------------------------------------------------------


def test_waiting_ends_with_the_condition_the_deadline_or_no_hope():
    answers = iter([0, 0, 7])
    assert wait.until(lambda: next(answers), 5, period_s=0.001) == 7
    with pytest.raises(wait.DeadlineExpired, match="rain: not within"):
        wait.until(lambda: False, 0.01, "rain", period_s=0.001)
    with pytest.raises(wait.DeadlineExpired, match="rain: it is dry"):
        wait.until(lambda: False, 60, "rain", give_up=lambda: "it is dry")


@pytest.fixture
def pretend_daemon(tmp_path, monkeypatch):
    """Makes a shell script the flightdashd of this test."""

    def use(script):
        path = tmp_path / "flightdashd"
        path.write_text("#!/bin/bash\n" + textwrap.dedent(script))
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setattr(daemons, "BUILD", tmp_path)

    return use


SERVES = """
    echo "arguments: $*" >&2
    echo "ready role=all http=127.0.0.1:18080 kafka=127.0.0.1:19092" >&2
    trap 'exit 0' TERM
    while :; do read -rt 0.05 <> <(:); done
"""


def test_daemon_is_ready_when_it_says_so_and_keeps_its_port(daemon, pretend_daemon, monkeypatch):
    monkeypatch.setenv("FLIGHTDASH_KAFKA", "the caller's own")
    pretend_daemon('echo "from the caller: $FLIGHTDASH_KAFKA" >&2' + SERVES)
    server = daemon("--tick-ms", 100, kafka="127.0.0.1:9092", source=["sim:", "replay:x"], create_topics=True)
    assert server.ws_url == "ws://127.0.0.1:18080/ws"
    assert server.kafka == "127.0.0.1:19092"
    assert "from the caller: \n" in server.log()
    flags = "--tick-ms 100 --kafka 127.0.0.1:9092 --source sim: --source replay:x --create-topics"
    assert f"arguments: --listen 127.0.0.1:0 {flags}\n" in server.log()
    server.kill9()
    assert not processes.is_alive(server.pid)
    server.start()
    assert "arguments: --listen 127.0.0.1:18080 " in server.log()
    assert server.stop() == 0


def test_daemon_that_ends_is_not_waited_for(daemon, pretend_daemon):
    pretend_daemon("echo 'no such broker' >&2; exit 2")
    server = daemon.new()
    with pytest.raises(wait.DeadlineExpired, match="(?s)no such broker.*ended with 2"):
        server.start()


@pytest.mark.parametrize(
    "script, faults",
    [
        (SERVES, []),
        (SERVES.replace("exit 0", "exit 3"), ["ended with 3 on SIGTERM"]),
        ("echo ready role=all >&2; kill -SEGV $$", ["ended by itself with -11"]),
        ("echo '==7==ERROR: AddressSanitizer: leak' >&2" + SERVES, ["==7==ERROR: AddressSanitizer: leak"]),
    ],
)
def test_faults_of_a_daemon_are_told_at_its_end(tmp_path, pretend_daemon, script, faults):
    pretend_daemon(script)
    server = daemons.Daemon(tmp_path / "daemon").start()
    if faults[:1] == ["ended by itself with -11"]:
        wait.until(lambda: not server.is_alive())
    told = server.faults_at_end()
    assert [said.split("; its log")[0] for said in told] == [f"flightdashd {fault}" for fault in faults]
    assert not server.is_alive()


def test_a_port_of_a_server_lies_below_those_of_outgoing_connections(redis):
    with open("/proc/sys/net/ipv4/ip_local_port_range") as f:
        assert redis.port < int(f.read().split()[0])
    with socket.create_connection(("127.0.0.1", redis.port)):
        pass
