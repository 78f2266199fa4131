"""Real servers of tests/stack as Python objects.

A server keeps its ports and its data over stop(), kill9() and start(). What the machine
lacks is a skip with its reason, and a failure where FLIGHTDASH_REQUIRE_STACK=1.
"""

import collections
import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import urllib.error
import urllib.parse
import urllib.request

import pytest

from . import processes, wait
from .kafka_admin import KafkaAdmin

STACK = pathlib.Path(__file__).resolve().parent.parent / "stack"
LACKING = 77

Record = collections.namedtuple("Record", "key value headers partition offset timestamp_ms")


def lacking(reason, optional=False):
    """Skips the test, loudly; fails it where everything is required that is not optional."""
    if not optional and os.environ.get("FLIGHTDASH_REQUIRE_STACK") == "1":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def need_program(name):
    if not shutil.which(name):
        lacking(f"no {name} on this machine")


def run_script(name, *arguments, optional=False):
    """Runs tests/stack/NAME and returns its KEY=VALUE lines."""
    done = subprocess.run(
        [STACK / name, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    if done.returncode == LACKING:
        lacking(done.stderr.strip().splitlines()[-1], optional)
    if done.returncode:
        raise AssertionError(f"{name} {' '.join(map(str, arguments))}:\n{done.stderr}")
    return dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)


def http(url, body=None, method=None, content_type="application/json", timeout_s=10):
    """One request; returns (status, text). Error statuses are answers, not exceptions."""
    data = body.encode() if isinstance(body, str) else body
    headers = {"Content-Type": content_type} if data is not None else {}
    request = urllib.request.Request(url, data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=timeout_s) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


class SweptFolder:
    """A folder for servers, emptied of processes and removed when this process ends, however it ends."""

    def __init__(self):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="flightdash-"))
        self._sweep = subprocess.Popen(
            [STACK / "sweep", self.path], stdin=subprocess.PIPE, start_new_session=True
        )

    def close(self):
        self._sweep.communicate()


class Server:
    """One process of one script."""

    script = None
    optional = False

    def __init__(self, folder, extra=None, **settings):
        """extra: text for the end of the server's own configuration file."""
        self.folder = pathlib.Path(folder)
        self.settings = [f"{key}={value}" for key, value in settings.items() if value]
        self.facts = {}
        self.folder.mkdir(parents=True, exist_ok=True)
        if extra:
            (self.folder / "extra.conf").write_text(extra)

    def start(self):
        self.facts = run_script(
            self.script, "start", self.folder, *self.settings, optional=self.optional
        )
        return self

    def ensure(self):
        """Alive and not paused, whatever an earlier test did to it."""
        self.resume()
        if not all(processes.is_alive(pid) for pid in self.pids):
            self.start()

    def stop(self):
        """SIGTERM and, after a bound, SIGKILL; returns when it is gone."""
        run_script(self.script, "stop", self.folder)

    def kill9(self):
        for pid in self.pids:
            processes.kill9(pid)

    def pause(self):
        for pid in self.pids:
            processes.pause(pid)

    def resume(self):
        for pid in self.pids:
            processes.resume(pid)

    @contextlib.contextmanager
    def paused(self):
        self.pause()
        try:
            yield
        finally:
            self.resume()

    @property
    def pids(self):
        return [self.pid]

    @property
    def pid(self):
        return int(self.facts["PID"])

    @property
    def port(self):
        return int(self.facts["PORT"])

    @property
    def url(self):
        return self.facts["URL"]

    def is_alive(self):
        return any(processes.is_alive(pid) for pid in self.pids)

    def log(self):
        return "".join(p.read_text(errors="replace") for p in sorted(self.folder.rglob("log")))


class Redis(Server):
    """secure=True adds tls_url, with facts CA, CERTIFICATE and KEY; user feeder, password feeder-pw."""

    script = "redis.sh"

    def __init__(self, folder, secure=False, extra=None):
        super().__init__(folder, extra, secure="yes" if secure else "")

    @property
    def tls_url(self):
        return self.facts["TLS_URL"]

    def command(self, *words):
        """One command by redis-cli; the answer as text."""
        done = subprocess.run(
            ["redis-cli", "-p", str(self.port), *map(str, words)],
            stdout=subprocess.PIPE, text=True, check=True, timeout=wait.deadline_s(10),
        )
        return done.stdout.rstrip("\n")

    def clear(self):
        self.command("flushall")


