"""From a row of the overview to what it is about, and back with Esc."""

import time

import pytest

from support import wait


def start(terminal, server, size=(120, 36)):
    t = terminal(size)
    server.services = [{"service": "kafka", "status": "pass", "latency_ms": 1.5},
                       {"service": "redis", "status": "fail", "output": "connection refused"}]
    t.run("--state", "none", "--view", "overview", server.url)
    t.wait_for("redis")
    t.wait_for("Lufthansa")
    return t


def place_of(t, text):
    """Column and line of a text on the screen, from 1."""
    lines = t.screen().splitlines()
    y = next(i for i, line in enumerate(lines) if text in line)
    return lines[y].index(text) + 1, y + 1


def click(t, text):
    x, y = place_of(t, text)
    t.type(f"\033[<0;{x};{y}M\033[<0;{x};{y}m")


def message(t):
    return t.screen().rstrip("\n").splitlines()[-2].strip()


def go_to(t, text, key="Down"):
    """Moves the focus until the line for messages says this."""
    said = ""
    for _ in range(40):
        wait.until(lambda: message(t) not in ("", said), 10, t.screen)  # pylint: disable=cell-var-from-loop
        said = message(t)
        if text in said:
            return
        t.keys(key)
    raise AssertionError(t.screen())


def is_shown(t, view):
    return f" {view} " in t.screen().splitlines()[0]


def test_enter_opens_what_has_the_focus_and_escape_returns(terminal, server):
    t = start(terminal, server)
    t.keys("Down")
    t.wait_for("arrows: another row")
    go_to(t, "Enter: the service redis")
    t.keys("Enter")
    wait.until(lambda: is_shown(t, "SERVICES"), 10, t.screen)
    t.wait_for("connection refused")
    t.keys("Escape")
    wait.until(lambda: is_shown(t, "OVERVIEW"), 10, t.screen)
    go_to(t, 'src = "')
    go_to(t, "Enter: the metrics (kB/s)")
    t.keys("Enter")
    wait.until(lambda: is_shown(t, "METRICS"), 10, t.screen)
    t.keys("Escape")
    wait.until(lambda: is_shown(t, "OVERVIEW"), 10, t.screen)
    go_to(t, 'operator = "')
    t.keys("Enter")
    wait.until(lambda: is_shown(t, "FLIGHTS"), 10, t.screen)
    t.wait_for('filter  operator = "')
    t.keys("Down", "Enter", "Escape")  # a detail in between is closed by itself
    wait.until(lambda: is_shown(t, "FLIGHTS") and "filter  operator" in t.screen(), 10, t.screen)
    t.keys("Escape")
    wait.until(lambda: is_shown(t, "OVERVIEW"), 10, t.screen)
    t.keys("2")
    t.wait_for("20 flights by callsign")  # the filter is gone with what it was for


def test_a_click_opens_it_too(terminal, server):
    t = start(terminal, server)
    click(t, "redis")
    wait.until(lambda: is_shown(t, "SERVICES"), 10, t.screen)
    t.keys("Escape")
    wait.until(lambda: is_shown(t, "OVERVIEW"), 10, t.screen)
    click(t, "climb")
    t.wait_for("filter  vrate > 250 and not ground")


def test_an_emergency_is_a_flight(terminal, server):
    t = start(terminal, server)
    server.say({"type": "delta", "id": 1, "tick": server.tick, "base_tick": 1, "time": 1,
                "changed": [{"hex": "4b0023", "squawk": "7700"}], "removed": []})
    t.wait_for("! AFR105")
    t.keys("Down")
    go_to(t, "Enter: all about this flight", "Up")
    t.keys("Enter")
    wait.until(lambda: is_shown(t, "FLIGHTS"), 10, t.screen)
    t.wait_for("4b0023")
    t.keys("Escape")
    wait.until(lambda: is_shown(t, "OVERVIEW"), 10, t.screen)


@pytest.mark.parametrize("size", [(40, 10), (80, 24)])
def test_small_screens_have_it_too(terminal, server, size):
    t = terminal(size)
    t.run("--state", "none", "--view", "overview", server.url)
    t.wait_for("kafka" if size == (80, 24) else "climb")  # the last thing that comes
    t.keys("Down")
    t.wait_for("Enter: ")
    go_to(t, "vrate > 250", "Down" if size == (40, 10) else "Up")
    t.keys("Enter")
    wait.until(lambda: "climb" not in t.screen(), 10, t.screen)
    t.keys("Escape")
    t.wait_for("climb")


def test_a_source_without_flights_stays_with_its_age(terminal, server):
    t = start(terminal, server)
    row = next(line for line in t.screen().splitlines() if "● fake" in line)
    assert " 20  " in row
    server.silent = True
    gone = [{"hex": a.hex, "reason": "expired"} for a in server.aircraft]
    server.aircraft.clear()
    server.say({"type": "delta", "id": 1, "tick": server.tick, "base_tick": 1, "time": time.time(), "changed": [], "removed": gone})
    wait.until(lambda: any("fake" in line and " 0  " in line for line in t.screen().splitlines()), 15, t.screen)
