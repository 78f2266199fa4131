"""The rig itself: each real server starts, answers, is killed, comes back with its data, and is gone."""

import contextlib
import http.server
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import textwrap
import threading

import pytest

from support import processes, servers, wait


def test_redis_comes_back_with_its_data_after_kill_9(redis_fresh):
    redis, port = redis_fresh, redis_fresh.port
    redis.command("hset", "flightdash:v1:flights", "4b1814", "{}")
    redis.kill9()
    assert not redis.is_alive()
    redis.start()
    assert redis.port == port
    assert redis.command("hgetall", "flightdash:v1:flights") == "4b1814\n{}"
    redis.stop()
    assert not redis.is_alive()


def test_redis_takes_lines_of_configuration(new_folder):
    redis = servers.Redis(new_folder("redis"), extra="maxmemory 3mb\n").start()
    assert redis.command("config", "get", "maxmemory") == "maxmemory\n3145728"
    redis.stop()


def test_redis_admits_by_password_over_tls(redis_secure):
    host, port = redis_secure.tls_url.removeprefix("rediss://").split(":")
    words = ["redis-cli", "-h", host, "-p", port, "--tls", "--cacert", redis_secure.facts["CA"]]
    for user, password, answer in ("feeder", "feeder-pw", "PONG\n"), ("feeder", "wrong", "WRONGPASS"):
        login = ["--no-auth-warning", "--user", user, "--pass", password]
        done = subprocess.run(
            [*words, *login, "ping"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=10
        )
        assert answer in done.stdout


def test_kafka_keeps_records_and_commits_over_kill_9(kafka_fresh):
    kafka, bootstrap = kafka_fresh, kafka_fresh.bootstrap
    kafka.create_topic("flight-updates")
    kafka.produce(
        "flight-updates",
        [("4b1814", {"lat": 47.5}), ("4b1814", None), ("~ab1234", {"lat": 46.5})],
        headers={"source": "test"},
    )
    kafka.kill9()
    kafka.start()
    assert kafka.bootstrap == bootstrap
    records = sorted(kafka.consume("flight-updates"), key=lambda r: (r.key, r.offset))
    assert [(r.key, r.value and json.loads(r.value)) for r in records] == [
        ("4b1814", {"lat": 47.5}),
        ("4b1814", None),
        ("~ab1234", {"lat": 46.5}),
    ]
    assert records[0].headers == {"source": "test"}
    kafka.stop()
    assert not kafka.is_alive()


def test_kafka_reset_leaves_no_topic_and_no_record(kafka):
    kafka.create_topic("flight-updates", cleanup_policy="compact")
    kafka.produce("flight-updates", [("4b1814", {})])
    kafka.reset()
    assert kafka.admin.topics() == {}
    kafka.create_topic("flight-updates")
    assert kafka.consume("flight-updates") == []


def test_kafka_tells_the_lag_of_a_group(kafka):
    kafka.create_topic("flight-updates", partitions=2)
    kafka.produce("flight-updates", [(f"{n:06x}", {"n": n}) for n in range(100)])
    assert kafka.group_lag("tracker", "flight-updates") == 100
    reader = kafka.kcat("-G", "tracker", "-c", "40", "-X", "auto.offset.reset=earliest", "flight-updates")
    read = subprocess.run(reader, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=60)
    assert len(read.stdout.splitlines()) == 40
    assert kafka.group_lag("tracker", "flight-updates") < 100
    assert kafka.admin.group("tracker", "flight-updates").state == "Empty"


def test_kafka_keys_go_where_jvm_programs_put_them(kafka):
    # Partitions of these keys by org.apache.kafka.common.utils.Utils.murmur2, of 6.
    kafka.create_topic("flight-updates", partitions=6)
    kafka.produce("flight-updates", [("4b1814", {}), ("a00001", {}), ("~ab1234", {})])
    assert {r.key: r.partition for r in kafka.consume("flight-updates")} == {
        key: murmur2_partition(key.encode(), 6) for key in ("4b1814", "a00001", "~ab1234")
    }


def test_kafka_paused_answers_again_when_resumed(kafka_fresh):
    kafka_fresh.create_topic("flight-updates")
    with kafka_fresh.paused():
        assert processes.is_stopped(kafka_fresh.pids[0])
    assert "flight-updates" in kafka_fresh.admin.topics()


def test_three_nodes_lose_a_leader_and_no_record(kafka_cluster):
    kafka, count = kafka_cluster, 2000
    kafka.create_topic("flight-updates", partitions=3)
    with kafka.producer("flight-updates", linger_ms=5) as producer:
        for n in range(count):
            producer.send(f"{n % 50:06x}", {"n": n}, flush=True)
            if n == count // 2:
                lost = kafka.leader("flight-updates")
                kafka.kill9_node(lost)
    wait.until(lambda: kafka.leader("flight-updates") not in (lost, -1), 20, "a new leader")
    kafka.start_node(lost)
    wait.until(lambda: len(kafka.admin.topics()["flight-updates"][0].isr) == 3, 20, "all in sync")
    got = [json.loads(r.value)["n"] for r in kafka.consume("flight-updates")]
    assert sorted(got) == list(range(count))


def test_kafka_admits_by_password_over_tls_and_by_certificate(kafka_secure):
    kafka = kafka_secure
    kafka.create_topic("flight-updates")
    kafka.produce("flight-updates", [("4b1814", {"by": "password"})], how="sasl")
    kafka.produce("flight-updates", [("4b1814", {"by": "certificate"})], how="mtls")
    got = kafka.consume("flight-updates", how="mtls")
    assert [json.loads(r.value)["by"] for r in got] == ["password", "certificate"]


def test_kafka_admits_by_scram(kafka_secure):
    said = subprocess.run(["kcat", "-V"], stdout=subprocess.PIPE, text=True, check=True).stdout
    major, minor, patch = re.search(r"librdkafka (\d+)\.(\d+)\.(\d+)", said).groups()
    if (int(major), int(minor), int(patch)) < (2, 6, 1):
        pytest.skip(f"librdkafka {major}.{minor}.{patch} cannot log in by SCRAM at Kafka 4; 2.6.1 can")
    kafka_secure.create_topic("flight-updates")
    properties = kafka_secure.client_properties("sasl", "reader", mechanism="SCRAM-SHA-512")
    kafka_secure.produce("flight-updates", [("4b1814", {})], how="sasl", **properties)
    assert len(kafka_secure.consume("flight-updates")) == 1


@pytest.mark.parametrize(
    "user, password, said",
    [("feeder", "wrong", "Authentication failed"), ("reader", None, "Topic authorization failed")],
)
def test_kafka_refuses_a_wrong_password_and_a_user_without_rights(kafka_secure, user, password, said):
    kafka = kafka_secure
    kafka.create_topic("flight-updates")
    kafka.admin.allow("feeder", "all", "topic", "flight-updates")
    properties = kafka.client_properties("sasl", user, password)
    words = [w for k, v in properties.items() for w in ("-X", f"{k}={v}")]
    command = ["kcat", "-b", kafka.brokers("sasl"), *words, "-C", "-e", "-t", "flight-updates"]
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True, timeout=60)
    assert done.returncode != 0
    assert said in done.stderr


