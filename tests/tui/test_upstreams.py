"""Graphs from a real Prometheus and log lines from a real Elasticsearch, on the screen."""

import json

from support import wait


def test_graphs_of_its_own_metrics(daemon, prometheus, terminal):
    server = daemon(source="sim:?aircraft=12&rate_hz=2", prometheus=prometheus.url)
    prometheus.scrape(server.ready["http"])
    wait.until(lambda: prometheus.query("flightdash_flights"), 30, "a first scrape")
    t = terminal((100, 40))
    t.run(f"ws://{server.ready['http']}/ws", "--view", "metrics")
    t.wait_for("Records consumed", 30)
    wait.until(lambda: "│" in t.screen() and "  12" in t.screen(), 40, t.screen)
    t.keys("/")
    t.type('up{job="flightdash"}')
    t.keys("Enter")
    t.wait_for("instance=", 20)
    t.keys("/")
    t.keys("C-u")
    t.type("sum((")
    t.keys("Enter")
    t.wait_for("parse error", 20)


def test_lines_that_it_logged_itself(daemon, elasticsearch, terminal, tmp_path):
    path = tmp_path / "flightdashd.log"
    server = daemon(source="sim:?aircraft=3", elasticsearch=elasticsearch.url, log_format="ecs",
                    log_level="debug", log_file=path)
    lines = wait.until(lambda: path.exists() and [json.loads(line) for line in path.read_text().splitlines()], 10, "log lines")
    elasticsearch.bulk("logs-flightdash-terminal", lines)
    t = terminal((160, 40))
    t.run(f"ws://{server.ready['http']}/ws", "--view", "logs")
    t.wait_for(lines[0]["message"][:40], 30)
    t.keys("Home", "Enter")
    t.wait_for("log.level")
    t.keys("Escape", "/")
    t.type("message:nothingwhatever")
    t.keys("Enter")
    t.wait_for("No log line matches", 20)
