"""Theme files: checked, and btop's understood."""

import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = pathlib.Path(os.environ.get("FLIGHTDASH_BUILD", ROOT / "build")) / "flightdash"
BTOP = pathlib.Path("/usr/share/btop/themes")


def check(*files):
    return subprocess.run([PROGRAM, "--check-themes", *files], env={"PATH": os.environ["PATH"], "HOME": "/nonexistent"},
                          capture_output=True, text=True, timeout=30, check=False)


def test_the_built_in_themes_pass():
    done = check()
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 10
    assert check(*sorted((ROOT / "themes").glob("*.theme"))).returncode == 0


@pytest.mark.parametrize("before, after, expected", [
    ("ok         = ", "okay       = ", 'unknown role "okay"'),
    ("ring       = ", "#ring      = ", "ring: this role is missing"),
    ("dim        = #9399b2", "dim        = #45475a", "dim: contrast 1.8"),
    ("coast      = ", "coast      = #313244 on #1e1e2e\n# ", "less than 3.0:1 for graphics"),
    ("[roles]", "[rolls]", "unknown section [rolls]"),
])
def test_faults_have_their_place(tmp_path, before, after, expected):
    text = (ROOT / "themes" / "catppuccin.theme").read_text()
    assert before in text
    mine = tmp_path / "mine.theme"
    mine.write_text(text.replace(before, after, 1))
    done = check(mine)
    assert done.returncode == 1
    line = next(line for line in done.stderr.splitlines() if expected in line)
    number = int(line.removeprefix(f"{mine}:").split(":")[0])
    if "missing" not in expected and "section" not in expected:
        assert mine.read_text().splitlines()[number - 1].startswith(after.split()[0])


def test_a_file_that_is_not_there():
    done = check("/nonexistent/x.theme")
    assert done.returncode == 1 and "No such file" in done.stderr


@pytest.mark.skipif(not BTOP.is_dir(), reason="btop is not installed: none of its themes here")
def test_themes_of_btop_are_read():
    themes = sorted(BTOP.glob("*.theme"))
    assert len(themes) > 5
    for theme in themes:
        done = subprocess.run([PROGRAM, "--theme", theme, "--check"], capture_output=True, text=True, timeout=30,
                              env={"PATH": os.environ["PATH"], "HOME": "/nonexistent"}, check=False)
        assert done.returncode == 0, done.stderr


@pytest.mark.skipif(not BTOP.is_dir(), reason="btop is not installed: none of its themes here")
def test_a_theme_of_btop_colours_the_screen(terminal, server):
    t = terminal((100, 30))
    t.run(server.url, "--theme", BTOP / "nord.theme", environment={"TERM": "xterm-256color"})
    t.wait_for("AFR105")
    assert "48;5;" in t.tmux("capture-pane", "-p", "-e")