def test_prometheus_keeps_its_samples_over_kill_9(prometheus_fresh):
    prometheus, url = prometheus_fresh, prometheus_fresh.url
    own = url.removeprefix("http://")
    prometheus.scrape(own)
    wait.until(lambda: prometheus.query("up == 1"), what="a scrape")
    assert prometheus.targets() == {own: ("up", "")}
    prometheus.scrape()
    prometheus.kill9()
    prometheus.start()
    assert prometheus.url == url
    assert prometheus.query("max_over_time(up[5m])")[0][1] == 1
    prometheus.stop()
    assert not prometheus.is_alive()


def test_prometheus_3_refuses_a_target_without_content_type(new_folder):
    prometheus = servers.Prometheus(new_folder("prometheus"), major=3).start()
    with http_target(b"up_to_date 1\n", content_type=None) as target:
        prometheus.scrape(target)
        wait.until(lambda: prometheus.targets().get(target, ("unknown",))[0] == "down", what="a refusal")
    assert "Content-Type" in prometheus.targets()[target][1]
    prometheus.stop()


def test_elasticsearch_finds_what_it_stored_after_kill_9(elasticsearch_fresh):
    elasticsearch, url = elasticsearch_fresh, elasticsearch_fresh.url
    elasticsearch.ask("PUT", "/_index_template/logs", LOGS_TEMPLATE)
    elasticsearch.bulk("logs-flightdash-default", [
        {"@timestamp": "2026-01-01T00:00:00Z", "message": "gateway ready", "log": {"level": "info"}},
        {"@timestamp": "2026-01-01T00:00:01Z", "message": "broker lost", "log": {"level": "error"}},
    ])
    elasticsearch.kill9()
    elasticsearch.start()
    assert elasticsearch.url == url
    query = {"query_string": {"query": "log.level:error"}}
    found = elasticsearch.search("logs-flightdash-*", query=query)
    assert [hit["message"] for hit in found] == ["broker lost"]
    status, said = servers.http(f"{url}/logs-flightdash-default/_search?q=message:((")
    assert status == 400 and "Failed to parse query" in said
    elasticsearch.stop()
    assert not elasticsearch.is_alive()


