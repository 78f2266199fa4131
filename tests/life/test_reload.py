"""SIGHUP: what a running daemon takes from its files, and what it says of the rest."""

import json
import signal
import subprocess

from support import processes, wait
from support.daemon import clean_environment, program
from support.rawsocket import RawSocket


def write_certificate(folder):
    """A new self-signed certificate of localhost and its key, under the names of the old ones."""
    fresh = [folder / "fresh-cert.pem", folder / "fresh-key.pem"]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost", "-keyout", fresh[1], "-out", fresh[0]],
        check=True, capture_output=True,
    )
    return [path.replace(folder / path.name.removeprefix("fresh-")) for path in fresh]


def reload(server, said):
    """SIGHUP, until the log says so once more than before."""
    before = server.log().count(said)
    processes.send(server.pid, signal.SIGHUP)
    wait.until(lambda: server.log().count(said) > before, 10, server.log)


def answers(server, ca_file):
    """Whether a client that trusts just this file gets an answer."""
    try:
        with RawSocket(server.address, ca_file=ca_file) as s:
            s.request(headers=["Host: localhost"])
            return s.answer()[0] == 200
    except OSError:  # ssl's errors are some
        return False


def test_health_is_asked_over_tls(daemon, tmp_path):
    """The certificate names the public address, --health asks the local one; another's is refused."""
    cert, key = write_certificate(tmp_path)
    server = daemon(tls_cert=cert, tls_key=key)
    command = [program("flightdashd"), "--listen", server.address, "--tls-cert", cert, "--tls-key", key, "--health"]
    assert server.address.startswith("127.0.0.1:")
    done = subprocess.run(command, capture_output=True, text=True, env=clean_environment(tmp_path), check=False)
    assert done.returncode in (0, 1) and '"status"' in done.stdout, done.stderr
    write_certificate(tmp_path)
    done = subprocess.run(command, capture_output=True, text=True, env=clean_environment(tmp_path), check=False)
    assert done.returncode == 2 and "certificate" in done.stderr


def test_another_certificate_is_taken(daemon, tmp_path):
    """New connections get it, an old one stays; a wrong one is refused."""
    cert, key = write_certificate(tmp_path)
    old = tmp_path / "old.pem"
    old.write_bytes(cert.read_bytes())
    server = daemon(tls_cert=cert, tls_key=key)
    with RawSocket(server.address, ca_file=old).open() as connected:
        write_certificate(tmp_path)
        reload(server, "configuration read again")
        wait.until(lambda: answers(server, cert), 5, "the new certificate")
        assert not answers(server, old)
        connected.say({"type": "ping", "t": 1})
        assert connected.message("pong")["t"] == 1
    key.write_text("no key\n")
    reload(server, "reload refused, the old values stay")
    assert "not the PEM key of the certificate" in server.log()
    assert answers(server, cert)


def test_other_origins_are_taken(daemon, tmp_path):
    conf = tmp_path / "c.conf"
    conf.write_text("[flightdashd]\nallow-origin = https://a.example\n")

    def status(origin):
        with RawSocket(server.address) as s:
            return s.upgrade(f"Origin: {origin}")[0]

    server = daemon("--config", conf)
    assert (status("https://a.example"), status("https://b.example")) == (101, 403)
    conf.write_text("[flightdashd]\nallow-origin = https://b.example\nallow-origin = https://c.example\n")
    reload(server, "configuration read again")
    wait.until(lambda: status("https://b.example") == 101, 5, "the new origin")
    assert (status("https://a.example"), status("https://c.example")) == (403, 101)
    assert "taken at a restart" not in server.log()


def test_what_takes_a_restart_is_named(daemon, tmp_path):
    conf = tmp_path / "c.conf"
    conf.write_text("[flightdashd]\nexpire = 60\n")
    server = daemon("--config", conf)
    conf.write_text("[flightdashd]\nexpire = 90\nsource = sim:?aircraft=3\nlog-level = debug\n")
    reload(server, "changed, and taken at a restart only: source, expire")
    assert json.loads(server.get("/data/aircraft.json")[1])["aircraft"] == []
