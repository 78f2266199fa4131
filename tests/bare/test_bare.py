"""The two commands on a fresh machine: Debian 12 and 13 with git, make and nothing else.

FLIGHTDASH_BARE_SUITES names the suites that `make test` runs there.
"""

import os
import pathlib
import re

import pytest
from bare_root import BareRoot, need_means

from support.recordings import FOLDER, REPOSITORY

DEBIANS = {"bookworm": "units", "trixie": "units protocol life"}

# What runs in the root's own PID namespace beside the shell that looks.
WHO_IS_LEFT = r"""
for stat in /proc/[0-9]*/stat; do
    read -r pid name rest <$stat 2>/dev/null || continue
    [ "$pid" = $$ ] || echo "left: $pid $name"
done
"""


@pytest.fixture(scope="module", params=DEBIANS)
def bare(request):
    """A bare root with a clone of HEAD; each test goes on where the last one ended."""
    if os.environ.get("FLIGHTDASH_BARE"):
        pytest.skip("this is the bare machine")
    need_means()
    root = BareRoot(request.param)
    root.suites = " ".join(
        name for name in (os.environ.get("FLIGHTDASH_BARE_SUITES") or DEBIANS[request.param]).split()
        if name == "units" or (REPOSITORY / "tests" / name).is_dir())
    root.clone(REPOSITORY)
    yield root
    root.close()


def data():
    """The folder of recordings, where this machine has it."""
    return FOLDER.resolve() if FOLDER.is_dir() else None


def must(root, script, seconds, **environment):
    """Runs a script that has to succeed; returns what it said."""
    if data():
        environment.setdefault("FLIGHTDASH_TEST_DATA", "/mnt/data")
    status, said = root.run(script, seconds, data(), **environment)
    assert status == 0, f"{script}: {status}\n{said[-8000:]}"
    return said


def test_make_demo(bare):
    """Says what it installs, builds without a warning, prints live flights, leaves nothing."""
    said = must(bare, f"make demo && {WHO_IS_LEFT}", 600)
    assert re.search(r"^installing from Debian: .*librdkafka-dev", said, re.M), said[-4000:]
    assert "warning" not in said, said[-8000:]
    table = said[said.index("\nready "):]
    assert len(re.findall(r"^\S* +~?[0-9a-f]{6} ", table, re.M)) >= 10, table[:4000]
    assert "left: " not in said, said[-2000:]
    leftovers = [*bare.path.glob("tmp/flightdash*"), *bare.path.glob("usr/sbin/policy-rc.d")]
    assert not leftovers


def test_make_test(bare):
    """Installs the rest and passes."""
    said = must(bare, f"make test SUITES='{bare.suites}' && {WHO_IS_LEFT}", 1500)
    last = re.search(r"^(\d+) passed, 0 failed, (\d+) skipped$", said, re.M)
    assert last and int(last[1]) > 100, said[-8000:]
    assert "left: " not in said, said[-2000:]
    assert not pathlib.Path(bare.path / "usr/sbin/policy-rc.d").exists()


def test_again_installs_nothing(bare):
    """With everything there, deps.sh is silent and needs no network."""
    assert must(bare, "make deps", 60, http_proxy="http://127.0.0.1:9") == ""


def test_the_other_compiler_is_silent(bare):
    """clang of this Debian finds nothing to warn of either."""
    said = must(bare, "make -j$(nproc) CC=clang B=build/clang all", 600)
    assert "warning" not in said, said[-8000:]
