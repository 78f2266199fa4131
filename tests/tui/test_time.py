"""Recordings shown again, and looking back in the live view."""

import os
import pathlib
import pty
import re
import select
import signal
import struct
import subprocess
import fcntl
import termios
import time

import pytest

from support import wait
from support.fakeserver import FakeServer

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = pathlib.Path(os.environ.get("FLIGHTDASH_BUILD", ROOT / "build")) / "flightdash"


@pytest.fixture(scope="module")
def recording(tmp_path_factory):
    """Six seconds of ten aircraft at 4 Hz."""
    kept = tmp_path_factory.mktemp("kept") / "kept.zst"
    with FakeServer(flights=10, hz=4) as server:
        process = subprocess.Popen([PROGRAM, "--plain", "--record", kept, server.url], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, env={"PATH": os.environ["PATH"]})
        begun = server.tick
        wait.until(lambda: server.tick >= max(begun, 1) + 4 * 24, 30, "six seconds")
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    return kept


def drawn(recording, *arguments):
    """Every byte that a terminal gets from a replay up to its end."""
    pid, master = pty.fork()
    if pid == 0:
        os.environ.update(TERM="xterm-256color", LC_ALL="C.UTF-8", HOME="/nonexistent")
        os.execv(PROGRAM, [str(PROGRAM), "--replay", str(recording), "--state", "none", "--no-mouse", *arguments])
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    got, end = b"", time.monotonic() + 60
    while time.monotonic() < end and b"recording ends here" not in got:
        if select.select([master], [], [], 1)[0]:
            part = os.read(master, 65536)
            got += part
            if re.search(rb"\033\[\??6n", part):  # where is the cursor?
                os.write(master, b"\033[1;1R" * len(re.findall(rb"\033\[\??6n", part)))
    os.write(master, b"q")
    try:
        while part := os.read(master, 65536):
            got += part
    except OSError:
        pass
    os.close(master)
    os.waitpid(pid, 0)
    assert b"recording ends here" in got
    return got


def test_two_replays_draw_the_same_bytes(recording):
    first, second = drawn(recording, "--speed", "4.5"), drawn(recording, "--speed", "4.5")
    assert first == second and first.count(b"REPLAY") >= 1


def test_a_recording_as_sentences(recording):
    done = subprocess.run([PROGRAM, "--plain", "--replay", recording, "--speed", "4"], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=60, check=False, env={"PATH": os.environ["PATH"]})
    lines = done.stdout.splitlines()
    assert done.returncode == 0 and "\033" not in done.stdout
    assert "Connected to" in lines[0] and "10 flights." in lines[1] and "recording ends here" in lines[-1].lower()


def test_a_speed_out_of_range_is_refused(recording):
    done = subprocess.run([PROGRAM, "--plain", "--replay", recording, "--speed", "0.05"], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=60, check=False, env={"PATH": os.environ["PATH"]})
    assert done.returncode == 2 and "speed (from --speed): not a number from 0.1 to 1000" in done.stderr


def test_what_a_recording_ends_with(recording):
    done = subprocess.run([PROGRAM, "--once", "--replay", recording, "--format", "ndjson"], capture_output=True, text=True,
                          timeout=60, check=False, env={"PATH": os.environ["PATH"]})
    assert done.returncode == 0 and len(done.stdout.splitlines()) == 10


def test_what_a_recording_has_not_is_said(recording, terminal):
    t = terminal((100, 24))
    t.run("--replay", recording, "--state", "none", "--view", "metrics")
    t.wait_for("not in this recording")
    t.keys("6")
    t.wait_for("This recording has no log lines")


def test_pause_step_and_seek_by_keys_and_commands(recording, terminal):
    t = terminal((100, 24))
    t.run("--replay", recording)
    t.wait_for("REPLAY 0:0")
    t.keys("p")
    t.wait_for("PAUSED")
    t.keys("{")
    t.wait_for("REPLAY 0:00 PAUSED")
    t.keys(":")
    t.type("seek 0:03")
    t.keys("Enter")
    t.wait_for("REPLAY 0:03 PAUSED")
    at_three = t.screen()
    t.keys("]")
    t.wait_for("the recording ends here")
    t.keys(":")
    t.type("seek 3")
    t.keys("Enter")
    t.wait_for("REPLAY 0:03 PAUSED")
    assert t.screen().splitlines()[1:15] == at_three.splitlines()[1:15]
    before = t.screen()
    t.keys(",", ",")  # a delta and what follows it
    wait.until(lambda: t.screen() != before and "PAUSED" in t.screen(), 10, t.screen)
    t.keys(":")
    t.type("speed 20")
    t.keys("Enter", "p")
    t.wait_for("the recording ends here")


def test_looking_back_and_returning(terminal):
    with FakeServer(flights=5, hz=1) as server:
        t = terminal((100, 24))
        t.run(server.url, "--state", "none")
        t.wait_for("5 flights")
        t.keys("[")
        t.wait_for("REWIND")
        t.keys("L")
        wait.until(lambda: "REWIND" not in t.screen(), 10, t.screen)
        server.say({"type": "delta", "id": 1, "tick": server.tick, "base_tick": 1, "time": time.time(),
                    "changed": [], "removed": [{"hex": server.aircraft[0].hex, "reason": "left"}]})
        server.aircraft.pop(0)
        t.wait_for("4 flights")
        t.keys("{")
        screen = t.wait_for("REWIND")
        assert "AFR105" not in screen or "5 flights" in t.wait_for("5 flights")
        t.keys("5")
        t.wait_for("this view is live")
        t.keys("2", "L")
        wait.until(lambda: "REWIND" not in t.screen() and "4 flights" in t.screen(), 10, t.screen)
