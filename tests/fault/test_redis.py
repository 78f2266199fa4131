"""Redis away, dead, hung, read-only, emptied: no effect on ticks, shown, right again within 5 s."""

import json
import time

import pytest
from scene import await_consumed, await_status, check, flights, icao, status_of, update

from support import wait

AIRCRAFT = 200


def mirrored(redis):
    return int(redis.command("hlen", "flightdash:v1:flights"))


def row_of(redis, number):
    """What Redis has of an aircraft."""
    return json.loads(redis.command("hget", "flightdash:v1:flights", icao(number)))


@pytest.fixture
def fed(topics, redis_fresh, daemon):
    """A daemon of all roles with AIRCRAFT aircraft, all of them in Redis."""
    server = daemon(kafka=topics.bootstrap, redis=redis_fresh.url)
    topics.produce("flight-updates", [update(n, gs=n, flight=f"R{n}") for n in range(AIRCRAFT)])
    wait.until(lambda: mirrored(redis_fresh) == AIRCRAFT, 20, "the mirror")
    return server, topics, redis_fresh


def ticks_go_on(server, kafka, connect, gs):
    """A client gets a change within a second: nothing waits for Redis."""
    client = connect(server)
    subscription = client.subscribe().await_snapshot()
    kafka.produce("flight-updates", [update(1, gs=gs)])
    client.until(lambda: subscription.table[icao(1)]["gs"] == gs, 2, "the change")
    client.abort()


def test_absent_redis_harms_nobody(daemon, topics, connect):
    server = daemon(kafka=topics.bootstrap, redis="redis://127.0.0.1:1")
    topics.produce("flight-updates", [update(1, gs=1)])
    await_consumed(server, 1)
    assert "refused" in await_status(server, "redis", "fail")["output"]
    ticks_go_on(server, topics, connect, 2)
    server.metrics().check_records()


def test_killed_and_back(fed, connect):
    server, kafka, redis = fed
    redis.kill9()
    await_status(server, "redis", "fail", 5)
    ticks_go_on(server, kafka, connect, 500)
    redis.start()
    wait.until(lambda: mirrored(redis) == AIRCRAFT and row_of(redis, 1)["gs"] == 500, 5, "right again within 5 s")
    assert row_of(redis, 1)["flight"] == "R1"
    await_status(server, "redis", "pass", 5)
    server.metrics().check_records()


def test_hung_and_back(fed, connect):
    server, kafka, redis = fed
    with redis.paused():
        await_status(server, "redis", "fail", 6)
        ticks_go_on(server, kafka, connect, 501)
    await_status(server, "redis", "pass", 5)
    wait.until(lambda: row_of(redis, 1)["gs"] == 501, 5, "right again")


def test_emptied(fed):
    server, _, redis = fed
    redis.command("flushall")
    wait.until(lambda: mirrored(redis) == AIRCRAFT, 5, "right again within 5 s")
    redis.command("del", "flightdash:v1:flights")
    wait.until(lambda: mirrored(redis) == AIRCRAFT, 5, "right again within 5 s")
    assert status_of(server, "redis") == "pass"


def test_read_only(fed, connect):
    server, kafka, redis = fed
    redis.command("replicaof", "127.0.0.1", "1")
    assert "READONLY" in await_status(server, "redis", "warn", 6)["output"]
    ticks_go_on(server, kafka, connect, 502)
    redis.command("replicaof", "no", "one")
    await_status(server, "redis", "pass", 6)
    wait.until(lambda: row_of(redis, 1)["gs"] == 502, 5, "right again")


def test_out_of_memory_is_a_warning(fed, connect):
    server, kafka, redis = fed
    redis.command("config", "set", "maxmemory", "1")
    kafka.produce("flight-updates", [update(n, gs=700) for n in range(AIRCRAFT)])
    await_status(server, "redis", "warn", 6)
    ticks_go_on(server, kafka, connect, 503)
    redis.command("config", "set", "maxmemory", "0")
    await_status(server, "redis", "pass", 6)
    wait.until(lambda: row_of(redis, 7)["gs"] == 700, 5, "what was refused is written")


