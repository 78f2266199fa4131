"""What Tab offers, asked of the shells themselves."""

import os
import pathlib
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = pathlib.Path(os.environ.get("FLIGHTDASH_BUILD", ROOT / "build")) / "flightdash"

BASH = r"""
source {script}
COMP_WORDS=({words} "$0")
COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
_flightdash flightdash "$0" "${{COMP_WORDS[COMP_CWORD-1]}}"
printf '%s\n' "${{COMPREPLY[@]}}"
"""
FISH = "source {script}; complete -C 'flightdash {words} {typed}'"


@pytest.fixture
def offered(tmp_path):
    """A function: the words that a shell offers, in a folder with a recording and a theme of one's own."""
    themes = tmp_path / "flightdash" / "themes"
    themes.mkdir(parents=True)
    (themes / "my-own.theme").write_text("[roles]\n")
    here = tmp_path / "here"
    here.mkdir()
    (here / "kept.zst").write_text("")

    def ask(shell, words, typed=""):
        if shutil.which(shell) is None:
            pytest.skip(f"no {shell}")
        script = tmp_path / shell
        script.write_text(subprocess.run([PROGRAM, "--completion", shell], capture_output=True, text=True, check=True,
                                         timeout=20).stdout)
        form = {"bash": BASH, "fish": FISH}[shell].format(
            script=script, words=words if shell == "fish" else "flightdash " + words, typed=typed)
        done = subprocess.run([shell, "-c", form, *([typed] if shell == "bash" else [])], cwd=here, capture_output=True, text=True, timeout=30, check=False,
                              env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)})
        assert done.stderr == ""
        return {line.split("\t")[0] for line in done.stdout.split("\n") if line}

    return ask


@pytest.mark.parametrize("shell", ["bash", "fish"])
def test_values_are_offered(shell, offered):
    assert offered(shell, "--view") >= {"overview", "flights", "map", "services", "metrics", "logs", "alerts"}
    assert offered(shell, "--format") == {"table", "json", "csv", "ndjson"}
    themes = offered(shell, "--theme")
    assert {"default", "mono", "my-own"} <= themes
    assert offered(shell, "--theme", "my") == {"my-own"}
    assert offered(shell, "--replay", "ke") == {"kept.zst"}
    assert offered(shell, "--speed") == set()


@pytest.mark.parametrize("shell", ["bash", "fish"])
def test_options_are_offered(shell, offered):
    assert {"--replay", "--record"} <= offered(shell, "", "--re")


def test_zsh_takes_the_same_words():
    """Its script holds them; that zsh reads it is tested where it is installed."""
    script = subprocess.run([PROGRAM, "--completion", "zsh"], capture_output=True, text=True, check=True, timeout=20).stdout
    assert "colour-blind" in script and "themes/*.theme(N:t:r))" in script
    assert ":NAME|FILE:_flightdash_theme' \\" in script
    assert "(table json csv ndjson)" in script and ":FILE:_files' \\" in script
