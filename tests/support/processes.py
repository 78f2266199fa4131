"""Processes by pid: is it alive, signal it, see it gone, what does it use."""

import os
import signal

from . import wait


def is_alive(pid):
    """True for a running or stopped process, False for none and for a zombie."""
    fields = _stat(pid)
    return fields is not None and fields[0] not in ("Z", "X")


def is_stopped(pid):
    fields = _stat(pid)
    return fields is not None and fields[0] == "T"


def start_time(pid):
    """Clock ticks since boot: with the pid, the name of one process for ever."""
    fields = _stat(pid)
    return int(fields[19]) if fields else 0


def kill9(pid):
    send(pid, signal.SIGKILL)
    wait.until(lambda: not is_alive(pid), 10, f"process {pid} gone after SIGKILL")


def pause(pid):
    send(pid, signal.SIGSTOP)
    wait.until(lambda: is_stopped(pid), 10, f"process {pid} stopped")


def resume(pid):
    send(pid, signal.SIGCONT)


def send(pid, number):
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


def rss_kib(pid):
    """Resident memory."""
    with open(f"/proc/{pid}/status") as f:
        return next(int(line.split()[1]) for line in f if line.startswith("VmRSS:"))


def cpu_s(pid):
    """User and system time of all threads so far."""
    fields = _stat(pid)
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def open_files(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def threads(pid):
    return len(os.listdir(f"/proc/{pid}/task"))


def _stat(pid):
    try:
        with open(f"/proc/{pid}/stat") as f:
            return f.read().rsplit(")", 1)[1].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
