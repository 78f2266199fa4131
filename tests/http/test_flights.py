"""The list of flights in all its shapes, and one flight with its trail."""

import csv
import io
import json
import urllib.error
import urllib.parse
import urllib.request

import pytest

from conftest import AIRCRAFT

BY_HEX = {aircraft["hex"]: aircraft for aircraft in AIRCRAFT}


def flights(server, **parameters):
    answer = server.json(f"/api/v1/flights?{urllib.parse.urlencode(parameters)}")
    return answer, {flight["hex"]: flight for flight in answer["flights"]}


def test_what_was_recorded_is_listed(recorded):
    answer, listed = flights(recorded())
    assert listed.keys() == BY_HEX.keys() and answer["total"] == answer["matching"] == len(AIRCRAFT)
    for hex_, flight in listed.items():
        for key, value in BY_HEX[hex_].items():
            if key not in ("messages", "rssi"):  # only when asked for by name
                assert flight[key] == value, (hex_, key)
        assert 0 <= flight["seen"] < 60
        assert ("seen_pos" in flight) == ("lat" in BY_HEX[hex_])


def test_filter_box_limit_and_fields(recorded):
    server = recorded()
    assert flights(server, filter="squawk = 7700")[1].keys() == {"4b1814"}
    assert flights(server, filter='callsign ~ "DLH*"')[1].keys() == {"3c6444"}
    assert flights(server, filter="alt > 34000 and not mil")[1].keys() == {"3c6444"}
    assert flights(server, bbox="5,45,11,48")[1].keys() == {"4b1814"}
    assert flights(server, bbox="170,-30,-170,0")[1].keys() == {"ae01c5"}
    answer, listed = flights(server, limit=1)
    assert len(listed) == 1 and answer["matching"] == len(AIRCRAFT)
    _, listed = flights(server, fields="squawk,rssi")
    assert listed["4b1814"].keys() == {"hex", "squawk", "rssi", "seen", "seen_pos"}


@pytest.mark.parametrize("parameters, code, said", [
    ({"filter": "alt >"}, "bad_filter", "column"),
    ({"filter": "colour = red"}, "bad_filter", "column 1"),
    ({"bbox": "1,2,3"}, "bad_request", "bbox"),
    ({"bbox": "0,50,10,40"}, "bad_request", "bbox"),
    ({"fields": "lat,colour"}, "bad_request", "fields"),
    ({"limit": "many"}, "bad_request", "limit"),
    ({"format": "xml"}, "bad_request", "format"),
    ({"colour": "red"}, "bad_request", "colour"),
    ([("limit", "1"), ("limit", "2")], "bad_request", "limit: stands there twice"),
], ids=str)
def test_mistakes_are_named(recorded, parameters, code, said):
    status, text = recorded().get(f"/api/v1/flights?{urllib.parse.urlencode(parameters)}")
    error = json.loads(text)["error"]
    assert status == 400 and error["code"] == code and said in error["message"]
    assert error["retry_ms"] == 0


def test_shapes_agree(recorded):
    server = recorded()
    status, text = server.get("/api/v1/flights?format=ndjson")
    rows = {row["hex"]: row for row in map(json.loads, text.splitlines())}
    assert status == 200 and rows.keys() == BY_HEX.keys()
    status, text = server.get("/api/v1/flights?format=csv&fields=lat,lon,alt_baro,nav_modes,flight")
    table = {row["hex"]: row for row in csv.DictReader(io.StringIO(text, newline=""))}
    assert table["4b1814"]["alt_baro"] == "ground" and table["4b1814"]["nav_modes"] == "autopilot tcas"
    assert float(table["ae01c5"]["lon"]) == 179.9 and table["3c6444"]["lat"] == ""
    collection = server.json("/api/v1/flights?format=geojson")
    features = {f["properties"]["hex"]: f for f in collection["features"]}
    assert collection["type"] == "FeatureCollection" and features.keys() == BY_HEX.keys()
    assert features["4b1814"]["geometry"] == {"type": "Point", "coordinates": [8.55321, 47.45123]}
    assert features["3c6444"]["geometry"] is None


def test_an_etag_saves_the_body_within_a_tick(recorded):
    server = recorded(tick_ms=5000)
    first = urllib.request.urlopen(f"{server.url}/api/v1/flights", timeout=10)
    tag = first.headers["ETag"]
    request = urllib.request.Request(f"{server.url}/api/v1/flights", headers={"If-None-Match": tag})
    try:
        again = urllib.request.urlopen(request, timeout=10)
        assert again.headers["ETag"] != tag, "the same tick must be a 304"
    except urllib.error.HTTPError as answer:
        assert answer.code == 304 and answer.read() == b""


def test_one_flight_with_its_trail(recorded):
    server = recorded()
    answer = server.json("/api/v1/flights/4B1814?trail=3600")
    flight = answer["flight"]
    assert flight["hex"] == "4b1814" and flight["country"] == "CH" and flight["operator"] == "SWR"
    assert flight["messages"] == 812
    assert answer["trail"][-1][1:3] == [47.45123, 8.55321]
    assert "trail" not in server.json("/api/v1/flights/4b1814")
    assert server.json("/api/v1/flights/~2cc5b3")["flight"]["alt_geom"] == 1000
    assert server.get("/api/v1/flights/abcdef")[0] == 404
    assert server.get("/api/v1/flights/swiss12")[0] == 400


def test_stats_services_and_alerts(recorded):
    server = recorded()
    assert server.json("/api/v1/stats")
    services = server.json("/api/v1/services")
    assert services["total"] == len(services["services"])
    assert server.get("/api/v1/services/nobody")[0] == 404
    assert server.json("/api/v1/alerts?limit=5").keys() >= {"alerts", "total", "open"}
