"""The terminal on the real flightdashd: what the server knows is what the screen shows."""

import json
import os
import pathlib
import subprocess

import pytest

from support import wait
from support.daemon import Daemon
from support.servers import http

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = pathlib.Path(os.environ.get("FLIGHTDASH_BUILD", ROOT / "build")) / "flightdash"


@pytest.fixture
def daemon(tmp_path):
    one = Daemon(tmp_path / "daemon", source="sim:?aircraft=25&rate_hz=2&seed=3").start()
    yield one
    one.kill9()


def url(daemon):
    return f"ws://{daemon.ready['http']}/ws"


def once(daemon, *arguments):
    done = subprocess.run([PROGRAM, "--once", "--format", "json", *arguments, url(daemon)], capture_output=True,
                          text=True, timeout=30, check=False, env={"PATH": os.environ["PATH"]})
    return json.loads(done.stdout)


def known(daemon):
    return {flight["hex"] for flight in once(daemon)["flights"]}


def test_once_has_the_flights_of_the_api(daemon):
    wait.until(lambda: len(known(daemon)) == 25, 20, "25 flights")
    status, text = http(f"http://{daemon.ready['http']}/api/v1/flights?limit=100")
    assert status == 200
    answer = json.loads(text)
    assert {flight["hex"] for flight in answer["flights"]} == known(daemon)


def test_every_view_of_the_real_server(daemon, terminal):
    t = terminal((120, 40))
    t.run(url(daemon))
    t.wait_for("25 flights")
    t.keys("Down", "Enter")
    t.wait_for("Source type")
    t.keys("Escape", "4")
    t.wait_for("kafka")
    t.keys("5")
    t.wait_for("Aircraft")
    t.keys("6")
    t.wait_for("Elasticsearch")
    t.keys("1")
    t.wait_for("Traffic")
    t.keys("8")
    t.wait_for("8 ALERTS")


def test_a_server_that_was_killed_comes_back(daemon, terminal):
    t = terminal()
    t.run(url(daemon))
    t.wait_for("25 flights")
    daemon.kill9()
    t.wait_for("Link down")
    assert "25 flights" in t.screen()
    daemon.start()
    wait.until(lambda: "Link down" not in t.screen() and "25 flights" in t.screen(), 40, t.screen)


def test_a_recording_is_shown_again(daemon, terminal, tmp_path):
    kept = tmp_path / "kept.zst"
    t = terminal()
    t.run(url(daemon), "--record", kept)
    t.wait_for("25 flights")
    t.keys("q")
    assert t.wait_for_end() == 0
    daemon.stop()
    shown = terminal((100, 30))
    shown.run("--replay", kept, "--speed", "5")
    screen = shown.wait_for("REPLAY")
    shown.wait_for("25 flights")
    assert "CALLSIGN" in screen
