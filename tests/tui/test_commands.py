"""`:` commands, files, the clipboard, what is kept: on a terminal, as a person has them."""

import json
import os
import pathlib
import signal

import pytest

from support import wait

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = pathlib.Path(os.environ.get("FLIGHTDASH_BUILD", ROOT / "build")) / "flightdash"


def start(terminal, server, *arguments, size=(100, 30), environment=None):
    t = terminal(size)
    t.run(server.url, *arguments, environment=environment)
    t.wait_for("AFR105")
    return t


def command(t, text):
    t.keys(":")
    t.type(text)
    t.keys("Enter")


def link_of(t):
    """The command line that :link shows, joined."""
    command(t, "link")
    screen = t.wait_for("y copies it")
    lines = [line.strip() for line in screen.splitlines()]
    first = next(i for i, line in enumerate(lines) if line.startswith("flightdash"))
    words = []
    for line in lines[first:]:
        words.append(line.removesuffix("\\").strip())
        if not line.endswith("\\"):
            break
    t.keys("Escape")
    return " ".join(words)


def body(screen):
    """The view's lines: neither the clock above nor the messages below."""
    return [line.rstrip() for line in screen.splitlines()[1:-2]]


@pytest.fixture
def still(server):
    """A server whose aircraft do not move: two looks at it are equal."""
    server.silent = True
    return server


@pytest.mark.parametrize("doing", [
    ["sort -alt", "filter alt > 20000", "columns callsign,alt,gs,squawk", "units metric", "select AFR105"],
    ["map", "centre 47.5,8.5", "zoom 6.5", "select AFR105", "theme mono"],
])
def test_the_link_shows_the_same_screen_again(terminal, still, doing):
    t = start(terminal, still, "--state", "none")
    for text in doing:
        command(t, text)
    link = link_of(t)
    assert still.url in link
    again = terminal((100, 30))
    again.type(link.replace("flightdash", str(PROGRAM), 1))
    again.keys("Enter")
    wait.until(lambda: body(again.screen()) == body(t.screen()), 15, lambda: t.screen() + again.screen())


def test_state_is_kept_and_comes_back(terminal, server, tmp_path):
    kept = tmp_path / "kept" / "state"
    t = start(terminal, server, "--state", str(kept))
    command(t, "sort -alt")
    command(t, "units metric")
    t.keys("q")
    assert t.wait_for_end() == 0
    text = kept.read_text()
    assert "sort -alt" in text and "history.command sort -alt" in text and "units metric" in text
    assert [p.name for p in kept.parent.iterdir()] == ["state"]
    again = start(terminal, server, "--state", str(kept), "--units", "imperial")
    again.wait_for("ALT▾ ft")  # what is said wins over what was kept
    again.keys(":", "Up")
    again.wait_for(":units metric")


def test_a_country_by_its_name_is_on_the_map(terminal, server):
    t = start(terminal, server, "--state", "none")
    command(t, "centre Switzerland")
    t.wait_for("·lszh")
    t.wait_for("in sight")
    t.keys("Escape")
    t.wait_for("CALLSIGN")  # back where it was asked
    command(t, "centre Atlantis")
    t.wait_for("neither LAT,LON nor an airport or country")


@pytest.mark.parametrize("end", ["q", signal.SIGHUP, signal.SIGTERM])
def test_everything_survives_a_restart(terminal, server, tmp_path, end):
    """What was chosen comes back however it ended; the configuration is never touched."""
    kept, configuration = tmp_path / "state", tmp_path / "flightdash.conf"
    configuration.write_text("; mine\n[flightdash]\nbell = yes\n")
    before = (configuration.read_bytes(), configuration.stat().st_mtime_ns, configuration.stat().st_ino)
    t = start(terminal, server, "--state", str(kept), "--config", str(configuration))
    for text in ("sort -gs", "columns callsign,gs,squawk", "units metric", "select AFR105", "watch", "map", "zoom 6.5",
                 "flights"):
        command(t, text)
        wait.until(lambda: f":{text}" not in t.screen(), 10, t.screen)  # pylint: disable=cell-var-from-loop
    t.wait_for("GS▾")
    t.wait_for("AFR105")
    if end == "q":
        t.keys("q")
    else:
        os.kill(t.pid(), end)
    assert t.wait_for_end() == 0
    text = kept.read_text()
    for line in ("view flights", "sort -gs", "columns callsign gs squawk", "mark 4b0023", "history.command zoom 6.5"):
        assert line + "\n" in text, text
    assert "map.zoom 6.5" in text
    again = terminal((100, 30))
    again.run(server.url, "--state", str(kept), "--config", str(configuration))
    again.wait_for("GS▾")
    head = again.screen().splitlines()[1]
    assert "CALLSIGN" in head and "SQWK" in head and "ALT" not in head
    again.wait_for("* AFR105")  # still watched
    again.keys("q")
    assert again.wait_for_end() == 0
    assert kept.read_text() == text  # nothing is lost on the way
    assert before == (configuration.read_bytes(), configuration.stat().st_mtime_ns, configuration.stat().st_ino)