class Prometheus(Server):
    """major=3 takes Prometheus 3 where it has been built (tests/stack/prometheus.sh)."""

    script = "prometheus.sh"

    def __init__(self, folder, major=2):
        super().__init__(folder, major=major)
        self.optional = major == 3

    def scrape(self, *targets, interval="1s", rules=None):
        """Scrapes http://HOST:PORT/metrics of each "HOST:PORT" from now on, and nothing else.

        rules: text of a rules file, evaluated as often as there are scrapes.
        """
        config = {
            "global": {"scrape_interval": interval, "evaluation_interval": interval},
            "scrape_configs": [{"job_name": "flightdash", "static_configs": [{"targets": list(targets)}]}],
        }
        if rules:
            (self.folder / "rules.yml").write_text(rules)
            config["rule_files"] = [str(self.folder / "rules.yml")]
        (self.folder / "prometheus.yml").write_text(json.dumps(config))  # JSON is YAML
        status, said = http(f"{self.url}/-/reload", method="POST")
        assert status == 200, said

    def query(self, promql):
        """An instant query: a list of (labels, value)."""
        status, text = http(f"{self.url}/api/v1/query?{urllib.parse.urlencode({'query': promql})}")
        assert status == 200, text
        return [(row["metric"], float(row["value"][1])) for row in json.loads(text)["data"]["result"]]

    def targets(self):
        """{"HOST:PORT": (health, last error)} of what it scrapes."""
        status, text = http(f"{self.url}/api/v1/targets")
        assert status == 200, text
        return {
            row["labels"]["instance"]: (row["health"], row["lastError"])
            for row in json.loads(text)["data"]["activeTargets"]
        }


class Elasticsearch(Server):
    script = "elasticsearch.sh"

    def ask(self, method, path, body=None):
        """One request with a JSON body or None; the answer as an object. An error status fails."""
        status, text = http(f"{self.url}{path}", body and json.dumps(body), method)
        assert status < 300, text
        return json.loads(text) if text else None

    def bulk(self, index, documents):
        """Stores documents, searchable at once. Data streams take them as well as indices."""
        lines = "".join(f'{{"create":{{}}}}\n{json.dumps(d)}\n' for d in documents)
        url = f"{self.url}/{index}/_bulk?refresh=true"
        status, text = http(url, lines, "POST", "application/x-ndjson")
        assert status == 200 and not json.loads(text)["errors"], text

    def search(self, index, **body):
        """The documents found, as stored."""
        found = self.ask("POST", f"/{index}/_search", body)
        return [hit["_source"] for hit in found["hits"]["hits"]]

    def wipe(self):
        """Empties it by an empty start (4 s): data streams cannot be deleted in this build."""
        self.stop()
        shutil.rmtree(self.folder / "data")
        self.start()


