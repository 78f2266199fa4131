"""Who may open a WebSocket, byte by byte: version, subprotocol, Origin, token, TLS."""

import contextlib
import json
import subprocess

import pytest

from support import wait
from support.daemon import Daemon
from support.rawsocket import RawSocket, frame, TEXT

TOKEN, OTHER = "correct-horse-battery", "another-token-of-ours"
ORIGIN = "https://dashboard.example"
JSON, BIN = "flightdash.v1.json", "flightdash.v1.bin"


@pytest.fixture(scope="module")
def server(new_folder):
    """Open to all that send no Origin, or this one."""
    one = Daemon(new_folder("daemon"), allow_origin=ORIGIN).start()
    yield one
    assert one.faults_at_end() == []


@pytest.fixture(scope="module")
def guarded(new_folder):
    """Asks for a token."""
    folder = new_folder("daemon")
    folder.mkdir(parents=True)
    tokens = folder / "tokens"
    tokens.write_text(f"# of the tests\n{TOKEN}\n{OTHER}\n")
    tokens.chmod(0o600)
    one = Daemon(folder, token_file=tokens).start()
    yield one
    assert one.faults_at_end() == []


@pytest.fixture(scope="module")
def secure(new_folder):
    """(server, CA file): serves TLS for localhost."""
    folder = new_folder("daemon")
    folder.mkdir(parents=True)
    certificate, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )
    one = Daemon(folder, tls_cert=certificate, tls_key=key).start()
    yield one, certificate
    assert one.faults_at_end() == []


def upgrade(server, *headers, **options):
    """(status, headers, error code or None) of an upgrade."""
    with RawSocket(server.address) as s:
        status, answered, body = s.upgrade(*headers, **options)
        return status, answered, json.loads(body or "{}").get("error", {}).get("code")


def test_the_answer_is_that_of_the_rfc(server):
    """The key of RFC 6455, section 1.3, and its answer."""
    with RawSocket(server.address) as s:
        status, headers, _ = s.upgrade("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", without=["Sec-WebSocket-Key"])
    assert status == 101
    assert headers["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
    assert headers["upgrade"].lower() == "websocket" and headers["connection"].lower() == "upgrade"


@pytest.mark.parametrize("offered, chosen", [
    (None, None), (JSON, JSON), (f"other, {JSON}", JSON), (f"{BIN}, {JSON}", JSON), (f" {JSON} ,other", JSON),
])
def test_subprotocols_that_are_spoken(server, offered, chosen):
    headers = [f"Sec-WebSocket-Protocol: {offered}"] if offered else []
    status, answered, _ = upgrade(server, *headers)
    assert status == 101 and answered.get("sec-websocket-protocol") == chosen


@pytest.mark.parametrize("offered", ["other", BIN, "flightdash.v2.json", "flightdash.v1.json2", "FLIGHTDASH.V1,x"])
def test_subprotocols_that_are_not(server, offered):
    status, _, code = upgrade(server, f"Sec-WebSocket-Protocol: {offered}")
    assert (status, code) == (400, "bad_request")


@pytest.mark.parametrize("version", ["12", "8", "14", "0", "", "13, 8", "013", "abc"])
def test_other_versions_are_told_ours(server, version):
    status, headers, code = upgrade(server, version=version)
    assert (status, headers["sec-websocket-version"], code) == (426, "13", "unsupported_version")


@pytest.mark.parametrize("lacking, status", [
    ("Upgrade", 426), ("Connection", 426), ("Sec-WebSocket-Version", 426), ("Sec-WebSocket-Key", 400), ("Host", 400),
])
def test_headers_that_must_be_there(server, lacking, status):
    assert upgrade(server, without=[lacking])[0] == status


@pytest.mark.parametrize("key", ["short", "dGhlIHNhbXBsZSBub25jZQ=", "dGhlIHNhbXBsZSBub25jZQ==x", "!" * 24, ""])
def test_keys_that_are_none(server, key):
    assert upgrade(server, f"Sec-WebSocket-Key: {key}", without=["Sec-WebSocket-Key"])[0] == 400


@pytest.mark.parametrize("method", ["POST", "PUT", "HEAD", "OPTIONS"])
def test_only_get_upgrades(server, method):
    with RawSocket(server.address) as s:
        s.upgrade(method=method)
        assert s.until_closed() is not None  # no WebSocket, and no open end
    assert upgrade(server)[0] == 101


def test_only_the_path_upgrades(server):
    assert upgrade(server, path="/livez")[0] == 200
    assert upgrade(server, path="/ws/")[0] == 404


def test_compression_is_not_accepted(server):
    status, headers, _ = upgrade(server, "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits")
    assert status == 101 and "sec-websocket-extensions" not in headers


@pytest.mark.parametrize("origin, status", [
    (None, 101), (ORIGIN, 101), (ORIGIN.upper(), 101), ("https://evil.example", 403), (ORIGIN + ".evil.example", 403),
    ("http://dashboard.example", 403), ("null", 403), ("", 403),
])
def test_origins_are_those_allowed(server, origin, status):
    assert upgrade(server, *[f"Origin: {origin}"] * (origin is not None))[0] == status


def test_no_origin_is_allowed_unless_named(guarded):
    """Not even the server's own: there are no pages of ours."""
    headers = [f"Authorization: Bearer {TOKEN}", f"Origin: http://{guarded.address}"]
    assert upgrade(guarded, *headers)[0] == 403


@pytest.mark.parametrize("token", [TOKEN, OTHER])
def test_a_token_in_the_header(guarded, token):
    with RawSocket(guarded.address).open(f"Authorization: Bearer {token}") as s:
        s.say({"type": "hello", "version": 1})
        assert s.message("welcome")["version"] == 1


@pytest.mark.parametrize("value", [
    "Bearer wrong", "Bearer", "Bearer ", "Basic " + TOKEN, TOKEN, f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}",
    "Bearer " + "x" * 600,
])
def test_a_wrong_header_is_refused_before_the_upgrade(guarded, value):
    status, _, code = upgrade(guarded, f"Authorization: {value}")
    assert (status, code) == (401, "unauthorized")


