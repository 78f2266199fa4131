"""The list of flights as two people have it who watch the same real server."""

import pytest

from support import wait
from support.daemon import Daemon
from support.embedded import Feeder


@pytest.fixture
def daemon(tmp_path):
    """24 simulated aircraft, and one that squawks 7700 from the first record on."""
    one = Daemon(tmp_path / "daemon", source="sim:?aircraft=24&rate_hz=2&emergencies=0&seed=3").start()
    feeder = Feeder(one.kafka)
    with wait.repeatedly(lambda: feeder.send("4b0001", squawk="7700", flight="MAYDAY", lat=47.0, lon=8.0, alt_baro=9000)):
        yield one
    one.kill9()


def start(terminal, daemon, *arguments, size=(100, 30)):
    t = terminal(size)
    t.run("--state", "none", *arguments, f"ws://{daemon.ready['http']}/ws")
    t.wait_for("25 flights")
    return t


def top(t):
    return t.screen().splitlines()[0]


def pinned(t):
    return [line for line in t.screen().splitlines()[1:] if line.startswith("! ")]


def test_an_acknowledgement_reaches_the_other_viewer(daemon, terminal):
    first, second = start(terminal, daemon), start(terminal, daemon)
    for t in (first, second):
        wait.until(lambda: len(pinned(t)) == 1 and "!1" in top(t), 20, t.screen)
    first.keys("8")
    first.wait_for("! open")  # the server knows of it
    first.keys("2", "Home", "a")
    first.wait_for("acknowledged for everyone")
    for t in (first, second):
        wait.until(lambda: not pinned(t) and "!1" not in top(t), 20, t.screen)
    second.keys("8")
    second.wait_for("  seen")
    second.wait_for("acknowledged at")


def test_the_bell_rings_for_an_emergency_only_when_wanted(daemon, terminal):
    for arguments, rings in (((), False), (("--bell",), True)):
        t = terminal((100, 30))
        t.tmux("set-hook", "-g", "alert-bell", "set-option -g @rang yes")
        t.run("--state", "none", *arguments, f"ws://{daemon.ready['http']}/ws")
        wait.until(lambda: len(pinned(t)) == 1, 20, t.screen)
        rang = lambda: t.tmux("show-options", "-gqv", "@rang").strip() == "yes"
        if rings:
            wait.until(rang, 10, t.screen)
        t.keys("?")
        t.wait_for("Everywhere")  # all that was to be written is written
        assert rang() == rings


def test_columns_are_chosen_and_sorted_by(daemon, terminal):
    t = start(terminal, daemon)
    t.keys("c")
    t.wait_for("Columns: ")
    t.keys("End")
    t.wait_for("special position identifi")
    t.keys("Space")
    t.wait_for("x spi")
    t.keys("Escape")
    wait.until(lambda: "SPI" in t.screen().splitlines()[1], 10, t.screen)


def test_a_watched_aircraft_is_told_of(daemon, terminal):
    t = start(terminal, daemon, "--home", "47.46,8.55", "--watch", "alt > 0", "--near", "5000")
    t.keys("8")
    t.wait_for("* here")
    t.wait_for("is nearer than 5000 nm")
