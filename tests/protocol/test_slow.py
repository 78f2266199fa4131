"""Clients that do not read: fewer frames, then fewer still, then the end; nobody else notices."""

import json
import re
import subprocess

import pytest

from support import wait
from support.daemon import Daemon
from support.rawsocket import CLOSE, TEXT, RawSocket

KERNEL_MAX = 300 * 1024
AIRCRAFT = 1500


@pytest.fixture(scope="module")
def server(new_folder):
    """Enough traffic to fill any socket in a second or two."""
    one = Daemon(new_folder("daemon"), source=f"sim:?aircraft={AIRCRAFT}&rate_hz=1").start()
    wait.until(lambda: one.metrics().value("flightdash_flights", 0) > AIRCRAFT * 0.9, 30, "the aircraft")
    yield one
    assert one.faults_at_end() == []


class Stuck:
    """A connection that has its snapshot and then stops reading."""

    def __init__(self, server, **hello):
        self.server = server
        self.socket = RawSocket(server.address, seconds=30, receive_buffer=4096).open()
        self.socket.say({"type": "hello", "version": 1, **hello})
        self.welcome = self.socket.message("welcome")
        self.socket.say({"type": "subscribe", "id": 1})
        self.tick = None

    def read(self, wanted):
        """Messages up to the one that is wanted; the close code when that comes instead."""
        while True:
            opcode, payload = self.socket.read_frame()
            if opcode == CLOSE:
                return int.from_bytes(payload[:2], "big")
            if opcode != TEXT:
                assert opcode is not None, "the connection ended without a close frame"
                continue
            message = json.loads(payload)
            if message["type"] == "delta" or message.get("last"):
                assert message["type"] == "snapshot" or self.tick >= message["base_tick"]
                self.tick = message["tick"]
            if wanted(message):
                return message

    def kernel_bytes(self):
        """What the kernel holds for it on the server's side (wmem_queued of ss)."""
        port = self.server.address.rsplit(":", 1)[1]
        said = subprocess.run(
            ["ss", "-tmnH", f"sport = :{port} and dport = :{self.socket.local_port}"],
            check=True, capture_output=True, text=True).stdout
        return int(re.search(r"skmem:\(.*?,w(\d+),", said).group(1))


@pytest.fixture
def stuck(server):
    made = []

    def new(**hello):
        made.append(Stuck(server, **hello))
        return made[-1]

    yield new
    for one in made:
        one.socket.socket.close()


def conflated(server):
    return server.metrics().total("flightdash_client_conflated_total")


def test_a_slow_reader_gets_fewer_and_newer_frames(server, stuck):
    """Ticks are skipped, `rate` says so, nothing is lost: deltas fit on each other."""
    slow = stuck()
    slow.read(lambda m: m.get("last"))
    before = conflated(server)
    wait.until(lambda: conflated(server) >= before + 16, 30, "ticks without it")
    told = slow.read(lambda m: m["type"] == "rate")
    assert told["reason"] == "slow reader" and told["max_hz"] <= 2
    base = slow.tick
    delta = slow.read(lambda m: m["type"] == "delta" and m["tick"] > base)
    assert delta["tick"] - base >= 8, "skipped, not queued"
    assert slow.read(lambda m: m["type"] == "tick")["tick"] >= delta["tick"]


def test_a_stuck_reader_is_closed_and_can_resume(server, stuck, connect):
    """4008 after 10 s; its memory in the kernel is bounded; the others' deltas come as ever."""
    other = connect(server)
    watching = other.subscribe(filter="not unknown lat").await_snapshot()
    times = []
    take = watching.take_delta
    watching.take_delta = lambda message: (times.append(message["time"]), take(message))
    one = stuck()
    one.read(lambda m: m.get("last"))
    closed = server.metrics().total("flightdash_client_slow_closed_total")
    most = 0

    def is_closed():
        nonlocal most
        most = max(most, one.kernel_bytes())
        return server.metrics().total("flightdash_client_slow_closed_total") > closed

    wait.until(is_closed, 30, "the slow client closed", period_s=0.2)
    assert 0 < most <= KERNEL_MAX
    gaps = [later - earlier for earlier, later in zip(times, times[1:])]
    assert len(times) > 20 and max(gaps) < 1.5, gaps
    assert watching.resyncs == 0
    assert one.read(lambda _: False) == 4008
    again = stuck(resume={"epoch": one.welcome["epoch"], "tick": one.tick})
    assert again.welcome["resumed"] is True
    again.tick = one.tick
    delta = again.read(lambda m: m["type"] in ("delta", "snapshot"))
    assert delta["type"] == "delta" and delta["base_tick"] == one.tick


def test_many_stuck_readers_cost_no_memory_each(server, stuck, connect):
    """Twenty that never read: the process grows by no queue, and one who reads is served."""
    from support import processes

    before = processes.rss_kib(server.pid)
    blocked = conflated(server)
    many = [stuck() for _ in range(20)]
    wait.until(lambda: conflated(server) >= blocked + 20 * 12, 30, "twenty that skip")
    assert all(one.kernel_bytes() <= KERNEL_MAX for one in many)
    assert processes.rss_kib(server.pid) - before < 20 * 256 + 8192
    client = connect(server)
    subscription = client.subscribe().await_snapshot()
    deltas = subscription.deltas
    client.until(lambda: subscription.deltas >= deltas + 4, 5)