def test_nothing_runs_and_nothing_lies_about_when_a_session_ends(tmp_path):
    # A session of its own, killed in the middle, with a server and no chance to clean up.
    script = textwrap.dedent("""
        import os, signal
        from support import servers
        folder = servers.SweptFolder()
        redis = servers.Redis(folder.path / "redis").start()
        print(redis.pid, folder.path, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
    """)
    tests = servers.STACK.parent
    done = subprocess.run([sys.executable, "-c", script], cwd=tests, stdout=subprocess.PIPE, text=True)
    assert done.returncode == -signal.SIGKILL
    pid, folder = done.stdout.split()
    wait.until(lambda: not processes.is_alive(int(pid)), what="the server gone")
    wait.until(lambda: not os.path.exists(folder), what="its folder gone")


def test_two_at_once_fill_the_cache_once(tmp_path):
    # Two fetches into an empty cache; the `download` says each time that it is made.
    script = f"""
        . {servers.STACK}/server.sh
        make() {{ echo made; wait_a_little; echo whole >"$1/file"; }}
        cache_make thing-1 make
        cat "$cache/thing-1/file"
    """
    environment = {**os.environ, "FLIGHTDASH_CACHE": str(tmp_path)}
    both = [
        subprocess.Popen(["bash", "-c", script], stdout=subprocess.PIPE, text=True, env=environment)
        for _ in range(2)
    ]
    said = sorted(one.communicate(timeout=30)[0].split() for one in both)
    assert said == [["made", "whole"], ["whole"]]
    assert sorted(os.listdir(tmp_path)) == ["thing-1", "thing-1.lock"]


@pytest.mark.parametrize("name", ["redis", "prometheus", "kafka", "elasticsearch"])
def test_what_the_machine_lacks_is_a_skip_with_its_reason(tmp_path, name):
    for tool in ("basename", "cat", "cksum", "cut", "dirname", "mkdir", "readlink", "sed"):
        (tmp_path / tool).symlink_to(shutil.which(tool))
    environment = {"FLIGHTDASH_CACHE": str(tmp_path / "cache"), "PATH": str(tmp_path)}
    command = ["/bin/bash", servers.STACK / f"{name}.sh", "get"]
    done = subprocess.run(command, env=environment, stderr=subprocess.PIPE, text=True)
    assert done.returncode == servers.LACKING, done.stderr
    assert done.stderr.splitlines()[-1].startswith("no ")


LOGS_TEMPLATE = {
    "index_patterns": ["logs-flightdash-*"],
    "data_stream": {},
    "priority": 500,
    "template": {
        "settings": {"number_of_shards": 1, "number_of_replicas": 0},
        "mappings": {
            "properties": {
                "@timestamp": {"type": "date"},
                "message": {"type": "text"},
                "log": {"properties": {"level": {"type": "keyword"}}},
            }
        },
    },
}


@contextlib.contextmanager
def http_target(body, content_type):
    """Answers every GET with the body; content_type None leaves the header out. Yields HOST:PORT."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            if content_type:
                self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()


def murmur2_partition(key, partitions):
    """Kafka's default partitioner: murmur2 of the key (MurmurHash 2.0, Austin Appleby), sign bit off."""
    mask, m = 0xFFFFFFFF, 0x5BD1E995
    h = (0x9747B28C ^ len(key)) & mask
    whole = len(key) // 4 * 4
    for at in range(0, whole, 4):
        k = int.from_bytes(key[at : at + 4], "little") * m & mask
        k = (k ^ k >> 24) * m & mask
        h = h * m & mask ^ k
    if len(key) > whole:
        h = (h ^ int.from_bytes(key[whole:], "little")) * m & mask
    h = (h ^ h >> 13) * m & mask
    return ((h ^ h >> 15) & 0x7FFFFFFF) % partitions