def test_warm_start(fed, daemon):
    """A gateway that starts knows what Redis knows, and what came since."""
    _, kafka, redis = fed
    kafka.produce("flight-updates", [update(2, track=45)])
    started = time.monotonic()
    gateway = daemon(role="gateway", kafka=kafka.bootstrap, redis=redis.url)
    assert time.monotonic() - started < 5
    known = flights(gateway)
    assert len(known) == AIRCRAFT and known[icao(3)]["flight"] == "R3"
    wait.until(lambda: flights(gateway)[icao(2)].get("track") == 45, 5, "what came since")
    gateway.metrics().check_records()


def test_garbage_in_redis_is_skipped(daemon, topics, redis):
    for field, value in {"zz": "{}", icao(1): "not json", icao(2): "[]"}.items():
        redis.command("hset", "flightdash:v1:flights", field, value)
    row = update(3, gs=3)[1]
    del row["src"]
    redis.command("hset", "flightdash:v1:flights", icao(3), json.dumps(row))
    gateway = daemon(role="gateway", kafka=topics.bootstrap, redis=redis.url)
    assert flights(gateway).keys() == {icao(3)}
    assert "src" not in flights(gateway)[icao(3)], "what Redis does not tell is unknown, not empty"


def test_a_hash_of_another_type_is_a_warning(daemon, topics, redis, connect):
    redis.command("set", "flightdash:v1:flights", "taken")
    server = daemon(kafka=topics.bootstrap, redis=redis.url)
    topics.produce("flight-updates", [update(1, gs=1)])
    await_consumed(server, 1)
    assert "WRONGTYPE" in await_status(server, "redis", "warn", 6)["output"]
    ticks_go_on(server, topics, connect, 2)


def test_health_written_by_others_is_on_every_screen(daemon, topics, redis, connect):
    server = daemon(kafka=topics.bootstrap, redis=redis.url)
    client = connect(server)
    client.subscribe("health")
    await_status(server, "redis", "pass")
    told = {"service": "pinot", "status": "warn", "since": time.time(), "latency_ms": 12, "output": "slow", "depends_on": []}
    redis.command("hset", "flightdash:v1:health", "pinot", json.dumps(told))
    redis.command("publish", "flightdash:v1:health-changes", "pinot")
    wait.until(
        lambda: "pinot" in json.dumps(server.json("/api/v1/services")), 5, "pinot on /api/v1/services"
    )
    shown = server.json("/api/v1/services/pinot")
    assert "warn" in json.dumps(shown) and "slow" in json.dumps(shown)
    client.until(lambda: "pinot" in json.dumps(client.of_type("health")), 5, "pinot on the health channel")


def test_a_password_from_a_file(daemon, topics, redis_fresh, tmp_path):
    redis_fresh.command("acl", "setuser", "feeder", "on", ">feeder-pw", "~flightdash:*", "&flightdash:*", "+@all")
    secret = tmp_path / "password"
    secret.write_text("feeder-pw\n")
    secret.chmod(0o600)
    address = redis_fresh.url.removeprefix("redis://")
    server = daemon(kafka=topics.bootstrap, redis=f"redis://feeder@{address}?password_file={secret}")
    await_status(server, "redis", "pass")
    secret.write_text("wrong\n")
    again = daemon(kafka=topics.bootstrap, redis=f"redis://feeder@{address}?password_file={secret}")
    assert "WRONGPASS" in await_status(again, "redis", "fail")["output"]
    assert "feeder-pw" not in server.log() + json.dumps(check(server, "redis"))


def test_tls_where_hiredis_can(redis_secure, daemon, topics):
    url = f"{redis_secure.tls_url}?ca_file={redis_secure.facts['CA']}"
    server = daemon.new(kafka=topics.bootstrap, redis=url).launch()
    outcome = wait.until(lambda: server._readiness() or not server.is_alive(), 20, "ready, or a refusal")
    if outcome is True:  # hiredis 0.14
        assert server.exit_status() in (1, 2) and "needs a hiredis with TLS" in server.log()
        return
    server.ready = outcome
    await_status(server, "redis", "pass")
    topics.produce("flight-updates", [update(1, gs=1)])
    wait.until(lambda: mirrored(redis_secure) == 1, 10, "the mirror")
