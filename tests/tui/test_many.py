"""50,000 aircraft in the terminal: list and map are right, and it costs neither memory nor CPU."""

import json
import re
import time

import pytest

from conftest import PROGRAM
from support import processes, wait
from support.fakeserver import FakeServer
from support.pty_terminal import PtyTerminal

COUNT, ROWS_A_PART = 50000, 1000
MEMORY_MIB, CPU_S = 80, 10


def row(number):
    """An aircraft; the later half flies over the southern Pacific."""
    south = number >= COUNT // 2
    place = number % (COUNT // 2)
    return {"hex": f"{0x400000 + number:06x}", "flight": f"T{number:05d}", "t": "A320", "squawk": "1000", "src": "many",
            "lat": round((-40 if south else 40) + place % 500 / 100, 5),
            "lon": round((-120 if south else 0) + place // 500 / 10, 5),
            "alt_baro": 1000 + number % 400 * 100, "gs": 420.5, "track": number % 360, "seen_pos": 0}


class ManyServer(FakeServer):
    """Says 50,000 aircraft in parts, as the gateway does; nothing moves by itself."""

    def __init__(self):
        super().__init__(flights=0, hz=0.5)
        self.rows = [row(i) for i in range(COUNT)]

    def answers(self, message):
        if message.get("channel") != "flights":
            return super().answers(message)
        parts = range(0, COUNT, ROWS_A_PART)
        return [{"type": "snapshot", "id": message["id"], "tick": self.tick, "time": round(time.time(), 3), "part": i + 1,
                 "last": start == parts[-1], "flights": self.rows[start:start + ROWS_A_PART]}
                for i, start in enumerate(parts)]

    def change(self, changed, removed=()):
        """A delta."""
        base, self.tick = self.tick, self.tick + 4
        self.say({"type": "delta", "id": 1, "tick": self.tick, "base_tick": base, "time": round(time.time(), 3),
                  "changed": changed, "removed": [{"hex": address, "reason": "expired"} for address in removed]})


@pytest.fixture(name="many", scope="module")
def _many():
    with ManyServer() as one:
        yield one


def peak_mib(pid):
    """The most memory that the process ever had resident."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return int(re.search(r"VmHWM:\s+(\d+) kB", file.read())[1]) / 1024


def lines_of(terminal):
    """The lines of the list."""
    return [line for line in terminal.screen().splitlines() if re.search(r"\bT\d{5}\b", line)]


def test_list_and_map_are_right(many):
    arguments = [str(PROGRAM), many.url, "--home", "0,0", "--state", "none", "--sort", "callsign"]
    with PtyTerminal(arguments, size=(132, 43)) as t:
        t.wait_for("50000 flights by callsign", 60)
        assert "T00000" in lines_of(t)[0]
        t.type(b"\x1b[F")  # End
        t.wait_for("T49999", 20)
        assert "T49999" in lines_of(t)[-1]

        many.change([{"hex": many.rows[i]["hex"], "alt_baro": 45000 + i} for i in range(0, COUNT, 5)],
                    [many.rows[-1]["hex"]])
        t.wait_for("49999 flights", 20)
        t.wait_for("T49998", 20)
        t.type(b"/")
        t.type(b"alt > 94990")
        t.wait_for("1 of 49999 match", 20)
        t.type(b"\r")
        wait.until(lambda: len(lines_of(t)) == 1, 20, t.screen)
        assert "T49995" in lines_of(t)[0] and "94 995" in lines_of(t)[0]
        t.type(b"\x1b")
        t.wait_for("49999 flights by callsign", 20)

        t.type(b"30")  # the map, all of it
        t.wait_for("49999 in sight", 30)
        spent = processes.cpu_s(t.process.pid)
        assert peak_mib(t.process.pid) < MEMORY_MIB
        assert spent < CPU_S, spent
        t.type(b"q")
        assert t.wait_for_end() == 0


def test_messages_are_as_large_as_the_gateways(many):
    """What is said here is what the protocol allows: parts of 256 KiB."""
    assert all(len(json.dumps(m)) <= 256 * 1024 for m in many.answers({"channel": "flights", "id": 1}))
