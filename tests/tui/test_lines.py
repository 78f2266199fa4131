"""Without a screen: --once for scripts, --plain for pipes and screen readers, and what is wrong with options."""

import collections
import csv
import io
import json
import os
import pathlib
import signal
import shutil
import socket
import ssl
import subprocess

import pytest

from support import wait
from support.daemon import Daemon
from support.fakeserver import FakeServer

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = pathlib.Path(os.environ.get("FLIGHTDASH_BUILD", ROOT / "build")) / "flightdash"


def run(*arguments, environment=None):
    env = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "LC_ALL": "C.UTF-8", **(environment or {})}
    return subprocess.run([PROGRAM, *map(str, arguments)], env=env, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=60, check=False)


def test_once_prints_a_table(server):
    done = run("--once", server.url)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith("CALLSIGN") and len(lines) == 21


def test_once_json_is_what_the_server_said(server):
    done = run("--once", "--format", "json", server.url)
    answer = json.loads(done.stdout)
    assert answer["total"] == 20
    flight = next(f for f in answer["flights"] if f["hex"] == "4b0023")
    assert flight["flight"] == "AFR105" and flight["t"] == "B77W"
    rows = [json.loads(line) for line in run("--once", "--format", "ndjson", server.url).stdout.splitlines()]
    assert {row["hex"] for row in rows} == {row["hex"] for row in answer["flights"]}


def test_once_csv_has_a_header(server):
    rows = list(csv.DictReader(io.StringIO(run("--once", "--format=csv", server.url).stdout)))
    assert len(rows) == 20 and rows[0]["flight"].startswith("AFR")


def test_once_filters_and_sorts(server):
    done = run("--once", "--filter", "callsign ~ SWR*", "--sort=-alt", "--format", "json", server.url)
    flights = json.loads(done.stdout)["flights"]
    assert flights and all(f["flight"].startswith("SWR") for f in flights)
    heights = [f["alt_baro"] for f in flights]
    assert heights == sorted(heights, reverse=True)


@pytest.mark.parametrize("status, code", [("pass", 0), ("warn", 1), ("fail", 3)])
def test_once_services_has_the_worst_as_status(status, code):
    with FakeServer(flights=1, services=[{"service": "kafka", "status": status}]) as server:
        done = run("--once", "--view", "services", server.url)
        assert done.returncode == code and status in done.stdout


def test_once_overview_counts_what_the_server_said():
    server = FakeServer(hz=0.001)
    for aircraft, row in zip(server.aircraft, ({"squawk": "7700"}, {"alt_baro": "ground", "baro_rate": 0})):
        aircraft.row.update(row)
    with server:
        flights = json.loads(run("--once", "--format", "json", server.url).stdout)["flights"]
        told = json.loads(run("--once", "--view", "overview", "--format", "json", server.url).stdout)["overview"]
        lines = run("--once", "--view", "overview", server.url).stdout.splitlines()
    counts = {(row["what"], row["name"]): row.get("count") for row in told}
    assert counts["flights", "total"] == len(flights) == 20
    assert counts["flights", "ground"] == 1
    assert {name: n for (what, name), n in counts.items() if what == "type"} == collections.Counter(
        f["t"] for f in flights)
    assert {row["name"]: row["says"] for row in told if row["what"] == "emergency"} == {
        server.aircraft[0].hex: "SWR100 7700 emergency"}
    assert {row["name"]: row["says"] for row in told if row["what"] == "service"} == {"kafka": "pass", "gateway": "pass"}
    assert lines[0].split() == ["WHAT", "NAME", "COUNT", "SAYS"] and len(lines) == len(told) + 1


def test_once_logs(server):
    done = run("--once", "--view", "logs", server.url)
    assert done.returncode == 0 and "line 49 of the log" in done.stdout


@pytest.mark.parametrize("form", ["table", "json", "csv", "ndjson"])
@pytest.mark.parametrize("view", ["overview", "flights", "map", "services", "metrics", "logs", "alerts"])
def test_every_view_in_every_format(server, view, form):
    server.said_alerts = [{"id": "a:1", "kind": "squawk", "severity": "critical", "icao24": "4b0000",
                           "since": 1767268720, "text": 'SWR100 squawks "7700", now'}]
    done = run("--once", "--view", view, "--format", form, server.url)
    assert done.returncode == (1 if view == "alerts" else 0), done.stderr
    if form == "json":
        assert json.loads(done.stdout)
    elif form == "ndjson":
        assert all(json.loads(line) for line in done.stdout.splitlines())
    elif form == "csv":
        rows = list(csv.reader(io.StringIO(done.stdout)))
        assert len(rows) > 1 and len({len(row) for row in rows}) == 1
    else:
        assert len(done.stdout.splitlines()) > 1
    if view == "alerts":
        assert "7700" in done.stdout


