"""What the tests of upstream servers share."""

import urllib.parse

import pytest

from support.liar import Liar


@pytest.fixture
def liar():
    server = Liar().start()
    yield server
    server.stop()


@pytest.fixture
def ask():
    """A function: ask(daemon, "metrics/query", query="up") -> (status, text)."""

    def get(server, path, **parameters):
        return server.get(f"/api/v1/{path}?{urllib.parse.urlencode(parameters)}")

    return get
