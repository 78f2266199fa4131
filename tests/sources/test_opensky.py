"""opensky: against a service of our own with tokens, quota and moods."""

import contextlib
import time
import urllib.parse

import pytest
import skies
from support import wait
from test_liars import check_of, errors, hexes


class OpenSky:
    """Tokens are "token-N"; those in `good` are accepted. Counts and remembers."""

    def __init__(self):
        self.issued = 0
        self.good = set()
        self.life_s = 1800
        self.credentials = ("id 1", "s&cret=")
        self.left = 4000
        self.mood = None
        self.web = skies.Web(self.answer)

    def answer(self, request):
        if request.path.startswith("/token"):
            self.token(request)
        else:
            self.states(request)

    def token(self, request):
        form = urllib.parse.parse_qs(self.web.bodies[-1])
        assert form["grant_type"] == ["client_credentials"]
        if (form["client_id"][0], form["client_secret"][0]) != self.credentials:
            skies.send(request, 401, '{"error":"invalid_client"}')
            return
        self.issued += 1
        name = f"token-{self.issued}"
        self.good.add(name)
        skies.send(request, 200, skies.json.dumps(
            {"access_token": name, "expires_in": self.life_s, "token_type": "Bearer"}))

    def states(self, request):
        if self.mood:
            self.mood(request)
            return
        auth = request.headers.get("Authorization")
        if auth and auth.removeprefix("Bearer ") not in self.good:
            skies.send(request, 401, "expired", "text/plain")
            return
        self.left -= 4
        now = int(time.time())
        row = ["4b1816", "SWR1951 ", "Switzerland", now - 1, now, 8.5, 47.5, 8534.4, False, 258.66,
               66.19, 0, None, 8755.38, "5551", False, 0, 4]
        skies.send(request, 200, skies.json.dumps({"time": now, "states": [row]}),
                   X_Rate_Limit_Remaining=self.left)

    def source(self, tmp_path=None, **more):
        query = {"url": f"http://{self.web.place}/api", "poll_s": "0.3", **more}
        if tmp_path:
            (tmp_path / "id").write_text(self.credentials[0] + "\n")
            (tmp_path / "secret").write_text(self.credentials[1] + "\n")
            query.update(auth_url=f"http://{self.web.place}/token",
                         client_id_file=tmp_path / "id", client_secret_file=tmp_path / "secret")
        return "opensky:?" + "&".join(f"{k}={urllib.parse.quote(str(v))}" for k, v in query.items())

    def polls(self):
        return sum(path.startswith("/api/states/all") for path in self.web.requests)


@pytest.fixture
def service():
    with contextlib.ExitStack() as stack:
        service = OpenSky()
        stack.callback(service.web.stop)
        yield service


def test_anonymous(daemon, service):
    server = daemon(source=service.source(bbox="5.9,45.8,10.5,47.8"))
    wait.until(lambda: hexes(server) == {"4b1816"}, 10)
    flight = server.json("/api/v1/flights")["flights"][0]
    assert (flight["alt_baro"], flight["alt_geom"], flight["gs"]) == (28000, 28725, 502.8)
    assert (flight["lat"], flight["lon"], flight["category"]) == (47.5, 8.5, "A3")
    assert flight["src"] == "opensky"
    path = urllib.parse.urlsplit(service.web.requests[0])
    assert path.path == "/api/states/all"
    assert urllib.parse.parse_qs(path.query) == {
        "extended": ["1"], "lomin": ["5.9"], "lamin": ["45.8"], "lomax": ["10.5"],
        "lamax": ["47.8"]}
    assert "Authorization" not in service.web.headers[0]
    assert server.metrics().value("flightdash_source_quota_remaining", source="opensky") <= 3996


def test_a_token_is_fetched_used_and_renewed(daemon, service, tmp_path):
    service.life_s = 2
    server = daemon(source=service.source(tmp_path))
    wait.until(lambda: hexes(server) == {"4b1816"}, 10)
    wait.until(lambda: service.issued >= 3, 15, "renewed before it ended")
    assert not errors(server, "opensky", "unauthorized")
    log = server.log()
    assert service.credentials[1] not in log and "token-1" not in log


def test_a_token_that_is_refused_is_replaced_at_once(daemon, service, tmp_path):
    server = daemon(source=service.source(tmp_path))
    wait.until(lambda: service.polls() >= 2, 10)
    service.good.clear()
    wait.until(lambda: service.issued == 2, 10)
    before = service.polls()
    wait.until(lambda: service.polls() > before + 2, 10)
    assert not errors(server, "opensky", "unauthorized")
    assert check_of(server, "opensky")["status"] == "pass"


def test_wrong_credentials_are_told_and_not_hammered(daemon, service, tmp_path):
    source = service.source(tmp_path)
    (tmp_path / "secret").write_text("wrong\n")
    server = daemon(source=source)
    wait.until(lambda: errors(server, "opensky", "unauthorized"), 10)
    said = check_of(server, "opensky")
    assert said["status"] in ("warn", "fail") and "credentials" in said["output"], said
    wait.pass_time(2)
    assert len(service.web.requests) == 1
    assert "wrong" not in server.log()


def test_a_used_up_quota_waits_as_long_as_it_is_told(daemon, service):
    service.mood = lambda request: skies.send(
        request, 429, "Too many requests", "text/plain", X_Rate_Limit_Retry_After_Seconds=60,
        X_Rate_Limit_Remaining=0)
    server = daemon(source=service.source())
    wait.until(lambda: errors(server, "opensky", "rate_limited"), 10)
    assert "429" in check_of(server, "opensky")["output"]
    wait.pass_time(2)
    assert service.polls() == 1


def test_the_last_of_a_quota_is_spared(daemon, service):
    service.left = 60
    server = daemon(source=service.source())
    wait.until(lambda: "quota nearly used up" in (check_of(server, "opensky") or {}).get("output", ""),
               10)
    before = service.polls()
    wait.pass_time(2)
    assert service.polls() <= before + 1, "ten times less often"
