"""What the HTTP tests share: a daemon that knows exactly these aircraft."""

import json
import time

import pytest

from support import wait
from support.daemon import Daemon

# Of every kind: on the ground, by multilateration, without a position, not an ICAO address.
AIRCRAFT = [
    {
        "hex": "4b1814", "type": "adsb_icao", "flight": "SWR12", "r": "HB-JCA", "t": "BCS3",
        "alt_baro": "ground", "gs": 12.3, "track": 270.5, "squawk": "7700", "emergency": "general",
        "category": "A3", "lat": 47.45123, "lon": 8.55321, "nic": 8, "rc": 186, "messages": 812,
        "rssi": -18.2, "nav_modes": ["autopilot", "tcas"],
    },
    {"hex": "ae01c5", "type": "mlat", "flight": "RCH123", "alt_baro": 35000, "lat": -17.5, "lon": 179.9},
    {"hex": "3c6444", "type": "mode_s", "flight": "DLH4AB", "alt_baro": 36000, "baro_rate": -640},
    {"hex": "~2cc5b3", "type": "tisb_trackfile", "lat": 50.0, "lon": 8.5, "alt_geom": 1000},
]


def _replay(path):
    """Writes AIRCRAFT as a recording of now; returns its source."""
    now = time.time()
    path.write_text("".join(json.dumps({**a, "now": now}) + "\n" for a in AIRCRAFT))
    return f"replay:{path}"


def _await_aircraft(server):
    wait.until(lambda: server.json("/api/v1/flights")["total"] == len(AIRCRAFT), 20, "the aircraft")
    return server


@pytest.fixture(scope="module")
def shared_recorded(new_folder):
    """One daemon for the tests of a file, which only read."""
    folder = new_folder("daemon")
    folder.mkdir(parents=True)
    server = Daemon(folder, source=_replay(folder / "aircraft.jsonl")).start()
    yield _await_aircraft(server)
    assert server.faults_at_end() == []


@pytest.fixture
def recorded(request, daemon, tmp_path):
    """A function that returns a daemon with AIRCRAFT; with options it is the test's own."""

    def get(**options):
        if not options:
            return request.getfixturevalue("shared_recorded")
        return _await_aircraft(daemon(source=_replay(tmp_path / "aircraft.jsonl"), **options))

    return get
