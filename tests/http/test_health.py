"""Alive, ready, well; and what is counted."""

import json
import subprocess
import urllib.request

import pytest

from support import servers, wait

OPENMETRICS = "application/openmetrics-text; version=1.0.0"


def fetch(server, path, **headers):
    """(status, content type, text)"""
    request = urllib.request.Request(server.url + path, headers=headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.status, answer.headers["Content-Type"], answer.read().decode()


def test_ready_means_alive_ready_and_well(daemon):
    server = daemon(source="sim:?aircraft=3")
    assert server.json("/livez") == {"status": "pass"}
    assert server.json("/readyz") == {"status": "pass"}
    status, kind, text = fetch(server, "/healthz")
    health = json.loads(text)
    assert (status, kind) == (200, "application/health+json")
    assert health["status"] in ("pass", "warn") and health["version"] == "1"
    assert {"kafka", "state"} <= health["checks"].keys(), health["checks"].keys()


def test_what_is_not_configured_is_told_and_harmless(daemon):
    server = daemon(source="sim:?aircraft=3")
    checks = server.json("/healthz")["checks"]
    for name in ("prometheus", "elasticsearch", "redis", "jaeger", "pinot"):
        assert checks[name][0] == {**checks[name][0], "status": "pass", "output": "not configured"}
    for path in ("metrics/query?query=up", "logs", "traces", "analytics/top"):
        status, text = server.get(f"/api/v1/{path}")
        assert status == 503 and json.loads(text)["error"]["code"] == "backend_unavailable"


@pytest.mark.parametrize("role", ["gateway", "ingest", "tracker", "monitor"])
def test_every_role_answers_on_its_port(daemon, kafka, role):
    server = daemon(role=role, kafka=kafka.bootstrap, create_topics=True)
    assert server.json("/livez") == {"status": "pass"}
    wait.until(lambda: server.get("/readyz")[0] == 200, 20, f"{role} ready")
    assert server.get("/healthz")[0] == 200
    assert server.metrics().value("process_resident_memory_bytes") > 1e6
    assert (server.get("/api/v1/flights")[0] == 200) == (role == "gateway")


def test_metrics_are_clean(daemon):
    servers.need_program("promtool")
    server = daemon(source="sim:?aircraft=20")
    wait.until(lambda: server.metrics().value("flightdash_flights", 0) == 20, 20, "20 flights")
    status, kind, text = fetch(server, "/metrics")
    assert (status, kind) == (200, "text/plain; version=0.0.4; charset=utf-8")
    check = subprocess.run(["promtool", "check", "metrics"], input=text, text=True, capture_output=True)
    assert (check.returncode, check.stdout, check.stderr) == (0, "", "")
    server.metrics().check_records()


def test_openmetrics_is_given_to_who_accepts_it(daemon):
    server = daemon(source="sim:?aircraft=3")
    _, kind, text = fetch(server, "/metrics", Accept=f"{OPENMETRICS},text/plain;q=0.5")
    assert kind == f"{OPENMETRICS}; charset=utf-8"
    assert text.endswith("# EOF\n") and "# TYPE flightdash_ticks counter\n" in text


def test_process_metrics_are_of_this_process(daemon):
    server = daemon(source="sim:?aircraft=3")
    metrics = server.metrics()
    assert metrics.value("process_open_fds") > 5
    assert metrics.value("process_cpu_seconds_total") > 0
    assert metrics.total("flightdash_build_info") == 1
