"""replay: and sim: in a running flightdashd."""

import gzip
import json

import skies
from support import recordings, wait
from test_liars import check_of, hexes


def flights(server):
    return {f["hex"]: f for f in server.json("/api/v1/flights?limit=50000")["flights"]}


def line(at, address, **fields):
    return json.dumps({"ts": at, "hex": address, **fields}) + "\n"


def records_of(server, name):
    return server.metrics().value("flightdash_source_records_total", source=name)


def test_times_are_shifted_and_ages_kept(daemon, tmp_path):
    path = tmp_path / "recording.jsonl.gz"
    path.write_bytes(gzip.compress((
        line(1000, "4b1814", lat=47, lon=8, gs=400) +
        "this line is broken\n" +
        line(1010, "4b1815", lat=48, lon=9, seen_pos=30, flight="LATE") +
        line(1020, "4b1814", gs=410)).encode()))
    server = daemon(source=f"replay:{path}?speed=20")
    wait.until(lambda: hexes(server) == {"4b1814"}, 10)
    wait.until(lambda: hexes(server) == {"4b1814", "4b1815"}, 10)
    late = flights(server)["4b1815"]
    assert 29 <= late["seen_pos"] < 40 and late["seen"] < 10, late
    wait.until(lambda: flights(server)["4b1814"].get("gs") == 410, 10)
    assert flights(server)["4b1814"]["lat"] == 47, "a line leaves standing what it leaves out"
    wait.until(lambda: "end of the recording after 3 records" in
               check_of(server, "replay").get("output", ""), 10)
    assert check_of(server, "replay")["status"] == "pass"
    assert server.metrics().value("flightdash_source_refused_total", source="replay",
                                  reason="not_json") == 1


def test_it_loops(daemon, tmp_path):
    path = tmp_path / "recording.jsonl"
    path.write_text(line(1000, "4b1814", gs=400) + line(1000.5, "4b1814", gs=410))
    server = daemon(source=f"replay:{path}?loop=1&speed=10")
    wait.until(lambda: records_of(server, "replay") >= 5, 15)
    assert flights(server)["4b1814"]["seen"] < 5


def test_time_that_goes_backwards_does_no_harm(daemon):
    path = recordings.recording("nasty/out-of-order-calfire.jsonl.gz")
    server = daemon(source=f"replay:{path}?speed=100000")
    wait.until(lambda: "end of the recording after 9955 records" in
               check_of(server, "replay").get("output", ""), 30)
    assert server.metrics().value("flightdash_source_refused_total", default=0, source="replay",
                                  reason="bad_time") == 0


def test_a_day_over_switzerland(daemon):
    path = recordings.recording("replay/switzerland-20180801.jsonl.gz")
    server = daemon(source=f"replay:{path}?speed=100")
    wait.until(lambda: len(hexes(server)) >= 20, 20)
    for flight in flights(server).values():
        assert 45 < flight["lat"] < 49 and 5 < flight["lon"] < 12, flight


def test_a_source_named_twice_has_two_names(daemon, tmp_path):
    path = tmp_path / "recording.jsonl"
    path.write_text(line(1000, "4b1814", gs=400))
    server = daemon(source=[f"replay:{path}", f"replay:{path}"])
    wait.until(lambda: check_of(server, "replay-2"), 10)
    wait.until(lambda: records_of(server, "replay-2") == 1, 10)


def test_the_simulator_flies(daemon):
    server = daemon(source="sim:?aircraft=200&rate_hz=2&seed=7&name=world")
    wait.until(lambda: len(hexes(server)) == 200, 15)
    before = flights(server)
    start = records_of(server, "world")
    seconds = -skies.time.monotonic()
    wait.until(lambda: records_of(server, "world") >= start + 2000, 20)
    seconds += skies.time.monotonic()
    assert 3.5 < seconds < 8, f"2000 records at 400 a second took {seconds:.1f} s"
    after = flights(server)
    moved = [h for h in after if after[h].get("lat") != before[h].get("lat")]
    assert len(moved) > 100
    assert {f["src"] for f in after.values()} == {"world"}
