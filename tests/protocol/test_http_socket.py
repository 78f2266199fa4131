"""HTTP from clients that are slow, wrong, or something else: answered or closed, never fatal."""

import json

import pytest

from support import wait
from support.daemon import Daemon
from support.rawsocket import RawSocket

HOST = ["Host: a"]


@pytest.fixture(scope="module")
def server(new_folder):
    """One for all: it must survive each."""
    one = Daemon(new_folder("daemon"), source="sim:?aircraft=20").start()
    yield one
    assert one.faults_at_end() == []


@pytest.fixture(autouse=True)
def unharmed(server):
    """After each client others are served as before."""
    yield
    assert server.get("/livez")[0] == 200


@pytest.fixture
def raw(server):
    with RawSocket(server.address, seconds=20) as s:
        yield s


def ask(server, *arguments, **options):
    """(status, headers, error code or None) of one request; the connection must end in time if it says so."""
    with RawSocket(server.address) as s:
        s.request(*arguments, **options)
        status, headers, body = s.answer()
        if headers.get("connection") == "close":
            assert s.until_closed() == b""
        return status, headers, json.loads(body)["error"]["code"] if b'"error"' in body[:20] else None


# --- requests that are wrong


@pytest.mark.parametrize("method, status", [
    ("POST", 405), ("PUT", 405), ("DELETE", 405), ("PATCH", 405), ("TRACE", 405), ("BREW", 405), ("get", 405),
    ("G@T", 400), ("", 400), ("X" * 9000, 405),
])
def test_odd_methods(server, method, status):
    answered, headers, code = ask(server, method, "/livez", HOST)
    assert (answered, code) == (status, "bad_request")
    assert status != 405 or "GET" in headers["allow"]


@pytest.mark.parametrize("target, status", [
    ("/%", 400), ("/%z", 400), ("/%2", 400), ("/%00", 400), ("/livez?%", 400), ("/livez?a=%zz", 400),
    ("/livez?a=%00", 400), ("/api/v1/flights?filter=%ff%fe", 400), ("livez", 400), ("/a\x80", 400), ("/a\x01", 400),
    ("/../../etc/passwd", 404), ("/%2e%2e/%2e%2e/etc/passwd", 404), ("//livez", 404), ("*", 404), ("/livez/", 404),
    ("/LIVEZ", 404), ("/" + "a" * 8192, 414), ("/livez?" + "a=b&" * 65, 414), ("/%6civez", 200), ("http://a/livez", 200),
], ids=lambda value: value[:24] if isinstance(value, str) else None)
def test_odd_targets(server, target, status):
    answered, _, code = ask(server, "GET", target, HOST)
    assert answered == status and (code is not None) == (status != 200)


@pytest.mark.parametrize("headers, status", [
    ([], 400), (["Host: a", "Host: b"], 400), (["Host : a"], 400), ([*HOST, "X: a\x00b"], 400), ([*HOST, "X: a\x01"], 400),
    ([*HOST, "no colon"], 400), ([*HOST, " X: folded"], 400), ([*HOST, "X\x7f: a"], 400), ([*HOST, ": a"], 400),
    ([*HOST, "X: a\nY: b"], 400), ([*HOST, *(f"X{i}: a" for i in range(64))], 431), ([*HOST, "X: " + "y" * 20000], 431),
    ([*HOST, *["X: " + "y" * 900] * 60], 431), ([*HOST, "Content-Length: -1"], 400), ([*HOST, "Content-Length: 1x"], 400),
    ([*HOST, "Content-Length: 1", "Content-Length: 2"], 400), ([*HOST, "Content-Length: 99999999999999999999999"], 413),
    ([*HOST, "Content-Length: 100000000"], 413), ([*HOST, "Transfer-Encoding: chunked"], 411),
    ([*HOST, "Transfer-Encoding: chunked", "Content-Length: 3"], 400), ([*HOST, "X:"], 200), ([*HOST, "X:\ta\t"], 200),
    ([*HOST, *(f"X{i}: a" for i in range(63))], 200), ([*HOST, "X: " + "y" * 16000], 200),
], ids=lambda value: str(value)[-30:] if isinstance(value, list) else None)
def test_odd_headers(server, headers, status):
    assert ask(server, "GET", "/livez", headers)[0] == status


@pytest.mark.parametrize("version, status", [
    ("HTTP/1.2", 505), ("HTTP/2.0", 505), ("HTTP/9.9", 505), ("HTTP/1", 505), ("http/1.1", 400), ("FTP/1.1", 400),
])
def test_odd_versions(server, version, status):
    assert ask(server, "GET", "/livez", HOST, version=version)[0] == status


