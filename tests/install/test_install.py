"""`make install`: what a package would hold, and that it works from there."""

import os
import pathlib
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("FLIGHTDASH_BUILD") or ROOT / "build").resolve()
PROGRAMS = ["flightdashd", "flightdash"]


def run(*command, **options):
    """Output of a command that has to succeed."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                          check=False, timeout=120, **options)
    assert done.returncode == 0, f"{command}: {done.stdout[-4000:]}{done.stderr[-4000:]}"
    return done.stdout


def need(program):
    """A shell or checker of this machine, or a skip."""
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"no {program} on this machine")
    return found


@pytest.fixture(scope="module", name="usr")
def installed(tmp_path_factory):
    """PREFIX of an installation into an empty folder."""
    folder = tmp_path_factory.mktemp("install")
    environment = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MAKELEVEL")}
    run("make", "-s", "install", f"B={BUILD}", f"DESTDIR={folder}", "PREFIX=/usr", cwd=ROOT,
        env=environment)
    assert [p.name for p in folder.iterdir()] == ["usr"], "nothing outside of PREFIX"
    return folder / "usr"


@pytest.mark.parametrize("program", PROGRAMS)
def test_program_runs_from_there(usr, program):
    """It runs and says its version; it is not writable by others."""
    path = usr / "bin" / program
    assert path.stat().st_mode & 0o777 == 0o755
    assert run(path, "--version").startswith(program)


def test_every_manual_theme_and_unit_is_there(usr):
    """What the tree holds is installed, and nothing twice."""
    pages = {p.name for p in (ROOT / "man").glob("*.[1-8]")}
    assert {p.name for p in (usr / "share/man").rglob("*.[1-8]")} == pages
    assert {f"{program}{section}" for program, section in (("flightdashd", ".8"),)} <= pages
    themes = {p.name for p in (ROOT / "themes").glob("*.theme")}
    assert {p.name for p in (usr / "share/flightdash/themes").iterdir()} == themes
    units = {p.name for p in (ROOT / "server/systemd").glob("*.service")}
    assert {p.name for p in (usr / "lib/systemd/system").iterdir()} == units


def test_units_are_sound(usr):
    """systemd finds nothing to say; the program they start is the one installed."""
    for unit in sorted((usr / "lib/systemd/system").iterdir()):
        text = unit.read_text()
        assert "@PREFIX@" not in text and "ExecStart=/usr/bin/flightdashd" in text
    verify = need("systemd-analyze")
    for unit in sorted((usr / "lib/systemd/system").iterdir()):
        name = unit.name.replace("@.", "@gateway.")
        copy = unit.parent.parent / name
        copy.write_text(unit.read_text().replace("=/usr/bin/", f"={usr}/bin/"))
        done = subprocess.run([verify, "verify", "--man=no", str(copy)], capture_output=True,
                              text=True, check=False)
        ours = [line for line in done.stderr.splitlines() if name in line]
        assert not ours, done.stderr


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("shell, place", [
    ("bash", "bash-completion/completions/{}"), ("zsh", "zsh/site-functions/_{}"),
    ("fish", "fish/vendor_completions.d/{}.fish")])
def test_completion_parses(usr, shell, place, program):
    """The shell itself reads the script without an error."""
    script = usr / "share" / place.format(program)
    assert program in script.read_text()
    run(need(shell), "-n", script)


def complete(usr, program, *words):
    """What bash offers for the last of these words."""
    script = usr / "share/bash-completion/completions" / program
    asked = f"""
        source {script}
        COMP_WORDS=({program} {' '.join(words)} '')
        [ -n "{words[-1]}" ] && unset 'COMP_WORDS[-1]'
        COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
        COMP_LINE="${{COMP_WORDS[*]}}" COMP_POINT=${{#COMP_LINE}}
        how=$(complete -p {program}); how=${{how##*-F }}; how=${{how%% *}}
        $how {program} "${{COMP_WORDS[COMP_CWORD]}}" "${{COMP_WORDS[COMP_CWORD-1]}}"
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    return {word.strip() for word in run("bash", "--norc", "-c", asked).splitlines()}


def test_bash_completes_options_and_choices(usr):
    """--ka becomes --kafka..., --log-format offers its two values."""
    offered = complete(usr, "flightdashd", "--kaf")
    assert {"--kafka", "--kafka-property"} <= {word.rstrip("=") for word in offered}
    assert complete(usr, "flightdashd", "--log-format", "e") == {"ecs"}


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_option_is_completed(usr, program):
    """The long options that --help lists, and no others."""
    listed = {word.split("=")[0].strip(",") for line in run(usr / "bin" / program, "--help").splitlines()
              for word in line.split() if word.startswith("--") and line.lstrip().startswith("-")
              and line.split()[0].startswith("-")}
    offered = {word.rstrip("=") for word in complete(usr, program, "--")}
    first = {word for word in listed if word in offered}
    assert offered and first == offered