class Kafka(Server):
    """One node or three; `kafka.admin` speaks to it, produce() and consume() go through kcat."""

    script = "kafka.sh"

    def __init__(self, folder, nodes=1, secure=False, extra=None):
        super().__init__(folder, extra, nodes=nodes, secure="yes" if secure else "")
        self.nodes = nodes

    @property
    def pids(self):
        return [self.node_pid(n) for n in range(1, self.nodes + 1)]

    @property
    def bootstrap(self):
        return self.facts["BOOTSTRAP"]

    @property
    def admin(self):
        return KafkaAdmin(self.bootstrap)

    # --- nodes

    def node_pid(self, node):
        return int(self.facts[f"NODE{node}_PID"])

    def kill9_node(self, node):
        processes.kill9(self.node_pid(node))

    def stop_node(self, node):
        run_script(self.script, "stop-node", self.folder, node)

    def start_node(self, node):
        self.facts = run_script(self.script, "start-node", self.folder, node)

    def leader(self, topic, partition=0):
        """The node that leads a partition (-1 while there is none)."""
        return self.admin.topics()[topic][partition].leader

    # --- how a client joins

    def brokers(self, how="plain"):
        """Addresses for clients: plain, sasl or mtls."""
        return self.facts[{"plain": "BOOTSTRAP", "sasl": "SASL_SSL", "mtls": "MTLS"}[how]]

    def client_properties(self, how="plain", user="feeder", password=None, mechanism="PLAIN"):
        """librdkafka properties for brokers(how): for kcat -X and for --kafka-property."""
        if how == "plain":
            return {}
        if how == "mtls":
            return {
                "security.protocol": "SSL",
                "ssl.ca.location": self.facts["CA"],
                "ssl.certificate.location": self.facts["CERTIFICATE"],
                "ssl.key.location": self.facts["KEY"],
            }
        return {
            "security.protocol": "SASL_SSL",
            "ssl.ca.location": self.facts["CA"],
            "sasl.mechanism": mechanism,
            "sasl.username": user,
            "sasl.password": password or f"{user}-pw",
        }

    # --- topics and records

    def create_topic(self, name, partitions=6, **config):
        """Returns when the broker tells of it: kcat takes the first answer for the last."""
        self.admin.create_topic(name, partitions, replication=self.nodes, **config)
        wait.until(lambda: len(self.admin.topics().get(name, ())) == partitions,
                   what=f"topic {name} in the broker's metadata")

    def reset(self):
        """No topic is left, none of their records and commits, and no access rule."""
        admin = self.admin
        if "MTLS" in self.facts:
            admin.drop_rules()
        # One that ended just now may have asked for topics that come only then.
        wait.until(lambda: not admin.delete_topics(admin.topics()), 60, lambda: f"deleted: {admin.topics()}")

    def produce(self, topic, records, headers=(), how="plain", partition=None, **properties):
        """Sends (key, value) pairs and returns when all are acknowledged.

        A value may be a dict (sent as JSON) or None (a tombstone).
        """
        with self.producer(topic, headers, how, partition, **properties) as producer:
            for key, value in records:
                producer.send(key, value)

    def producer(self, topic, headers=(), how="plain", partition=None, **properties):
        return KafkaProducer(self, topic, headers, how, partition, properties)

    def consume(self, topic, offset="beginning", how="plain", **properties):
        """All records now in the topic, in the order of each partition."""
        properties = {"fetch_wait_max_ms": 10, **properties}  # else the end is told a second late
        arguments = self.kcat("-C", "-t", topic, "-o", offset, "-e", "-q", "-J", how=how, **properties)
        done = subprocess.run(
            arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=wait.deadline_s(60)
        )
        if done.returncode:
            raise AssertionError(f"kcat: {done.stderr.decode()}")
        return [_record(line) for line in done.stdout.splitlines()]

    def kcat(self, *arguments, how="plain", **properties):
        """The command line of kcat for these brokers; property names with _ for dots."""
        need_program("kcat")
        named = {key.replace("_", "."): str(value) for key, value in properties.items()}
        named = {"partitioner": "murmur2_random", **self.client_properties(how), **named}
        return [
            "kcat", "-E", "-b", self.brokers(how),
            *(word for key, value in named.items() for word in ("-X", f"{key}={value}")),
            *arguments,
        ]

    def group_lag(self, group, topic):
        """Records that a consumer group has not committed, over all partitions."""
        return sum(self.admin.lag(group, topic).values())


class KafkaProducer:
    """A kcat that sends what it is given, as it is given; survives the loss of a broker."""

    def __init__(self, kafka, topic, headers, how, partition, properties):
        words = ["-P", "-t", topic, "-K", "\t", "-Z"]
        for key, value in dict(headers).items():
            words += ["-H", f"{key}={value}"]
        if partition is not None:
            words += ["-p", str(partition)]
        properties = {"acks": "all", "enable_idempotence": "true", **properties}
        self._log = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            kafka.kcat(*words, how=how, **properties),
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=self._log,
        )

    def send(self, key, value, flush=False):
        if isinstance(value, dict):
            value = json.dumps(value, separators=(",", ":"))
        self.process.stdin.write(f"{key}\t{value if value is not None else ''}\n".encode())
        if flush:
            self.process.stdin.flush()

    def close(self, seconds=60):
        """Returns when every record is acknowledged; a lost one is a failure."""
        try:
            self.process.communicate(timeout=wait.deadline_s(seconds))
        finally:
            self.process.kill()
            self.process.wait()
        self._log.seek(0)
        said = self._log.read().decode(errors="replace")
        self._log.close()
        assert self.process.returncode == 0 and "Delivery failed" not in said, f"kcat: {said}"

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if kind is None:
            self.close()
        else:
            self.process.kill()
            self.process.communicate()
            self._log.close()


def _record(line):
    got = json.loads(line)
    words = got.get("headers") or []
    headers = dict(zip(words[::2], words[1::2]))
    return Record(got["key"], got["payload"], headers, got["partition"], got["offset"], got["ts"])
