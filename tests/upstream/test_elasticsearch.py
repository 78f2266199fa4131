"""flightdashd's own log lines, stored in a real Elasticsearch, are found through flightdashd."""

import json

import pytest

from support import wait

INDEX = "logs-flightdash-default"
TEMPLATE = {
    "index_patterns": ["logs-flightdash-*"], "data_stream": {}, "priority": 500,
    "template": {
        "settings": {"number_of_shards": 1, "number_of_replicas": 0},
        "mappings": {"properties": {
            "@timestamp": {"type": "date"}, "message": {"type": "text"},
            "log": {"properties": {"level": {"type": "keyword"}}},
            "service": {"properties": {"name": {"type": "keyword"}}},
        }},
    },
}


@pytest.fixture
def logs(elasticsearch):
    """The Elasticsearch with the data stream's template."""
    elasticsearch.ask("PUT", "/_index_template/logs-flightdash", TEMPLATE)
    return elasticsearch


def lines_of(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def run_and_ship(daemon, logs, tmp_path):
    """Lets a daemon log to a file as ECS, stores the lines, returns (daemon, lines)."""
    path = tmp_path / "flightdashd.log"
    server = daemon(
        source="sim:?aircraft=3", elasticsearch=logs.url, kibana="http://kibana.example:5601",
        log_format="ecs", log_level="debug", log_file=path,
    )
    lines = wait.until(lambda: path.exists() and lines_of(path), 10, "log lines")
    logs.bulk(INDEX, lines)
    return server, lines


def test_its_own_lines_are_found(daemon, logs, ask, tmp_path):
    server, lines = run_and_ship(daemon, logs, tmp_path)
    pid = lines[0]["process.pid"]
    status, text = ask(server, "logs", query=f"process.pid:{pid}", since="1h", limit=1000)
    found = json.loads(text)
    assert status == 200, text
    assert found["total"] == len(lines) == len(found["hits"])
    stored = {(hit["message"], hit["level"], hit["service"]) for hit in found["hits"]}
    assert stored == {(line["message"], line["log.level"], line["service.name"]) for line in lines}
    times = [hit["time"] for hit in found["hits"]]
    assert times == sorted(times, reverse=True)
    assert sum(bucket["count"] for bucket in found["histogram"]["buckets"]) == len(lines)
    assert found["kibana"].startswith("http://kibana.example:5601/app/discover#/")


def test_level_service_and_limit_narrow(daemon, logs, ask, tmp_path):
    server, lines = run_and_ship(daemon, logs, tmp_path)
    pid = lines[0]["process.pid"]
    levels = [line["log.level"] for line in lines]
    for level in set(levels):
        status, text = ask(server, "logs", query=f"process.pid:{pid}", level=level, since="1h")
        assert status == 200 and json.loads(text)["total"] == levels.count(level)
    status, text = ask(server, "logs", query=f"process.pid:{pid}", service="nobody", since="1h")
    assert status == 200 and json.loads(text)["total"] == 0
    status, text = ask(server, "logs", query=f"process.pid:{pid}", limit=1, since="1h")
    assert status == 200 and len(json.loads(text)["hits"]) == 1


def test_bad_lucene_is_the_askers_mistake(daemon, logs, ask, tmp_path):
    server, _ = run_and_ship(daemon, logs, tmp_path)
    status, text = ask(server, "logs", query="message:((")
    error = json.loads(text)["error"]
    assert status == 400 and error["code"] == "bad_request"
    assert "Failed to parse query" in error["message"]


def test_the_logs_channel_shows_the_newest_and_then_what_comes(daemon, logs, connect, tmp_path):
    server, lines = run_and_ship(daemon, logs, tmp_path)
    pid = lines[0]["process.pid"]
    client = connect(server)
    client.send({"type": "subscribe", "id": 9, "channel": "logs", "query": f"process.pid:{pid}"})

    def shown():
        return [
            hit["message"] for m in client.of_type("log") if m["id"] == 9 for hit in m["hits"]
        ]

    client.until(lambda: len(shown()) >= len(lines), 20)
    later = dict(lines[-1], message="one that came later")
    logs.bulk(INDEX, [later])
    client.until(lambda: "one that came later" in shown(), 20)
    assert sorted(shown()) == sorted([line["message"] for line in lines] + ["one that came later"])


def test_credentials_come_from_a_file(daemon, liar, ask, tmp_path):
    secret = tmp_path / "credentials"
    secret.write_text("reader:a secret\n")
    server = daemon(
        source="sim:?aircraft=1", elasticsearch=liar.url, elasticsearch_user_file=secret
    )
    status, text = ask(server, "logs")
    assert status == 200, text
    assert "a secret" not in server.log()
