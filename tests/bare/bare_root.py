"""A bare Debian in a folder: made once as a tar archive, unpacked, entered, thrown away.

Its processes live in a PID and mount namespace of their own and end with the command that
entered it. It reaches Debian's packages the way this machine's apt does. The network is shared.
"""

import fcntl
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

import pytest

CACHE = pathlib.Path(os.environ.get("FLIGHTDASH_CACHE") or
                     pathlib.Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser()
                     / "flightdash") / "roots"
ALL_THERE_IS = "git,make,ca-certificates"  # beside what apt itself needs

ENTER = r"""
set -eu
root=$1 archives=$2 data=$3
shift 3
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount --rbind /sys "$root/sys"
mkdir -p "$root/var/cache/apt/archives" "$root/mnt/data"
mount --bind "$archives" "$root/var/cache/apt/archives"
[ -z "$data" ] || mount --bind -o ro "$data" "$root/mnt/data"
exec chroot "$root" "$@"
"""


def lacking(reason):
    """Skips, loudly; fails where everything is required."""
    if os.environ.get("FLIGHTDASH_REQUIRE_STACK") == "1":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def need_means():
    """What this machine must have: root, mmdebstrap, namespaces."""
    if os.geteuid() != 0:
        lacking("a bare Debian root can only be made by root")
    for program in ("mmdebstrap", "unshare", "chroot"):
        if not shutil.which(program):
            lacking(f"no {program} on this machine")
    if subprocess.run(["unshare", "--mount", "--pid", "--fork", "true"], check=False).returncode:
        lacking("this machine lets nobody make namespaces")


def apt_settings():
    """How this machine's apt reaches its archives: proxies, certificates, credentials."""
    dump = subprocess.run(["apt-config", "dump"], capture_output=True, text=True, check=True)
    others = ("Acquire::IndexTargets", "Acquire::Changelogs", "Acquire::CompressionTypes")
    kept = [line for line in dump.stdout.splitlines()
            if line.startswith("Acquire::") and not line.startswith(others)]
    return "\n".join(kept) + "\n"


def apt_sources(codename):
    """The deb lines of a release: from this machine's own Debian archive."""
    listed = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE)", "Created-By: Packages"],
        capture_output=True, text=True, check=False).stdout
    suffixes = {}
    for line in listed.splitlines():
        uri, release = line.split()
        known = re.fullmatch(r"(?:bookworm|trixie|forky)(-updates|-security)?", release)
        if known and "debian" in uri:
            suffixes.setdefault(known[1] or "", uri)
    assert "" in suffixes, "this machine's apt knows no Debian archive to make a root from"
    return [f"deb {uri} {codename}{suffix} main" for suffix, uri in suffixes.items()]


def archive(codename):
    """The tar archive of a bare root; made when there is none."""
    CACHE.mkdir(parents=True, exist_ok=True)
    final = CACHE / f"{codename}.tar"
    with open(CACHE / f"{codename}.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not final.exists():
            new = CACHE / f"{codename}.new.{os.getpid()}.tar"
            with tempfile.NamedTemporaryFile("w", suffix=".conf") as settings:
                settings.write(apt_settings())
                settings.flush()
                made = subprocess.run(
                    ["mmdebstrap", "--quiet", "--variant=apt", f"--include={ALL_THERE_IS}",
                     f"--aptopt={settings.name}", codename, str(new), *apt_sources(codename)],
                    capture_output=True, text=True, check=False, timeout=600)
            if made.returncode:
                new.unlink(missing_ok=True)
                lacking(f"mmdebstrap could not make a {codename}: {made.stderr[-1500:]}")
            new.rename(final)
    return final


class BareRoot:
    """A Debian with nothing but apt, git and make, of this test's own."""

    def __init__(self, codename):
        self._temporary = tempfile.TemporaryDirectory(prefix=f"flightdash-{codename}.")
        self.path = pathlib.Path(self._temporary.name)
        self.archives = CACHE / f"{codename}-packages"
        (self.archives / "partial").mkdir(parents=True, exist_ok=True)
        subprocess.run(["tar", "-xf", archive(codename), "-C", self.path], check=True)
        etc = self.path / "etc"
        (etc / "apt/apt.conf.d/99machine").write_text(apt_settings())
        shutil.copy("/etc/resolv.conf", etc / "resolv.conf")
        (etc / "hosts").write_text("127.0.0.1 localhost\n")
        own = pathlib.Path("/usr/local/share/ca-certificates")
        if any(own.glob("*.crt")):
            shutil.copytree(own, self.path / own.relative_to("/"), dirs_exist_ok=True)
            self.run("update-ca-certificates", seconds=120)

    def clone(self, repository):
        """The repository's HEAD, at /src/flightdash."""
        place = self.path / "src/flightdash"
        subprocess.run(["git", "clone", "-q", "--no-hardlinks", repository, place], check=True)

    def run(self, script, seconds, data=None, **environment):
        """(status, output) of a shell script inside, in the clone where there is one."""
        proxies = {k: v for k, v in os.environ.items() if k.lower().endswith("_proxy")}
        inside = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                  "HOME": "/root", "LC_ALL": "C.UTF-8", "FLIGHTDASH_BARE": "1",
                  **proxies, **environment}
        command = ["unshare", "--mount", "--propagation", "private", "--pid", "--fork",
                   "--kill-child", "bash", "-c", ENTER, "-", str(self.path), str(self.archives),
                   str(data or ""), "env", "-i", *(f"{k}={v}" for k, v in inside.items()),
                   "bash", "-c", f"cd /src/flightdash 2>/dev/null; {script}"]
        with tempfile.TemporaryFile() as said:
            try:
                status = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=said,
                                        stderr=said, timeout=seconds, check=False).returncode
            except subprocess.TimeoutExpired:
                status = f"not done after {seconds} s"
            said.seek(0)
            return status, said.read().decode(errors="replace")

    def close(self):
        """Removes it; nothing is mounted there in this namespace."""
        self._temporary.cleanup()
