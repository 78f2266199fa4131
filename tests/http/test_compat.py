"""The forms of other people's programs: readsb's data folder as tar1090 reads it, ADS-B v2."""

import math

import pytest

from conftest import AIRCRAFT

# What tar1090 and dump1090-fa's page read of every aircraft without asking first.
ALWAYS = {"hex": str, "messages": int, "seen": (int, float), "rssi": (int, float), "mlat": list, "tisb": list}


def by_hex(list_):
    return {aircraft["hex"]: aircraft for aircraft in list_}


def distance_nm(lat1, lon1, lat2, lon2):
    """Haversine, computed apart from the server's."""
    p1, p2 = math.radians(lat1), math.radians(lat2)
    a = math.sin((p2 - p1) / 2) ** 2 + math.cos(p1) * math.cos(p2) * math.sin(math.radians(lon2 - lon1) / 2) ** 2
    return 2 * 3440.07 * math.asin(math.sqrt(a))


def test_aircraft_json_is_what_readsb_writes(recorded):
    data = recorded().json("/data/aircraft.json?_=1700000000000")
    assert isinstance(data["now"], float) and data["messages"] >= len(AIRCRAFT)
    found = by_hex(data["aircraft"])
    assert found.keys() == by_hex(AIRCRAFT).keys()
    for aircraft in data["aircraft"]:
        for key, kind in ALWAYS.items():
            assert isinstance(aircraft[key], kind), (aircraft["hex"], key)
        assert ("seen_pos" in aircraft) == ("lat" in aircraft)
    swiss = found["4b1814"]
    assert swiss["flight"] == "SWR12   " and swiss["alt_baro"] == "ground" and swiss["squawk"] == "7700"
    assert (swiss["lat"], swiss["lon"], swiss["rssi"]) == (47.45123, 8.55321, -18.2)
    assert "lat" in found["ae01c5"]["mlat"] and found["ae01c5"]["tisb"] == []
    assert "lat" in found["~2cc5b3"]["tisb"]
    assert "src" not in swiss


def test_receiver_json(recorded):
    receiver = recorded(receiver="47.5,8.6").json("/data/receiver.json")
    assert receiver["refresh"] >= 100 and receiver["history"] == 0
    assert isinstance(receiver["version"], str)
    assert (receiver["lat"], receiver["lon"]) == (47.5, 8.6)


def test_without_a_receiver_no_place_is_made_up(recorded):
    assert recorded().json("/data/receiver.json").keys() == {"version", "refresh", "history"}


@pytest.mark.parametrize("path, hexes", [
    ("hex/4b1814", {"4b1814"}),
    ("hex/4B1814,3c6444,000001", {"4b1814", "3c6444"}),
    ("callsign/dlh4ab", {"3c6444"}),
    ("sqk/7700", {"4b1814"}),
    ("mil", {"ae01c5"}),
    ("point/47/8/60", {"4b1814"}),
    ("point/-17.5/-179.9/30", {"ae01c5"}),
    ("point/0/0/10", set()),
])
def test_v2_finds(recorded, path, hexes):
    answer = recorded().json(f"/v2/{path}")
    assert by_hex(answer["ac"]).keys() == hexes and answer["total"] == len(hexes)
    assert answer["now"] > 1e12 and answer["ctime"] > 1e12 and answer["msg"] == "No error"


def test_v2_point_tells_distance_and_direction(recorded):
    aircraft = recorded().json("/v2/point/47/8/60")["ac"][0]
    assert aircraft["dst"] == pytest.approx(distance_nm(47, 8, 47.45123, 8.55321), rel=0.002)
    assert 35 < aircraft["dir"] < 45


@pytest.mark.parametrize("path", ["point/91/0/1", "point/0/0/-1", "point/a/b/c", "hex/xyz", "sqk/8888"])
def test_v2_mistakes(recorded, path):
    assert recorded().get(f"/v2/{path}")[0] == 400