def test_once_one_flight(server):
    done = run("--once", "--select", "4b0023", "--format", "ndjson", server.url)
    assert done.returncode == 0 and json.loads(done.stdout)["flight"] == "AFR105"
    done = run("--once", "--select", "abcdef", server.url)
    assert done.returncode == 1 and "no such flight" in done.stderr


def test_once_metrics_without_prometheus_says_so(tmp_path):
    server = Daemon(tmp_path, source="sim:?aircraft=1").start()
    try:
        done = run("--once", "--view", "metrics", "ws://" + server.ready["http"] + "/ws")
        assert done.returncode == 1 and done.stderr == "flightdash: metrics: not configured\n"
    finally:
        server.kill9()


def test_nobody_there_is_4():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        done = run("--once", f"ws://127.0.0.1:{free.getsockname()[1]}/ws")
    assert done.returncode == 4 and "127.0.0.1" in done.stderr and done.stdout == ""


def test_tls_is_verified(tmp_path):
    if shutil.which("openssl") is None:
        pytest.skip("no openssl to make a certificate")
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate,
                    "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"],
                   check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with FakeServer(flights=3, tls=context) as server:
        assert run("--once", "--ca-file", certificate, server.url).returncode == 0
        refused = run("--once", server.url)
        assert refused.returncode == 4 and "certificate is not trusted" in refused.stderr
    assert run("--once", "--ca-file", tmp_path / "nothing", "wss://127.0.0.1:1/ws").returncode == 2


@pytest.mark.parametrize("arguments, expected", [
    (["--nonsense"], "nonsense"),
    (["--filter", "alt >"], "column"),
    (["--sort", "beauty"], "no column has this name"),
    (["--columns", "callsign,beauty"], "no such column"),
    (["--view", "kitchen"], "no view has this name"),
    (["--theme", "plaid"], "no theme is called"),
    (["--home", "north"], "not LAT,LON"),
    (["--token-file", "/nonexistent/token"], "cannot read"),
    (["nonsense"], "no address of a server"),
    (["--format", "xml"], "table"),
    (["--centre", "91,0"], "not LAT,LON"),
    (["--zoom", "25"], "not a number from 0 to 24"),
    (["--select", "swiss"], "six hex digits"),
])
def test_mistakes_are_one_line_and_2(arguments, expected):
    done = run(*arguments)
    assert done.returncode == 2
    assert expected in done.stderr and len(done.stderr.splitlines()) == 1


def test_options_come_from_file_environment_and_command_line(tmp_path):
    conf = tmp_path / "flightdash.conf"
    conf.write_text("[flightdash]\ntheme = mono\nunits = metric\nsort = alt\n")
    done = run("--config", conf, "--units", "imperial", "--print-config", environment={"FLIGHTDASH_SORT": "gs"})
    assert done.returncode == 0, done.stderr
    text = done.stdout
    assert "mono" in text and "imperial" in text and "gs" in text
    assert str(conf) in text and "FLIGHTDASH_SORT" in text


def test_help_version_and_completion():
    assert "--once" in run("--help").stdout
    assert run("--version").stdout.startswith("flightdash ")
    for shell in ("bash", "zsh", "fish"):
        assert "once" in run("--completion", shell).stdout
    assert run("--check").returncode == 0


def test_a_pipe_gets_sentences(server):
    with subprocess.Popen([PROGRAM, server.url], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
                          env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}) as process:
        lines = [process.stdout.readline(), process.stdout.readline()]
        assert "Connected to" in lines[0] and "20 flights." in lines[1]
        server.say({"type": "delta", "id": 1, "tick": server.tick, "base_tick": 1, "time": 1,
                    "changed": [{"hex": "4b0023", "squawk": "7700"}], "removed": []})
        said = process.stdout.readline()
        assert "EMERGENCY AFR105" in said and "\033" not in "".join(lines) + said
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


def test_a_closed_pipe_ends_it(server):
    process = subprocess.Popen([PROGRAM, server.url], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               env={"PATH": os.environ["PATH"]})
    process.stdout.readline()
    process.stdout.close()
    server.say({"type": "health", "id": 2, "services": [{"service": "kafka", "status": "fail"}]})
    wait.until(lambda: process.poll() is not None, 15, "the process to end")
