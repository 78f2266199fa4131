"""flightdashd in a folder of its own: started, awaited by its readiness line, stopped, killed."""

import json
import os
import pathlib
import re
import signal
import subprocess

import pytest

from . import processes, wait
from .metrics import Metrics
from .recordings import REPOSITORY
from .servers import http

BUILD = pathlib.Path(os.environ.get("FLIGHTDASH_BUILD") or REPOSITORY / "build")
_SANITIZER = re.compile(r"ERROR: \w+Sanitizer|WARNING: \w+Sanitizer|runtime error:")


def program(name):
    """The path of a built program (FLIGHTDASH_BUILD, default build/)."""
    path = (BUILD / name).resolve()
    if not path.exists():
        pytest.fail(f"no {path}: build first", pytrace=False)
    return path


def clean_environment(folder, **more):
    """The caller's environment without his own settings of flightdash and his home folder."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("FLIGHTDASH_", "XDG_"))}
    return {**kept, "HOME": str(folder), **more}


class Daemon:
    """One flightdashd. A start after stop() or kill9() takes the same port again."""

    def __init__(self, folder, *arguments, role=None, env=None, **options):
        """options are flags: kafka="127.0.0.1:9092", create_topics=True, source=["sim:"]."""
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.arguments = [*map(str, arguments), *_flags(role=role, **options)]
        self.env = env or {}
        self.process = None
        self.ready = {}
        self._starts = 0
        self._end_seen = True

    # --- life

    def launch(self, *more):
        """Starts the process and does not wait for it."""
        assert not self.is_alive(), "already running"
        command = [program("flightdashd"), "--listen", self.ready.get("http", "127.0.0.1:0")]
        self._starts += 1
        self._end_seen = False
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(
                [*command, *self.arguments, *map(str, more)],
                cwd=self.folder, env=clean_environment(self.folder, **self.env),
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )
        pid = self.process.pid
        (self.folder / "pid").write_text(f"{pid} {processes.start_time(pid)}\n")
        return self

    def start(self, *more, seconds=30):
        """Starts it and returns when it said that it serves."""
        self.launch(*more)
        self.ready = wait.until(
            self._readiness, seconds, lambda: f"flightdashd ready; its log:\n{self.log()}",
            give_up=self._early_end,
        )
        return self

    def stop(self, number=signal.SIGTERM, seconds=20):
        """Sends SIGTERM and returns the exit status."""
        processes.send(self.pid, number)
        return self.exit_status(seconds)

    def exit_status(self, seconds=20):
        """Waits for its end."""
        try:
            status = self.process.wait(wait.deadline_s(seconds))
            self._end_seen = True
            return status
        except subprocess.TimeoutExpired:
            raise wait.DeadlineExpired(f"flightdashd still runs; its log:\n{self.log()}") from None

    def kill9(self):
        self.process.kill()
        self.process.wait()
        self._end_seen = True

    def faults_at_end(self):
        """Ends it, from whatever state, and tells in words what was wrong with it."""
        faults = self.sanitizer_reports() if self._end_seen else self._end()
        return [f"flightdashd {said}; its log:\n{self.log()}" for said in faults]

    def _end(self):
        unasked = not self.is_alive()
        if not unasked:
            self.resume()
        try:
            status = self.stop()
        except wait.DeadlineExpired:
            self.kill9()
            return ["did not end on SIGTERM"]
        faults = self.sanitizer_reports()
        if unasked:
            faults.append(f"ended by itself with {status}")
        elif status:
            faults.append(f"ended with {status} on SIGTERM")
        return faults

    def pause(self):
        processes.pause(self.pid)

    def resume(self):
        processes.resume(self.pid)

    def is_alive(self):
        return self.process is not None and self.process.poll() is None

    # --- what it says

    @property
    def pid(self):
        return self.process.pid

    @property
    def address(self):
        """HOST:PORT"""
        return self.ready["http"]

    @property
    def url(self):
        return f"http://{self.address}"

    @property
    def ws_url(self):
        return f"ws://{self.address}/ws"

    @property
    def kafka(self):
        """The brokers in use: those given, or its own embedded ones."""
        return self.ready["kafka"]

    @property
    def log_path(self):
        return self.folder / f"log.{self._starts}"

    def log(self):
        """Everything the present (or last) process wrote."""
        return self.log_path.read_text(errors="replace") if self._starts else ""

    def get(self, path):
        """(status, text)"""
        return http(self.url + path)

    def json(self, path):
        """The answer to a GET that must succeed."""
        status, text = self.get(path)
        assert status == 200, f"{path}: {status} {text}"
        return json.loads(text)

    def metrics(self):
        status, text = self.get("/metrics")
        assert status == 200, text
        return Metrics(text)

    def sanitizer_reports(self):
        """Lines of sanitizers, of all starts."""
        texts = (path.read_text(errors="replace") for path in sorted(self.folder.glob("log.*")))
        return [line for text in texts for line in text.splitlines() if _SANITIZER.search(line)]

    def _early_end(self):
        if self.is_alive():
            return None
        return f"it ended with {self.exit_status()}"

    def _readiness(self):
        said = re.search(r"^ready (.*)$", self.log(), re.M)
        return said and dict(word.split("=", 1) for word in said.group(1).split())


def _flags(**options):
    """{"create_topics": True, "source": ["a", "b"]} as --create-topics --source a --source b"""
    flags = []
    for name, value in options.items():
        flag = "--" + name.replace("_", "-")
        if value is True:
            flags.append(flag)
        elif value not in (None, False):
            for one in value if isinstance(value, (list, tuple)) else [value]:
                flags += [flag, str(one)]
    return flags
