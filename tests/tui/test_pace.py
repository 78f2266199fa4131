"""flightdash paced by its viewer: slow lines, terminals that answer and those that do not, and what
is left behind for the shell."""

import contextlib
import os
import signal
import socket
import termios
import time

import pytest

from conftest import PROGRAM
from support import wait
from support.pty_terminal import PtyTerminal


def dash(server, *arguments, **options):
    """flightdash on a terminal of our own."""
    return PtyTerminal([str(PROGRAM), server.url, *arguments], **options)


def is_cooked(terminal):
    """The shell's modes are back."""
    return terminal.modes_now() & (termios.ICANON | termios.ECHO) == termios.ICANON | termios.ECHO


def test_a_key_is_answered_within_a_second_on_a_slow_line(server):
    with dash(server, bytes_per_s=1200) as t:
        t.wait_for("AFR105", 20)
        wait.pass_time(8)
        t.type(b"/")
        t.type(b"DLH")
        t.wait_for("of 20 match", 3)
        took = []
        for key, text in ((b"\x1b", "AFR105"), (b"?", "Turn the order round")):
            wait.pass_time(3)
            began = len(t.shown)
            asked = time.monotonic()
            t.type(key)
            wait.until(lambda began=began: len(t.shown) > began + 20, 5, t.screen, period_s=0.01)
            took.append(time.monotonic() - asked)
            t.wait_for(text, 6)
        assert max(took) <= 1.0 * wait.PATIENCE, took
        assert len(t.waiting) < 4000


def test_the_line_never_holds_more_than_two_frames(server):
    with dash(server, bytes_per_s=600) as t:
        t.wait_for("AFR105", 30)
        wait.until(lambda: not t.waiting, 20, "the first screen has come")
        most = 0
        for _ in range(60):
            t.type(b"\x1b[B")
            wait.pass_time(0.05)
            most = max(most, len(t.waiting))
        assert most < 2500, most


def test_a_slow_line_is_told(server):
    with dash(server, bytes_per_s=300) as t:
        t.wait_for("s late", 40)
        assert "B/s" in t.screen()


@pytest.mark.parametrize("key", [b"q", None])
def test_no_answer_is_left_for_the_shell(server, key):
    with dash(server, bytes_per_s=2400) as t:
        t.wait_for("AFR105", 20)
        t.type(key) if key else t.kill(signal.SIGTERM)
        assert t.wait_for_end() == 0
        wait.until(lambda: not t.waiting, 10, "the line is empty")
        assert t.unread() == b""
        assert is_cooked(t)


def test_it_ends_when_the_last_answer_has_come(server):
    with dash(server) as t:
        t.wait_for("AFR105")
        began = time.monotonic()
        t.type(b"q")
        assert t.wait_for_end() == 0
        assert time.monotonic() - began < 2 * wait.PATIENCE


def test_nor_is_one_when_it_is_stopped(server):
    with dash(server, bytes_per_s=2400) as t:
        t.wait_for("AFR105", 20)
        t.type(b"\x1a")
        wait.until(lambda: stopped(t.process.pid), 10, "stopped")
        wait.until(lambda: not t.waiting, 10, "the line is empty")
        assert t.unread() == b"" and is_cooked(t)
        before = len(t.shown)
        t.kill(signal.SIGCONT)
        wait.until(lambda: b"CALLSIGN" in t.shown[before:], 15, t.screen)
        assert not is_cooked(t)


def stopped(pid):
    """The process is stopped by a signal."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        return file.read().rsplit(")", 1)[1].split()[0] == "T"


def test_a_terminal_that_never_answers_works_as_well(server):
    with dash(server, answers=False) as t:
        t.wait_for("AFR105")
        for _ in range(5):
            t.type(b"\x1b[B")
        t.type(b"\r")
        t.wait_for("heard 0s ago", 3)
        wait.pass_time(6)
        before = len(t.shown)
        wait.pass_time(2)
        assert b"\x1b[5n" not in t.shown[before:]  # it is not asked any more
        t.type(b"q")
        assert t.wait_for_end() == 0
        assert is_cooked(t)


def test_frames_are_synchronized_only_for_those_who_said_yes(server):
    for answer, expected in ((0, False), (2, True)):
        with dash(server, modes={2026: answer}) as t:
            t.wait_for("AFR105")
            t.type(b"?")
            t.wait_for("Turn the order round")
            assert (b"\x1b[?2026h" in t.shown) == expected
            assert t.shown.count(b"\x1b[?2026h") == t.shown.count(b"\x1b[?2026l")


def test_terminals_of_another_kind_are_not_asked(server):
    with dash(server, term="vt52", answers=False, emulate=False) as t:
        wait.until(lambda: b"CALLSIGN" in t.shown, 15, "the list")
        wait.pass_time(1)
        assert b"\x1b[5n" not in t.shown and b"$p" not in t.shown


def test_a_budget_is_kept(server):
    with dash(server, "--budget", "400", answers=False) as t:
        t.wait_for("AFR105", 30)
        before, began = t.sent(), time.monotonic()
        for _ in range(40):
            t.type(b"\x1b[B\x1b[A")
            wait.pass_time(0.1)
        rate = (t.sent() - before) / (time.monotonic() - began)
        assert rate <= 400 * 1.3, rate




def test_a_storm_of_sizes_ends_in_the_last_one(server):
    with dash(server) as t:
        t.wait_for("AFR105")
        for i in range(200):
            t.resize((60 + i % 90, 12 + i % 40))
        t.resize((100, 30))
        wait.until(lambda: t.screen().splitlines()[0].rstrip().endswith("Z") and
                   len(t.screen().splitlines()[0].rstrip()) >= 97 and
                   "Enter" in t.screen().splitlines()[-1], 10, t.screen)


def test_a_dead_terminal_ends_it_although_hang_ups_are_ignored(server):
    with PtyTerminal(["/bin/sh", "-c", 'trap "" HUP; exec "$0" "$1"', str(PROGRAM), server.url]) as t:
        t.wait_for("AFR105")
        t.hang_up()
        assert t.process.wait(10) is not None


def test_the_terminal_stays_blocking(server):
    with dash(server) as t:
        t.wait_for("AFR105")
        with open(f"/proc/{t.process.pid}/fdinfo/0", encoding="ascii") as file:
            flags = int(next(line for line in file if line.startswith("flags:")).split()[1], 8)
        assert not flags & os.O_NONBLOCK


def test_behind_a_multiplexer_the_connection_tells(server):
    """The terminal answers at once, but the TCP connection of SSH_CONNECTION takes nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener, \
            socket.create_connection(listener.getsockname()) as viewer:
        ours, _ = listener.accept()
        with ours:
            names = "{} {} {} {}".format(*viewer.getsockname(), *ours.getsockname())
            with dash(server, term="tmux-256color", environment={"SSH_CONNECTION": names}) as t:
                t.wait_for("AFR105")
                ours.setblocking(False)
                with contextlib.suppress(BlockingIOError):
                    while True:
                        ours.send(b"x" * 65536)
                wait.pass_time(0.5)
                before = t.sent()
                t.type(b"\x1b[B")
                wait.pass_time(2.5)
                assert t.sent() == before
                viewer.setblocking(False)

                def drained():
                    with contextlib.suppress(BlockingIOError):
                        viewer.recv(1 << 20)
                    return t.sent() > before
                wait.until(drained, 10, "frames again")
