"""A real Prometheus scrapes flightdashd, and flightdashd reads its own numbers back."""

import json

import pytest

from support import servers, wait

TICKS_PER_S = 4  # --tick-ms 250


def scraped(daemon, prometheus):
    """A daemon that is scraped by the Prometheus it asks."""
    server = daemon(source="sim:?aircraft=20&seed=1", prometheus=prometheus.url)
    prometheus.scrape(server.address)
    return server


def first_value(text):
    """The newest value of the first series; None where there is none yet."""
    series = json.loads(text)["series"]
    return series[0]["points"][-1][1] if series and series[0]["points"] else None


def test_own_tick_rate_is_read_back(daemon, prometheus, ask):
    server = scraped(daemon, prometheus)

    def rate():
        status, text = ask(server, "metrics/query", query="rate(flightdash_ticks_total[10s])")
        assert status == 200, text
        return first_value(text)

    # The first scrapes do not fill the window: the rate grows to the true one.
    wait.until(lambda: TICKS_PER_S * 0.5 < (rate() or 0) < TICKS_PER_S * 1.5, 40,
               lambda: f"a rate of {TICKS_PER_S} ticks/s, not {rate()}")


def test_a_range_has_points_at_whole_steps(daemon, prometheus, ask):
    server = scraped(daemon, prometheus)
    wait.until(lambda: prometheus.query("flightdash_ticks_total"), 30, "a scrape")

    def answer():
        status, text = ask(
            server, "metrics/query", query="flightdash_ticks_total", range="30s", step="1s"
        )
        assert status == 200, text
        return first_value(text) and json.loads(text)

    found = wait.until(answer, 30, "points")
    assert found["end"] - found["start"] == 30 and found["step"] == 1
    assert all(t % 1 == 0 for t, _ in found["series"][0]["points"])
    assert found["series"][0]["labels"]["job"] == "flightdash"


def test_every_panel_is_a_question_prometheus_understands(daemon, prometheus, ask):
    server = scraped(daemon, prometheus)
    for panel in server.json("/api/v1/metrics/panels")["panels"]:
        status, text = ask(server, "metrics/query", panel=panel["name"])
        assert status == 200, (panel, text)
        assert json.loads(text)["panel"] == panel["name"]


@pytest.mark.parametrize("query, said", [("rate(", "parse error"), ("sum(up", "parse error")])
def test_bad_promql_is_the_askers_mistake(daemon, prometheus, ask, query, said):
    server = daemon(source="sim:?aircraft=1", prometheus=prometheus.url)
    status, text = ask(server, "metrics/query", query=query)
    error = json.loads(text)["error"]
    assert status == 400 and error["code"] == "bad_request" and said in error["message"]
    assert server.json("/healthz")["checks"]["prometheus"][0]["status"] == "pass"


def test_the_metrics_channel_streams_windows(daemon, prometheus, connect):
    server = scraped(daemon, prometheus)
    client = connect(server)
    client.send({
        "type": "subscribe", "id": 5, "channel": "metrics",
        "query": "flightdash_ticks_total", "range": "20s", "step": "1s",
    })

    def newest():
        windows = [m for m in client.of_type("metrics") if m["id"] == 5]
        points = [p for w in windows for s in w.get("series", ()) for p in s["points"]]
        return len({t for t, _ in points}) >= 3

    client.until(newest, 30)


@pytest.mark.parametrize("major", [2, 3])
def test_it_scrapes_without_complaint(daemon, new_folder, major):
    server = daemon(source="sim:?aircraft=5")
    prometheus = servers.Prometheus(new_folder("prometheus"), major=major).start()
    try:
        prometheus.scrape(server.address)
        health = wait.until(
            lambda: [v for v in prometheus.targets().values() if v[0] != "unknown"], 30, "a scrape"
        )
        assert health == [("up", "")]
    finally:
        prometheus.stop()


def test_many_askers_are_one_question(daemon, liar, ask):
    server = daemon(source="sim:?aircraft=1", prometheus=liar.url)
    for _ in range(50):
        status, text = ask(server, "metrics/query", query="one_and_the_same", end=1700000000)
        assert status == 200 and first_value(text) == 7
    assert liar.asked("one_and_the_same") <= 3  # an answer is good for some seconds