@pytest.mark.parametrize("token", [TOKEN, OTHER])
def test_a_token_in_hello(guarded, token):
    with RawSocket(guarded.address).open() as s:
        s.say({"type": "hello", "version": 1, "token": token})
        assert s.message("welcome")["version"] == 1


@pytest.mark.parametrize("first", [
    {"type": "hello", "version": 1}, {"type": "hello", "version": 1, "token": "wrong"},
    {"type": "hello", "version": 1, "token": ""}, {"type": "hello", "version": 1, "token": TOKEN[:-1]},
    {"type": "hello", "version": 1, "token": TOKEN + "x"}, {"type": "hello", "version": 1, "token": "x" * 4000},
    {"type": "subscribe", "id": 1, "channel": "flights"}, {"type": "get", "id": 1, "what": "flight", "icao24": "4b1814"},
], ids=lambda message: f"{message['type']}-{len(message.get('token', ''))}")
def test_without_a_valid_token_nothing_is_told(guarded, first):
    with RawSocket(guarded.address).open() as s:
        s.say(first)
        opcode, payload = s.read_frame()
        assert opcode == TEXT and json.loads(payload)["code"] == "unauthorized"
        assert s.close_code() == 4001


def test_http_asks_for_the_token_too(guarded):
    for headers, status in ([], 401), ([f"Authorization: Bearer {TOKEN}"], 200), (["Authorization: Bearer no"], 401):
        with RawSocket(guarded.address) as s:
            s.request(target="/api/v1/flights", headers=["Host: a", *headers])
            assert s.answer()[0] == status
    assert guarded.get("/livez")[0] == 200


def test_frames_right_behind_the_request_are_read(server):
    """A client may not wait for the 101 in its own writes: nothing is lost."""
    with RawSocket(server.address) as s:
        hello = frame(TEXT, '{"type":"hello","version":1}')
        s.request(target="/ws", headers=[
            "Host: a", "Upgrade: websocket", "Connection: keep-alive, Upgrade",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13"], body=hello)
        assert s.answer()[0] == 101
        assert s.message("welcome")["version"] == 1


def test_an_address_holds_so_many_connections(daemon):
    """127.0.0.2 is an address like any other; 127.0.0.1, where a proxy would be, is not counted."""
    limited = daemon(max_connections_per_address=2)
    with contextlib.ExitStack() as held:
        for _ in range(2):
            assert held.enter_context(RawSocket(limited.address, source="127.0.0.2")).upgrade()[0] == 101
        for _ in range(4):
            assert held.enter_context(RawSocket(limited.address)).upgrade()[0] == 101
        with RawSocket(limited.address, source="127.0.0.2") as third:
            status, _, body = third.upgrade()
            assert (status, json.loads(body)["error"]["code"]) == (503, "limit")
        assert held.enter_context(RawSocket(limited.address, source="127.0.0.3")).upgrade()[0] == 101
        assert limited.metrics().value("flightdash_client_refused_total", reason="address") == 1

    def comes_in():
        with RawSocket(limited.address, source="127.0.0.2") as again:
            return again.upgrade()[0] == 101

    wait.until(comes_in, 10, "room again once the others are gone")


def test_over_tls(secure):
    """The same over wss, for one that checks the certificate."""
    server, certificate = secure
    with RawSocket(server.address, ca_file=certificate).open() as s:
        s.say({"type": "subscribe", "id": 1})
        assert s.message("snapshot")["last"] is True
        s.send(frame(8, b"\x03\xe8"))
        assert s.close_code() == 1000


def test_plain_text_to_a_tls_port_ends(secure):
    server, certificate = secure
    with RawSocket(server.address) as s:
        s.request(headers=["Host: a"])
        assert b"200 OK" not in s.until_closed()
    with RawSocket(server.address, ca_file=certificate) as s:
        s.request(headers=["Host: localhost"])
        assert s.answer()[0] == 200
