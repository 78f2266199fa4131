"""Sources that refuse, hang, drip, flood, and tell stories: each is told, none stops the others."""

import contextlib

import pytest
import skies
from support import wait

# The lie, the reason in flightdash_source_errors_total, a word of what /healthz says.
WEB_LIES = [
    ("hang", "timeout", "too slow"),
    ("drip", "timeout", "too slow"),
    ("huge", "too_large", "larger than"),
    ("declared", "too_large", "larger than"),
    ("bomb", "too_large", "larger than"),
    ("html", "bad_document", "a web page"),
    ("elsewhere", "redirect", "localhost"),
    ("half", "bad_document", "half a document"),
    ("cut", "closed", "remaining"),
    ("closed", "closed", ""),
    ("empty", "bad_document", "empty"),
    ("other", "bad_document", "You are not subscribed"),
    ("missing", "http_status", "404"),
    ("broken", "http_status", "500"),
    ("forbidden", "unauthorized", "Invalid API key"),
    ("busy", "rate_limited", "429"),
    ("yesterday", "frozen", "stale file"),
]


def check_of(server, name):
    """What /healthz says of a source, None when it is not there."""
    _, text = server.get("/healthz")
    rows = skies.json.loads(text)["checks"].get(f"source:{name}", [])
    return rows[0] if rows else None


def errors(server, name, reason):
    return server.metrics().value("flightdash_source_errors_total", default=0, source=name,
                                  reason=reason)


def hexes(server):
    return {flight["hex"] for flight in server.json("/api/v1/flights?limit=1000")["flights"]}


@pytest.fixture
def lies():
    with contextlib.ExitStack() as stack:
        lies = skies.Lies()
        stack.callback(lies.web.stop)
        yield lies


def test_every_lie_is_told_and_stops_nobody(daemon, lies):
    """All at once, beside two honest sources that must go on as if they were alone."""
    nobody = skies.free_port()
    garbage = skies.Port(b"<html>\r\n" * 30)
    flood = skies.Port(b"x" * 300000 + b"\n")
    cut = skies.Port(b"MSG,3,,,4B18DD,,,,,,,37", hold=False)
    ports = {"garbage": garbage, "flood": flood, "cut": cut}
    web = [f"readsb+http://{lies.web.place}/{name}/aircraft.json?poll_s=0.5&name={name}"
           for name, _, _ in WEB_LIES]
    tcp = [f"sbs+tcp://{port.place}?name={name}-port" for name, port in ports.items()]
    server = daemon(source=[
        f"readsb+http://{lies.web.place}/honest/aircraft.json?poll_s=0.2&name=honest",
        f"readsb+http://{lies.web.place}/zipped/aircraft.json?poll_s=0.5&name=zipped",
        f"readsb+http://{lies.web.place}/moved/aircraft.json?poll_s=0.5&name=moved",
        f"readsb+http://127.0.0.1:{nobody}/aircraft.json?name=nobody",
        f"sbs+tcp://127.0.0.1:{nobody}?name=nobody-port", *web, *tcp,
    ])
    wait.until(lambda: hexes(server) == {"4b1814", "4b1815", "4b18aa"}, 15, "the honest sky")

    for name, reason, word in [*WEB_LIES, ("nobody", "unreachable", "refused"),
                               ("nobody-port", "closed", "refused"),
                               ("garbage-port", "bad_document", "not sbs"),
                               ("cut-port", "closed", "closed")]:
        wait.until(lambda: errors(server, name, reason), 45, f"{name} counted as {reason}")
        said = check_of(server, name)
        assert said and said["status"] in ("warn", "fail"), (name, said)
        assert word in said["output"], (name, said)

    metrics = server.metrics()
    refused = "flightdash_source_refused_total"
    assert metrics.value(refused, source="garbage-port", reason="bad_line") >= 30
    assert metrics.value(refused, source="flood-port", reason="too_large") == 1
    assert metrics.value(refused, source="cut-port", reason="bad_line") >= 1

    assert hexes(server) == {"4b1814", "4b1815", "4b18aa"}, "no lie became an aircraft"
    for name in ("honest", "zipped", "moved"):
        assert check_of(server, name)["status"] == "pass", check_of(server, name)
    before = metrics.value("flightdash_source_records_total", source="honest")
    wait.until(lambda: server.metrics().value("flightdash_source_records_total",
                                              source="honest") > before + 10, 10)
    asked = sum("/busy/" in path for path in lies.web.requests)
    assert asked == 1, f"Retry-After: 60, and asked {asked} times"
    for port in ports.values():
        port.stop()


def test_a_source_that_becomes_honest_is_believed_again(daemon, lies):
    lie = lies.honest
    lies.honest = lies.html
    server = daemon(
        source=f"readsb+http://{lies.web.place}/honest/aircraft.json?poll_s=0.2&name=turncoat")
    wait.until(lambda: errors(server, "turncoat", "bad_document"), 10)
    assert hexes(server) == set()
    lies.honest = lie
    wait.until(lambda: hexes(server) == {"4b1814", "4b1815"}, 15)
    wait.until(lambda: check_of(server, "turncoat")["status"] == "pass", 5)


