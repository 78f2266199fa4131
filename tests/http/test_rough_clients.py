"""Clients that do not behave: answered or closed, never fatal, and nobody else waits."""

import socket

import pytest

from support import wait
from support.daemon import Daemon

ANSWER_S = 10


def talk(server, data, seconds=ANSWER_S):
    """Sends bytes; everything that comes back until the server closes or the time is over."""
    host, port = server.address.rsplit(":", 1)
    answer = b""
    with socket.create_connection((host, int(port)), timeout=wait.deadline_s(seconds)) as s:
        try:
            s.sendall(data)
            while True:
                more = s.recv(65536)
                if not more:
                    return answer
                answer += more
        except (ConnectionResetError, BrokenPipeError, socket.timeout):
            return answer


def status_of(answer):
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.") else None


def request(method, target, *headers):
    lines = [f"{method} {target} HTTP/1.1", "Host: flightdash", "Connection: close", *headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


@pytest.fixture(scope="module")
def rough(new_folder):
    """One daemon for all of them: it must survive each."""
    server = Daemon(new_folder("daemon"), source="sim:?aircraft=5").start()
    yield server
    assert server.faults_at_end() == []


@pytest.fixture(autouse=True)
def unharmed(rough):
    """After each client the daemon serves as before."""
    yield
    assert rough.get("/livez")[0] == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_methods_that_are_not_served(rough, method):
    answer = talk(rough, request(method, "/api/v1/flights", "Content-Length: 0"))
    assert status_of(answer) == 405
    assert b"\nallow: get" in answer.lower()


@pytest.mark.parametrize("method", ["TRACE", "BREW", "GET/"])
def test_odd_methods(rough, method):
    answer = talk(rough, request(method, "/api/v1/flights", "Content-Length: 0"))
    assert status_of(answer) in (400, 403, 404, 405, 501, None)


def test_head_has_no_body(rough):
    answer = talk(rough, request("HEAD", "/livez"))
    head, _, body = answer.partition(b"\r\n\r\n")
    assert status_of(answer) == 200 and body == b"", head


@pytest.mark.parametrize("target", [
    "/api/v1/flights?filter=%", "/api/v1/flights?filter=%zz", "/api/v1/flights?filter=%00",
    "/api/v1/flights?filter=%ff%fe", "/api/v1/flights/%2e%2e", "/../../etc/passwd",
    "/api/v1/flights?" + "a=b&" * 200, "/api/v1/flights?&&&===", "//", "/nothing/here", "*",
])
def test_bad_encodings_and_targets(rough, target):
    answer = talk(rough, request("GET", target))
    assert status_of(answer) in (400, 403, 404, 414, None) or target.endswith("===")
    assert b"root:" not in answer


@pytest.mark.parametrize("data", [
    b"\r\n\r\n", b"GET\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"GET / HTTP/9.9\r\n\r\n",
    b"GET /livez HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", b"\x00" * 1000, b"A" * 100000,
])
def test_what_is_not_http(rough, data):
    talk(rough, data, seconds=3)


def test_oversized_headers_and_query(rough):
    assert status_of(talk(rough, request("GET", "/livez", "X: " + "y" * 100000))) in (400, 413, 431, 414, None)
    assert status_of(talk(rough, request("GET", "/api/v1/flights?filter=" + "a" * 5000))) in (400, 413, 414, 431, None)


def test_a_trickle_of_header_bytes_is_closed(rough):
    host, port = rough.address.rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout=5) as s:
        s.sendall(b"GET /livez HTTP/1.1\r\nHost: a\r\n")
        s.settimeout(0.1)

        def closed():
            try:
                s.sendall(b"X-a: b\r\n"[:1])
                return s.recv(1000) == b""
            except socket.timeout:
                return False
            except OSError:
                return True

        wait.until(closed, 60, "the server closes a client that never finishes", period_s=0.5)


def test_many_idle_connections_do_not_keep_others_out(rough):
    host, port = rough.address.rsplit(":", 1)
    idle = [socket.create_connection((host, int(port)), timeout=5) for _ in range(200)]
    try:
        assert rough.get("/livez")[0] == 200
    finally:
        for s in idle:
            s.close()
