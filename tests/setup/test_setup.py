"""`make deps` and `make demo` on this machine; tests/bare tries them on bare ones."""

import contextlib
import os
import pathlib
import pty
import re
import shutil
import signal
import socket
import subprocess

import pytest

from support import daemon as daemons
from support import wait
from support.recordings import REPOSITORY
from support.servers import need_program

DEPS = REPOSITORY / "tests/setup/deps.sh"


# --- deps.sh ----------------------------------------------------------------


@pytest.fixture(name="machine")
def pretended_machine(tmp_path):
    """A PATH with nothing installed, nobody root, and no sudo; a function that runs deps.sh."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("bash", "env", "mktemp", "tail", "tee", "chmod", "rm", "cat"):
        (folder / name).symlink_to(shutil.which(name))
    script(folder / "id", "echo 1000")
    script(folder / "dpkg-query", "exit 1")
    return folder


def script(path, text):
    """An executable of a pretended machine."""
    path.write_text(f"#!/bin/bash\n{text}\n")
    path.chmod(0o755)


def deps(folder, *arguments):
    """Runs deps.sh with that PATH."""
    return subprocess.run([DEPS, *arguments], env={"PATH": str(folder)}, capture_output=True,
                          text=True, check=False, timeout=60)


def test_deps_tells_what_is_missing(machine):
    """--say lists packages and touches nothing; a group can be asked alone."""
    done = deps(machine, "--say", "build")
    assert done.returncode == 0
    assert {"gcc", "librdkafka-dev", "libwebsockets-dev"} <= set(done.stdout.split())
    assert "redis-server" not in done.stdout.split()
    assert set(deps(machine, "--say").stdout.split()) > set(done.stdout.split())


def test_deps_does_nothing_when_everything_is_there(machine):
    """No word, no network, no root."""
    script(machine / "dpkg-query", "echo -n installed")
    done = deps(machine)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_deps_without_root_and_sudo_says_the_command(machine):
    """Exit 1 with the line that root has to type."""
    done = deps(machine, "demo")
    assert done.returncode == 1
    assert "apt-get install redis-server redis-tools prometheus" in done.stderr


def test_deps_uses_sudo_and_starts_no_daemon(machine, tmp_path):
    """apt-get is run by sudo while policy-rc.d forbids daemons; afterwards that is gone."""
    log = tmp_path / "log"
    script(machine / "sudo", f'echo "$*" >>{log}; [ "$1" != tee ] || cat >/dev/null')
    done = deps(machine, "demo")
    said = log.read_text()
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("installing from Debian: redis-server redis-tools prometheus")
    assert "apt-get install -y" in said and "--no-install-recommends redis-server" in said
    if not pathlib.Path("/usr/sbin/policy-rc.d").exists():
        lines = said.splitlines()
        assert lines[0] == "tee /usr/sbin/policy-rc.d" and lines[-1] == "rm -f /usr/sbin/policy-rc.d"


def test_deps_that_fails_shows_what_apt_said(machine):
    """And where the rest is."""
    script(machine / "sudo", '[ "$1" = tee ] && exec cat >/dev/null; [ "$1" != env ] || '
           '{ echo "E: no such archive"; exit 100; }')
    done = deps(machine, "demo")
    assert done.returncode == 1
    assert "E: no such archive" in done.stderr and "whole output is in" in done.stderr


def test_deps_knows_its_groups(machine):
    """A wrong word is an error that lists the right ones."""
    done = deps(machine, "tset")
    assert done.returncode == 2 and "build, demo, stack, test" in done.stderr


# --- make demo ----------------------------------------------------------------


def of_this_test(tmp_path):
    """Pids and command lines of everything that was started with this test's TMPDIR."""
    found = []
    mark = f"TMPDIR={tmp_path}".encode()
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if mark in (folder / "environ").read_bytes().split(b"\0"):
                words = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
                if words:
                    found.append(f"{folder.name} {words}")
    return found


def nothing_left(tmp_path):
    """Waits until its processes and folders are gone."""
    wait.until(lambda: not of_this_test(tmp_path) and not list(tmp_path.glob("flightdash*")), 30,
               lambda: f"left: {of_this_test(tmp_path)} {list(tmp_path.iterdir())}")


def environment(tmp_path, **more):
    """Everything of a demo bears the mark of its test."""
    kept = {k: v for k, v in os.environ.items()
            if k not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "FLIGHTDASH_URL")}
    return {**kept, "TMPDIR": str(tmp_path), "TERM": "xterm-256color", **more}


def demo(tmp_path, seconds=120, **more):
    """`make demo` without a terminal; its output."""
    need_program("prometheus")
    need_program("redis-server")
    done = subprocess.run(["make", "demo", f"B={daemons.BUILD}"], cwd=REPOSITORY,
                          env=environment(tmp_path, **more), stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, check=False, timeout=seconds)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    nothing_left(tmp_path)
    return done.stdout


