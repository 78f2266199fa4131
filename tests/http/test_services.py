"""The services of the platform: probed, told by others, failing and coming back."""

import json

from support import wait

KEY, CHANGES = "flightdash:v1:health", "flightdash:v1:health-changes"


def services(server):
    return {s["service"]: s for s in server.json("/api/v1/services")["services"]}


def alerts(server, which=""):
    return {a["service"]: a for a in server.json(f"/api/v1/alerts{which}")["alerts"] if "service" in a}


def test_a_health_object_of_anybody_appears(daemon, redis):
    server = daemon(source="sim:?aircraft=3", redis=redis.url)
    wait.until(lambda: services(server).get("redis", {}).get("status") == "pass", 20, "redis probed")
    weather = {"service": "weather", "status": "warn", "since": 1700000000, "output": "old", "depends_on": ["redis"]}
    redis.command("hset", KEY, "weather", json.dumps(weather))
    redis.command("publish", CHANGES, "weather")
    wait.until(lambda: "weather" in services(server), 5, "the weather service")
    told = server.json("/api/v1/services/weather")
    assert {key: told[key] for key in weather} == weather
    assert [(h["status"], h["at"]) for h in told["history"]] == [("warn", 1700000000)]


def test_a_dead_redis_is_a_failed_service_and_an_alert_that_ends(daemon, redis_fresh):
    server = daemon(source="sim:?aircraft=3", redis=redis_fresh.url)
    wait.until(lambda: services(server).get("redis", {}).get("status") == "pass", 20, "redis probed")
    redis_fresh.kill9()
    wait.until(lambda: services(server)["redis"]["status"] == "fail", 20, "the failure")
    assert services(server)["redis"]["output"]
    assert alerts(server)["redis"]["active"] is True
    assert "redis" in alerts(server, "?active=true") and "redis" not in alerts(server, "?active=false")
    assert server.get("/healthz")[0] == 200, "flights go on"
    redis_fresh.start()
    wait.until(lambda: services(server)["redis"]["status"] == "pass", 20, "the recovery")
    ended = alerts(server)["redis"]
    assert ended["active"] is False and ended["until"] >= ended["since"]
    assert "redis" in alerts(server, "?active=false") and "redis" not in alerts(server, "?active=true")


def test_a_stopped_kafka_is_the_root_cause(daemon, kafka_fresh):
    server = daemon(source="sim:?aircraft=3", kafka=kafka_fresh.bootstrap, create_topics=True)
    wait.until(lambda: services(server).get("kafka", {}).get("status") == "pass", 30, "kafka probed")
    with kafka_fresh.paused():
        wait.until(lambda: services(server)["kafka"]["status"] == "fail", 40, "the failure")
        wait.until(lambda: services(server)["tracker"]["status"] == "fail", 40, "what depends on it")
        assert services(server)["tracker"]["root_cause"] == ["kafka"]
    wait.until(lambda: services(server)["kafka"]["status"] == "pass", 40, "the recovery")