def test_our_parameters_are_not_sent_on(daemon, lies):
    server = daemon(source=f"readsb+http://{lies.web.place}/honest/aircraft.json"
                                 "?poll_s=0.2&key=a%20b&name=roof")
    wait.until(lambda: hexes(server), 10)
    assert set(lies.web.requests) == {"/honest/aircraft.json?key=a b"}
    flight = server.json("/api/v1/flights")["flights"][0]
    assert flight["src"] == "roof"
    assert lies.web.headers[0]["User-Agent"].startswith("flightdash/")


def test_a_file_that_stops_moving_is_called_stale(daemon, lies):
    now = skies.time.time()
    lies.honest = lambda request: skies.send(request, 200, skies.document(now=now))
    server = daemon(
        source=f"readsb+http://{lies.web.place}/honest/aircraft.json?poll_s=0.2&name=frozen")
    wait.until(lambda: hexes(server), 10)
    wait.until(lambda: errors(server, "frozen", "frozen"), 20)
    assert "stale file" in check_of(server, "frozen")["output"]


def test_a_clock_that_is_an_hour_off_is_only_a_clock(daemon, lies):
    """Ages come from the source's own time; the far clock must be seen to run first."""
    lies.honest = lambda request: skies.send(
        request, 200, skies.document(now=skies.time.time() - 3600))
    server = daemon(
        source=f"readsb+http://{lies.web.place}/honest/aircraft.json?poll_s=0.2&name=slow")
    wait.until(lambda: hexes(server) == {"4b1814", "4b1815"}, 10)
    flight = server.json("/api/v1/flights")["flights"][0]
    assert flight.get("seen", 0) < 5, flight


def test_what_a_source_no_longer_lists_becomes_unknown(daemon, lies):
    rows = skies.aircraft(("4b1814",), squawk="1000")
    lies.honest = lambda request: skies.send(request, 200, skies.document(rows))
    server = daemon(
        source=f"readsb+http://{lies.web.place}/honest/aircraft.json?poll_s=0.2&name=a")

    def flight():
        found = server.json("/api/v1/flights")["flights"]
        return found[0] if found else {}

    wait.until(lambda: flight().get("squawk") == "1000", 10)
    del rows[0]["squawk"]
    wait.until(lambda: flight() and "squawk" not in flight(), 10)
    assert flight()["alt_baro"] == 30000


def test_bad_records_cost_only_themselves(daemon, lies):
    rows = [*skies.aircraft(("4b1814",), gs=99999), {"hex": "nonsense"}, {"flight": "X"}, 7,
            {"hex": "4b1899", "lat": 91, "lon": 8}, *skies.aircraft(("4b1815",))]
    lies.honest = lambda request: skies.send(request, 200, skies.document(rows))
    server = daemon(
        source=f"readsb+http://{lies.web.place}/honest/aircraft.json?poll_s=0.2&name=a")
    wait.until(lambda: hexes(server) == {"4b1814", "4b1815"}, 10)
    by_hex = {f["hex"]: f for f in server.json("/api/v1/flights")["flights"]}
    assert "gs" not in by_hex["4b1814"] and by_hex["4b1814"]["alt_baro"] == 30000
    metrics = server.metrics()
    for reason in ("out_of_range", "bad_hex", "no_hex", "not_object", "bad_position"):
        assert metrics.value("flightdash_source_refused_total", source="a", reason=reason), reason


def test_ports_of_both_kinds(daemon):
    """The JSON port and BaseStation's, of the same aircraft: fields of both, each `src` known."""
    def json_lines():
        objects = skies.aircraft(("4b1814",), r="HB-JCA")
        return "".join(skies.json.dumps(o) + ",\n" for o in objects).encode()

    sbs = skies.Port(lambda: b"MSG,6,,,4B1814,,,,,,,,,,,,,733,0,0,0,0\r\n\r\n"
                             b"MSG,1,,,4B1816,,,,,,BAW1    ,,,,,,,,,,,\r\n")
    port = skies.Port(json_lines)
    server = daemon(source=[f"readsb+tcp://{port.place}?name=json",
                                  f"sbs+tcp://{sbs.place}?name=base"])

    def by_hex():
        return {f["hex"]: f for f in server.json("/api/v1/flights")["flights"]}

    wait.until(lambda: set(by_hex()) == {"4b1814", "4b1816"}, 10)
    wait.until(lambda: by_hex()["4b1814"].get("squawk") == "0733" and
               by_hex()["4b1814"].get("r") == "HB-JCA", 10, lambda: by_hex())
    assert by_hex()["4b1816"]["flight"] == "BAW1"
    assert by_hex()["4b1816"]["src"] == "base"
    sbs.stop()
    port.stop()