@pytest.mark.parametrize("data", [
    b"\x00" * 1000, b"\xff" * 1000, b"A" * 20000, b"GET\r\n\r\n", b"GET /livez\r\n\r\n", b" \r\n\r\n", b"\n\n\n\n" * 5000,
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(506), b"SSH-2.0-OpenSSH_9\r\n\r\n", b"*1\r\n$4\r\nPING\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
], ids=lambda data: repr(data[:12]))
def test_what_is_not_http(raw, data):
    """TLS, SSH, Redis, HTTP/2 and noise on a plain port: refused in HTTP's words or closed."""
    raw.send(data)
    raw.socket.shutdown(1)
    answer = raw.until_closed()
    assert answer == b"" or answer.startswith((b"HTTP/1.1 4", b"HTTP/1.1 505"))


# --- connections


def test_http_1_0_is_answered_and_closed(raw):
    raw.request(version="HTTP/1.0")
    status, headers, _ = raw.answer()
    assert (status, headers["connection"]) == (200, "close")
    assert raw.until_closed() == b""


def test_http_1_0_may_keep_the_connection(raw):
    for _ in range(2):
        raw.request(headers=["Connection: keep-alive"], version="HTTP/1.0")
        assert raw.answer()[0] == 200


def test_pipelined_requests_are_answered_in_order(raw):
    targets = ["/livez", "/nothing", "/api/v1/flights?limit=1", "/livez?x=1", "/metrics"] * 4
    raw.send(b"".join(f"GET {t} HTTP/1.1\r\nHost: a\r\n\r\n".encode() for t in targets))
    assert [raw.answer()[0] for _ in targets] == [200, 404, 200, 400, 200] * 4


def test_one_who_pipelines_and_never_reads_is_closed(server):
    """What it may leave unread has a ceiling."""
    with RawSocket(server.address, receive_buffer=4096) as s:
        request = b"GET /api/v1/flights HTTP/1.1\r\nHost: a\r\nX: " + b"y" * 4000 + b"\r\n\r\n"
        s.socket.settimeout(wait.deadline_s(5))
        with pytest.raises(OSError):  # reset, or nothing more is taken
            for _ in range(20000):
                s.socket.sendall(request)


def test_a_request_in_single_bytes(raw):
    for byte in b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\n":
        raw.send(bytes([byte]))
    assert raw.answer()[0] == 200


def test_head_has_the_length_and_no_body(server):
    with RawSocket(server.address) as s:
        s.request("HEAD", "/api/v1/stats", [*HOST, "Connection: close"])
        head = s.until_closed()
    assert head.startswith(b"HTTP/1.1 200") and head.endswith(b"\r\n\r\n") and b"Content-Length:" in head


def test_a_body_is_read_and_ignored(raw):
    raw.request(target="/livez", headers=[*HOST, "Content-Length: 5"], body=b"GET /")
    assert raw.answer()[0] == 200
    raw.request(target="/livez", headers=HOST)
    assert raw.answer()[0] == 200


def test_a_body_that_is_waited_for(raw):
    raw.request(target="/livez", headers=[*HOST, "Content-Length: 2", "Expect: 100-continue"])
    assert raw.answer()[0] == 100
    raw.send(b"{}")
    assert raw.answer()[0] == 200


def test_slowloris_is_told_and_closed(server):
    """A head that grows by a byte now and then; others are served meanwhile."""
    with RawSocket(server.address, seconds=30) as s:
        s.send(b"GET /livez HTTP/1.1\r\nHost: a\r\nX: ")
        s.socket.settimeout(0.2)

        def told():
            assert server.get("/livez")[0] == 200
            s.send(b"y")
            try:
                data = s.socket.recv(1000)
            except TimeoutError:
                return None
            except ConnectionResetError:
                return b"closed"
            return data or b"closed"

        answer = wait.until(told, 20, "a slow head is refused")
        assert answer == b"closed" or answer.startswith(b"HTTP/1.1 408")


@pytest.mark.parametrize("path", [
    "/healthz", "/api/v1/flights", "/api/v1/flights?format=geojson", "/api/v1/stats", "/api/v1/services",
    "/api/v1/alerts", "/api/v1/metrics/panels", "/data/aircraft.json", "/data/receiver.json", "/v2/mil", "/openapi.json",
])
def test_no_object_names_a_member_twice(server, path):
    """Which of them counts is a matter of the reader's taste."""
    def unique(pairs):
        assert len({name for name, _ in pairs}) == len(pairs), [name for name, _ in pairs]
        return dict(pairs)

    status, text = server.get(path)
    assert status == 200 and json.loads(text, object_pairs_hook=unique)


def test_many_who_connect_and_say_nothing(server):
    idle = [RawSocket(server.address) for _ in range(300)]
    try:
        assert server.get("/livez")[0] == 200
        assert ask(server, "GET", "/livez", HOST)[0] == 200
    finally:
        for s in idle:
            s.socket.close()


def test_one_who_leaves_in_the_middle_of_an_answer(server):
    for _ in range(20):
        with RawSocket(server.address, receive_buffer=2048) as s:
            s.request(target="/metrics", headers=HOST)
            s.take(10)
    assert server.get("/metrics")[0] == 200
