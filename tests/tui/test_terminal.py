"""flightdash on a terminal, as a person has it: keys in, screen out, and the way it ends."""

import os
import re
import signal

from support import wait


def start(terminal, server, *arguments, size=(80, 24), environment=None):
    t = terminal(size)
    t.run(server.url, *arguments, environment=environment)
    t.wait_for("AFR105" if size[1] > 10 else "CALLSIGN")
    return t


def test_flights_appear_and_q_gives_the_terminal_back(terminal, server):
    t = start(terminal, server)
    screen = t.wait_for("20 flights")
    assert "2 FLIG" in screen and "CALLSIGN" in screen
    t.keys("q")
    assert t.wait_for_end() == 0
    t.wait_for("ready>")
    assert "CALLSIGN" not in t.screen()  # the alternate screen is gone
    settings = (t.folder / "stty").read_text()
    assert "-icanon" not in settings and " -echo " not in settings


def test_the_selection_opens_and_closes(terminal, server):
    t = start(terminal, server)
    t.keys("Down", "Down", "Enter")
    screen = t.wait_for("heard 0s ago")
    assert "Squawk" in screen and "Source type" in screen
    t.keys("Escape")
    t.wait_for("CALLSIGN")


def test_a_filter_works_while_it_is_typed(terminal, server):
    t = start(terminal, server)
    t.keys("/")
    t.type("type ~ E*")
    t.wait_for("of 20 match")
    t.keys("C-u")
    t.type("typ = 1")
    t.wait_for("no field 'typ'")
    t.keys("Escape")
    t.wait_for("AFR105")


def test_every_view_answers(terminal, server):
    t = start(terminal, server)
    for key, text in (("4", "kafka"), ("5", "Aircraft"), ("6", "line 49 of the log"), ("2", "AFR105"), ("?", "Moving")):
        t.keys(key)
        t.wait_for(text)


def test_resizing_draws_anew(terminal, server):
    t = start(terminal, server)
    for width, height in ((40, 10), (132, 43), (200, 50), (80, 24)):
        t.tmux("resize-window", "-x", str(width), "-y", str(height))
        # the status line reaches the right border, the keys the last line
        wait.until(lambda: t.screen().splitlines()[0].rstrip().endswith("Z") and
                   len(t.screen().splitlines()[0].rstrip()) >= width - 2 and
                   "Enter" in t.screen().rstrip("\n").splitlines()[-1], 10, t.screen)


def test_a_lost_server_is_told_and_found_again(terminal, server):
    t = start(terminal, server)
    server.drop()
    t.wait_for("Link down")
    assert "AFR105" in t.screen()  # what was known stays
    wait.until(lambda: "Link down" not in t.screen(), 20, t.screen)
    assert server.connections >= 2
    hello = [m for m in server.heard if m["type"] == "hello"][-1]
    assert hello["resume"]["epoch"] == "00112233aabbccdd"


def test_a_silent_server_counts_as_broken(terminal, server):
    t = start(terminal, server)
    server.silent = True
    t.wait_for("silent", 20)


def test_a_gap_in_the_deltas_is_healed(terminal, server):
    start(terminal, server)
    server.say({"type": "delta", "id": 1, "tick": server.tick + 900, "base_tick": server.tick + 800,
                "time": 1, "changed": [], "removed": []})
    wait.until(lambda: "resync" in server.heard_types(), 10, "a resync")


def test_the_window_is_killed(terminal, server, gone):
    t = start(terminal, server)
    pid = t.pid()
    t.close()
    gone(pid)


def test_signals_end_it_tidily(terminal, server, gone):
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        t = start(terminal, server)
        os.kill(t.pid(), number)
        assert t.wait_for_end() == 0
        t.wait_for("ready>")
        assert "-icanon" not in (t.folder / "stty").read_text()


def test_a_crash_gives_the_terminal_back(terminal, server):
    t = start(terminal, server)
    os.kill(t.pid(), signal.SIGABRT)
    assert t.wait_for_end() == 128 + signal.SIGABRT
    t.wait_for("ready>")
    assert "-icanon" not in (t.folder / "stty").read_text()
    assert "CALLSIGN" not in t.screen()


def test_an_unknown_terminal_works(terminal, server):
    t = start(terminal, server, environment={"TERM": "some-terminal-of-2031"})
    t.wait_for("some-terminal-of-2031 is not known")


def test_the_c_locale_is_ascii(terminal, server):
    t = start(terminal, server, environment={"LC_ALL": "C"})
    screen = t.wait_for("20 flights")
    assert screen.isascii(), screen


def test_no_color_sends_no_colour(terminal, server):
    t = start(terminal, server, environment={"NO_COLOR": "1"})
    coloured = t.tmux("capture-pane", "-p", "-e")
    codes = [code for part in coloured.split("\033[")[1:] for code in part.split("m")[0].split(";")]
    assert not [code for code in codes if code.isdigit() and (30 <= int(code) <= 38 or 40 <= int(code) <= 48)]


def test_stopped_and_continued(terminal, server):
    t = start(terminal, server)
    t.keys("C-z")
    t.wait_for("Stopped")
    assert "-icanon" not in (t.folder / "stty").read_text()
    t.type("fg")
    t.keys("Enter")
    t.wait_for("AFR105")
    t.keys("q")
    t.wait_for("ready>")


def test_a_token_is_sent_and_a_wrong_one_told(terminal, tmp_path):
    from support.fakeserver import FakeServer
    (tmp_path / "token").write_text("secret-1\n")
    with FakeServer(flights=20, token="secret-1") as one:
        start(terminal, one, "--token-file", str(tmp_path / "token")).keys("q")
        t = terminal()
        t.run(one.url)
        t.wait_for("4001, no valid token")


def place(screen):
    """Where the map says that it is, and how close."""
    found = re.search(r"(\d+\.\d[NS]) (\d+\.\d[EW])  z(\d+\.\d)", screen)
    return found and found.groups()


def test_the_map_goes_where_keys_and_the_mouse_say(terminal, server):
    t = start(terminal, server)
    t.keys("3")
    t.wait_for("in sight")
    moves = (["+"], "\033[<64;40;12M",  # the wheel
             ["Right"], "\033[<0;40;12M\033[<32;45;14M\033[<0;50;16m",  # a drag
             ["0"])
    for move in moves:
        before = place(t.screen())
        if isinstance(move, list):
            t.keys(*move)
        else:
            t.type(move)
        wait.until(lambda: place(t.screen()) not in (None, before), 15, f"the map to move after {move!r}")


def test_a_click_selects_and_enter_tells_all(terminal, server):
    t = start(terminal, server)
    t.keys("3", "x")
    t.wait_for("in sight")
    lines = t.screen().splitlines()
    y, x = next((y, x) for y, line in enumerate(lines[1:-2], 1) for x, c in enumerate(line) if c in "↑↗→↘↓↙←↖▪")
    t.type(f"\033[<0;{x + 1};{y + 1}M\033[<0;{x + 1};{y + 1}m")
    t.wait_for("position ")  # of its card
    t.keys("Enter")
    t.wait_for("Squawk")


def test_the_overview_takes_panes_off_and_keeps_that(terminal, server):
    t = start(terminal, server)
    t.keys("1")
    t.wait_for("Attention")
    t.keys("o", "o")
    screen = t.wait_for("panes: numbers")
    assert "Operators" in screen and "Types" in screen
    t.keys("e")
    t.wait_for("attention off")
    wait.until(lambda: "Attention ─" not in t.screen(), 10, "the pane to go")
