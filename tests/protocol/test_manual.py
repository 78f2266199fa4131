"""flightdash-protocol(7) is true: what it shows is what is said."""

import json
import re

import pytest

from support.daemon import Daemon
from support.recordings import REPOSITORY

PAGE = (REPOSITORY / "man" / "flightdash-protocol.7").read_text()


def shown(section):
    """Every JSON object in the displays of a section."""
    part = re.search(rf"^\.Sh {section}$(.*?)(?=^\.Sh )", PAGE, re.M | re.S).group(1)
    displays = re.findall(r"^\.Bd -literal -compact\n(\{.*?)^\.Ed", part, re.M | re.S)
    return [json.loads(text.replace("\n", "")) for text in displays]


OF_A_CLIENT = shown("MESSAGES OF A CLIENT")
OF_THE_SERVER = {message["type"]: message for message in shown("MESSAGES OF THE SERVER") + shown("CHANNELS")}


@pytest.fixture(scope="module")
def server(new_folder):
    one = Daemon(new_folder("daemon"), source="sim:?aircraft=20&emergencies=1").start()
    yield one
    assert one.faults_at_end() == []


def test_every_message_is_shown():
    table = (REPOSITORY / "shared" / "wire" / "wire_messages.def").read_text()
    requests = set(re.findall(r'^WIRE_REQUEST\(\w+, +"(\w+)"', table, re.M))
    replies = set(re.findall(r'^WIRE_REPLY\(\w+, +"(\w+)"', table, re.M))
    assert {message["type"] for message in OF_A_CLIENT} == requests
    assert replies - OF_THE_SERVER.keys() == {"metrics"}  # described as the route's object


@pytest.mark.parametrize("message", OF_A_CLIENT, ids=lambda message: message["type"])
def test_the_server_understands_what_is_shown(server, connect, message):
    """No example is a bad request."""
    client = connect(server, hello=False)
    if message["type"] in ("unsubscribe", "resync"):
        client.subscribe(id=message["id"])
    client.send(message)
    client.send({"type": "ping", "t": "behind it"})
    client.until(lambda: client.of_type("pong"))
    assert [m for m in client.of_type("error") if m["code"] == "bad_request"] == []


@pytest.mark.parametrize("channel, kind", [
    ("flights", "snapshot"), ("flights", "delta"), ("flights", "tick"), ("health", "health"), ("alerts", "alert"),
    ("stats", "stats"), ("pipeline", "pipeline"),
])
def test_the_server_says_what_is_shown(server, connect, channel, kind):
    """The members of the example, no more and no less."""
    client = connect(server)
    client.subscribe(channel)
    said = client.until(lambda: client.of_type(kind))[0]
    if kind == "tick":
        said = client.until(lambda: [m for m in client.of_type(kind) if "lag_ms" in m])[0]
    assert said.keys() == OF_THE_SERVER[kind].keys()


def test_the_other_answers(server, connect):
    client = connect(server)
    assert client.welcome.keys() == OF_THE_SERVER["welcome"].keys()
    assert client.welcome["limits"] == OF_THE_SERVER["welcome"]["limits"]
    world = client.subscribe()
    client.until(lambda: any("lat" in row for row in list(world.table.values())))
    hex_ = next(h for h, row in world.table.items() if "lat" in row)
    flight = client.ask("get", what="flight", icao24=hex_, trail=60)
    assert flight.keys() == OF_THE_SERVER["flight"].keys()
    assert flight["trail"][0].keys() >= {"time", "lat", "lon"}
    assert client.ask("ping", t=1).keys() == OF_THE_SERVER["pong"].keys()
    assert client.ask("subscribe", filter="alt >").keys() == OF_THE_SERVER["error"].keys()
    assert client.of_type("subscribed")[0].keys() == OF_THE_SERVER["subscribed"].keys()
