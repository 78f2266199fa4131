"""Python packages that Debian has not, in a virtual environment of the cache.

Made once, outside of the work tree; where they cannot be had the test is skipped with the
reason (and fails under FLIGHTDASH_REQUIRE_STACK=1).
"""

import fcntl
import os
import pathlib
import shutil
import subprocess
import sys

from .servers import lacking

_CACHE = pathlib.Path(
    os.environ.get("FLIGHTDASH_CACHE")
    or pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "flightdash"
)


def program(package, name):
    """The path of a program of a package: program("openapi-spec-validator", "openapi-spec-validator")."""
    folder = _CACHE / f"python-{package}"
    found = folder / "bin" / name
    if not found.exists():
        _make(package, folder)
    if not found.exists():
        lacking(f"{package} has no program {name}")
    return found


def _make(package, folder):
    _CACHE.mkdir(parents=True, exist_ok=True)
    with open(f"{folder}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if folder.exists():
            return
        said = _run([sys.executable, "-m", "venv", folder])
        said = said or _run([folder / "bin" / "pip", "install", "--quiet", package])
        if said:
            shutil.rmtree(folder, ignore_errors=True)
            lacking(f"{package} cannot be installed: {said}")


def _run(command):
    """Runs it; the last line of what it said when it failed, else nothing."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return (done.stdout.strip().splitlines() or ["no output"])[-1] if done.returncode else None