def test_a_broken_state_is_said_and_left_out(terminal, server, tmp_path):
    kept = tmp_path / "state"
    kept.write_text("flightdash state 1\nsort -alt\ngarbage\n")
    t = start(terminal, server, "--state", str(kept))
    t.wait_for("state:3: neither a name nor a text after it")
    assert "ALT▾" not in t.screen()


def test_the_screen_and_the_data_are_written(terminal, server):
    t = start(terminal, server)
    for name in ("screen.txt", "screen.ansi", "screen.svg", "flights.csv", "flights.json"):
        t.keys("w", "C-u")
        t.type(name)
        t.keys("Enter")
        t.wait_for(f"bytes to {name}")
    assert "CALLSIGN" in (t.folder / "screen.txt").read_text()
    assert "\033[0;" in (t.folder / "screen.ansi").read_text()
    assert (t.folder / "screen.svg").read_text().rstrip().endswith("</svg>")
    assert (t.folder / "flights.csv").read_text().startswith("hex,")
    assert json.loads((t.folder / "flights.json").read_text())["total"] == 20


def test_the_points_of_the_graphs_are_written(terminal, server):
    t = terminal((100, 30))
    t.run(server.url, "--view", "metrics", "--state", "none")
    t.wait_for("job=flightdash")
    for name in ("points.csv", "points.json"):
        command(t, f"write {name}")
        t.wait_for(f"bytes to {name}")
    lines = (t.folder / "points.csv").read_text().splitlines()
    assert lines[0] == "time,graph,unit,series,value" and len(lines) == 1 + 4 * 61
    graphs = json.loads((t.folder / "points.json").read_text())["graphs"]
    assert [len(graph["series"][0]["points"]) for graph in graphs] == [61] * 4


def test_nothing_is_overwritten_without_a_yes(terminal, server):
    t = start(terminal, server)
    (t.folder / "mine.txt").write_text("precious")
    command(t, "write mine.txt")
    t.wait_for("Overwrite it? y/n")
    t.keys("n")
    t.wait_for("write to mine.txt")
    assert (t.folder / "mine.txt").read_text() == "precious"
    t.keys("Enter")
    t.wait_for("Overwrite it? y/n")
    t.keys("y")
    t.wait_for("bytes to mine.txt")
    assert "CALLSIGN" in (t.folder / "mine.txt").read_text()
    command(t, "write /nonexistent/x.txt")
    t.wait_for("No such file")


def test_a_row_is_copied_to_the_clipboard_of_tmux(terminal, server):
    t = start(terminal, server)
    t.tmux("set-option", "-s", "set-clipboard", "on")
    t.keys("Down", "Down", "y")
    t.wait_for("copied this row")
    wait.until(lambda: t.tmux("list-buffers"), 5, "a buffer of tmux")
    row = t.tmux("show-buffer")
    assert row.split()[0] in t.screen() and not row.startswith(">")
    command(t, "copy hex")
    wait.until(lambda: t.tmux("show-buffer").startswith("4b00"), 5, lambda: t.tmux("show-buffer"))


def test_a_theme_is_applied_while_browsing_and_when_it_is_saved(terminal, server, tmp_path):
    mine = tmp_path / "mine.theme"
    mine.write_text("[roles]\nheading = 196\n")
    t = start(terminal, server, "--theme", str(mine), environment={"TERM": "xterm-256color"})
    coloured = lambda: t.tmux("capture-pane", "-p", "-e")  # noqa: E731
    wait.until(lambda: "38;5;196m" in coloured(), 10, coloured)
    mine.write_text("[roles]\nheading = 46 underline\n")
    wait.until(lambda: "38;5;46m" in coloured() and "38;5;196m" not in coloured(), 10, coloured)
    mine.write_text("[roles]\nhaeding = 46\n")
    t.wait_for("mine.theme:2: unknown role")
    assert "38;5;46m" in coloured()
    t.keys("t", "Home")
    t.wait_for("> default")
    wait.until(lambda: "38;5;46m" not in coloured(), 10, coloured)
    t.keys("Escape")
    wait.until(lambda: "catppuccin" not in t.screen(), 10, t.screen)


def test_the_keymap_file_moves_keys_and_the_help_says_so(terminal, server, tmp_path):
    keys = tmp_path / "keys"
    keys.write_text("[keys]\nquit = F10\nsort = o\n")
    t = start(terminal, server, "--keymap", str(keys))
    t.keys("o")
    t.wait_for("▴")
    t.keys("?")
    t.wait_for("Flights")
    t.keys("End")
    t.wait_for("Commands, after :")
    t.keys("q", "q")
    t.wait_for("AFR105")
    t.keys("F10")
    assert t.wait_for_end() == 0
