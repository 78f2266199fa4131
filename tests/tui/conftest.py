"""A real terminal (tmux) and a server of our own making."""

import os
import pathlib
import shlex
import shutil
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from support import processes, wait  # noqa: E402
from support.fakeserver import FakeServer  # noqa: E402

PROGRAM = pathlib.Path(os.environ.get("FLIGHTDASH_BUILD", ROOT / "build")) / "flightdash"


class Terminal:
    """One tmux server with one window that runs a shell, and flightdash in it."""

    def __init__(self, folder, size=(80, 24)):
        self.folder, self.socket = folder, str(folder / "tmux")
        self.status = folder / "status"
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", str(size[0]), "-y", str(size[1]),
                  "env", "PS1=ready> ", "HOME=" + str(folder), "sh")
        self.tmux("set-option", "-g", "escape-time", "0")
        self.wait_for("ready>")

    def tmux(self, *words, check=True):
        environment = dict(os.environ, LC_ALL="C.UTF-8")
        environment.pop("TMUX", None)
        return subprocess.run(["tmux", "-S", self.socket, *words], env=environment, check=check,
                              capture_output=True, text=True, timeout=20).stdout

    def run(self, *arguments, environment=None):
        """Starts flightdash from the shell; its exit status goes to a file."""
        words = " ".join(shlex.quote(str(word)) for word in (PROGRAM, *arguments))
        sets = " ".join(f"{key}={shlex.quote(value)}" for key, value in (environment or {}).items())
        self.type(f"echo $$ > shell; env {sets} {words}; echo $? > {self.status}; stty -a | head -4 > stty")
        self.keys("Enter")

    def type(self, text):
        self.tmux("send-keys", "-l", text)

    def keys(self, *names):
        self.tmux("send-keys", *names)

    def screen(self):
        return self.tmux("capture-pane", "-p")

    def wait_for(self, text, seconds=15):
        wait.until(lambda: text in self.screen(), seconds, lambda: f"{text!r} on\n{self.screen()}")
        return self.screen()

    def wait_for_end(self):
        wait.until(lambda: self.status.exists() and self.status.read_text().strip(), 15, lambda: self.screen())
        return int(self.status.read_text())

    def pid(self):
        """The process id of flightdash: the child of the shell of this window."""
        shell = self.tmux("list-panes", "-F", "#{pane_pid}").strip()
        out = subprocess.run(["ps", "-o", "pid=,comm=", "--ppid", shell], capture_output=True, text=True, check=False).stdout
        found = [int(line.split()[0]) for line in out.splitlines() if "flightdash" in line]
        return found[0] if found else None

    def close(self):
        self.tmux("kill-server", check=False)


@pytest.fixture
def terminal(tmp_path):
    """A function that opens a terminal of a size."""
    if shutil.which("tmux") is None:
        pytest.skip("no tmux")
    opened = []

    def open_one(size=(80, 24)):
        folder = tmp_path / str(len(opened))
        folder.mkdir()
        one = Terminal(folder, size)
        one.tmux("send-keys", "-l", f"cd {folder}")
        one.keys("Enter")
        opened.append(one)
        return one

    yield open_one
    for one in opened:
        one.close()


@pytest.fixture
def server():
    with FakeServer(flights=20) as one:
        yield one


@pytest.fixture
def gone():
    """Waits until a process is no more."""
    return lambda pid: wait.until(lambda: not processes.is_alive(pid), 10, f"process {pid} gone")
