"""Servers that refuse, hang, break or lie: said plainly, bounded, and the flights go on."""

import json
import socket
import time

import pytest

from support import processes, wait
from support.liar import HUGE, Liar

ANSWER_S = 12  # the time-out of a request, and some air
FLIGHTS_GAP_S = 2.0  # a tick is sent at least once a second

SIDES = {
    "prometheus": ("metrics/query", {"query": "up", "end": "1700000000"}),
    "elasticsearch": ("logs", {"query": "*"}),
}
SAID = {
    "hang": "", "fail": "answered 500", "huge": "", "html": "text/html",
    "not_json": "is not", "other_json": "is not", "other_product": "", "cut": "",
}


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("way", Liar.ways)
def test_a_liar_is_a_plain_error_and_flights_go_on(daemon, liar, ask, connect, side, way):
    liar.does(way)
    server = daemon(source="sim:?aircraft=50", **{side: liar.url})
    client = connect(server)
    client.subscribe()
    before = processes.rss_kib(server.pid)
    path, parameters = SIDES[side]
    began = time.monotonic()
    status, text = ask(server, path, **parameters)
    assert time.monotonic() - began < wait.deadline_s(ANSWER_S)
    error = json.loads(text)["error"]
    assert status == 503 and error["code"] == "backend_unavailable", text
    assert error["message"].startswith(side + ": ") and SAID[way] in error["message"]
    assert processes.rss_kib(server.pid) - before < 32 * 1024, f"of {HUGE // 1024} KiB"
    times = [message["time"] for message in client.of_type("tick")]
    gaps = [b - a for a, b in zip(times, times[1:])]
    assert max(gaps, default=0) < FLIGHTS_GAP_S
    checks = server.json("/healthz")["checks"]
    assert checks[side][0]["status"] == "fail" and checks[side][0]["output"]


@pytest.mark.parametrize("side", SIDES)
def test_nobody_there_is_said_at_once(daemon, ask, side):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    server = daemon(source="sim:?aircraft=1", **{side: url})
    path, parameters = SIDES[side]
    began = time.monotonic()
    status, text = ask(server, path, **parameters)
    assert status == 503 and json.loads(text)["error"]["code"] == "backend_unavailable"
    assert time.monotonic() - began < wait.deadline_s(5)


def test_a_broken_server_is_left_alone_and_found_again(daemon, liar, ask):
    liar.does("fail")
    server = daemon(source="sim:?aircraft=1", prometheus=liar.url)
    for i in range(100):
        status, text = ask(server, "metrics/query", query=f"vector({i})")
        assert status == 503
    assert len(liar.requests) < 20, "a breaker spares it"
    assert json.loads(text)["error"]["retry_ms"] > 0
    liar.does("serve")

    def answers():
        status, _ = ask(server, "metrics/query", query="up")
        return status == 200

    wait.until(answers, 20, "the server is found again", period_s=0.2)
    assert server.json("/healthz")["checks"]["prometheus"][0]["status"] == "pass"


def test_a_hanging_server_does_not_stop_the_other(daemon, liar, ask):
    good = Liar().start()
    try:
        liar.does("hang")
        server = daemon(source="sim:?aircraft=1", prometheus=liar.url, elasticsearch=good.url)
        client_began = time.monotonic()
        status, _ = ask(server, "logs")
        assert status == 200
        assert time.monotonic() - client_began < wait.deadline_s(3)
    finally:
        good.stop()
