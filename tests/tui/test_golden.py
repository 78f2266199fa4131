"""The screens that the program draws from scripts, compared with the kept ones."""

import difflib
import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = pathlib.Path(os.environ.get("FLIGHTDASH_BUILD", ROOT / "build")) / "flightdash"
SIZES = ["40x10", "80x24", "132x43", "200x50"]
SCRIPTS = sorted((ROOT / "tests" / "golden").glob("*.script"))


def draw(script, size):
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": "/nonexistent"}
    done = subprocess.run([PROGRAM, "--script", script, "--size", size, "--home", "47.46,8.55"], env=environment,
                          capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_screens_are_as_they_were(script, size):
    kept = script.with_suffix(f".{size}.screen")
    drawn = draw(script, size)
    if os.environ.get("FLIGHTDASH_GOLDEN_WRITE"):
        kept.write_text(drawn)
    expected = kept.read_text()
    difference = "\n".join(difflib.unified_diff(expected.splitlines(), drawn.splitlines(), "kept", "drawn", lineterm=""))
    assert not difference, difference


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_two_runs_draw_the_same(script):
    assert draw(script, "80x24") == draw(script, "80x24")


@pytest.mark.parametrize("size", SIZES)
def test_no_line_is_wider_than_the_screen(size):
    width, height = map(int, size.split("x"))
    for script in SCRIPTS:
        for screen in draw(script, size).split("== ")[1:]:
            if screen.startswith(("copied", "colours")):
                continue
            lines = screen.splitlines()[1:]
            assert len(lines) == height
            assert all(len(line) <= width for line in lines)