def flights_in(said):
    """Rows of the table: a callsign or none, an address."""
    return re.findall(r"^\S* +~?[0-9a-f]{6} ", said[said.index("ready "):], re.M)


def test_demo_without_terminal(tmp_path):
    """Prints the table of live flights once; exit 0; nothing left."""
    said = demo(tmp_path)
    assert len(flights_in(said)) >= 10, said
    assert re.search(r"ready role=all http=127.0.0.1:\d+ kafka=\S+ redis=\S+ prometheus=\S+", said)


def test_demo_takes_another_port(tmp_path):
    """When 8080 is taken."""
    with contextlib.ExitStack() as stack:
        taken = stack.enter_context(socket.socket())
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with contextlib.suppress(OSError):  # somebody else's is as good
            taken.bind(("127.0.0.1", 8080))
            taken.listen()
        said = demo(tmp_path)
    port = re.search(r"http=127.0.0.1:(\d+)", said)
    assert port and port[1] != "8080" and flights_in(said)


def test_demo_with_the_real_servers(tmp_path):
    """STACK=1: Kafka and Elasticsearch too."""
    for name in ("kafka", "elasticsearch"):
        got = subprocess.run([REPOSITORY / f"tests/stack/{name}.sh", "get"], check=False,
                             capture_output=True, text=True)
        if got.returncode:
            pytest.skip(got.stderr.strip().splitlines()[-1])
    said = demo(tmp_path, seconds=300, STACK="1")
    assert flights_in(said) and "elasticsearch=" in said


class Terminal:
    """`make demo` on a terminal of its own."""

    def __init__(self, tmp_path):
        self.tmp_path, self.said = tmp_path, b""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(REPOSITORY)
            os.execvpe("make", ["make", "demo", f"B={daemons.BUILD}"], environment(tmp_path))

    def read(self):
        """What it wrote so far."""
        with contextlib.suppress(OSError):
            while chunk := self._available():
                self.said += chunk
        return self.said

    def _available(self):
        os.set_blocking(self.fd, False)
        try:
            return os.read(self.fd, 65536)
        except BlockingIOError:
            return b""

    def await_dashboard(self):
        """Until the terminal client has drawn something."""
        def drawn():
            running = [line for line in of_this_test(self.tmp_path) if "/flightdash " in line]
            return b"ready role=all" in self.read() and running \
                and len(self.said.split(b"ready role=all")[1]) > 400
        wait.until(drawn, 120, lambda: f"the dashboard on screen: {self.said[-2000:]!r}")

    def write(self, keys):
        """Types."""
        os.write(self.fd, keys)

    def ended(self):
        """Waits for make's end, reading on; its wait status."""
        def reaped():
            self.read()
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            return (status,) if pid else None
        return wait.until(reaped, 30, "make ended")[0]


@pytest.fixture(name="terminal")
def demo_on_a_terminal(tmp_path):
    """The dashboard, drawn."""
    need_program("prometheus")
    need_program("redis-server")
    one = Terminal(tmp_path)
    try:
        one.await_dashboard()
        yield one
    finally:
        with contextlib.suppress(OSError):
            os.close(one.fd)
        with contextlib.suppress(OSError):
            os.kill(one.pid, signal.SIGKILL)
        with contextlib.suppress(OSError):
            os.waitpid(one.pid, 0)


def test_demo_ends_with_the_dashboard(terminal, tmp_path):
    """q leaves; make's status is 0; nothing left."""
    terminal.write(b"q")
    assert terminal.ended() == 0
    nothing_left(tmp_path)


@pytest.mark.parametrize("send, number", [
    (os.killpg, signal.SIGINT), (os.killpg, signal.SIGHUP),  # as a terminal does
    (os.kill, signal.SIGTERM), (os.kill, signal.SIGKILL)], ids=lambda one: getattr(one, "name", ""))
def test_demo_leaves_nothing_when_make_is_killed(terminal, tmp_path, send, number):
    """However make ends, what it started ends."""
    send(terminal.pid, number)
    terminal.ended()
    nothing_left(tmp_path)


def test_demo_leaves_nothing_when_its_script_is_killed(terminal, tmp_path):
    """kill -9 of demo.sh itself."""
    pid = next(line.split()[0] for line in of_this_test(tmp_path) if "demo.sh" in line)
    os.kill(int(pid), signal.SIGKILL)
    terminal.ended()
    nothing_left(tmp_path)


def test_demo_leaves_nothing_when_the_terminal_goes(terminal, tmp_path):
    """A closed window is a hang-up."""
    os.close(terminal.fd)
    nothing_left(tmp_path)
