"""Fixtures of all integration tests: real servers, started when a test first asks for one."""

import contextlib
import itertools

import pytest

from support import daemon as daemons
from support import servers, wsclient


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Lets fixtures see whether their test failed: request.node.failed."""
    outcome = yield
    item.failed = getattr(item, "failed", False) or outcome.get_result().failed


@pytest.fixture(scope="session")
def stack_folder():
    """Everything of this session; its processes end with the session, however it ends."""
    folder = servers.SweptFolder()
    yield folder.path
    folder.close()


@pytest.fixture(scope="session")
def new_folder(stack_folder):
    """A function that returns a new path under the session's folder: new_folder("kafka")."""
    numbers = itertools.count(1)
    return lambda name: stack_folder / f"{name}-{next(numbers)}"


# --- servers: NAME is the session's, clean and alive; NAME_fresh is the test's own --------


@pytest.fixture(scope="session")
def shared_redis(new_folder):
    return servers.Redis(new_folder("redis")).start()


@pytest.fixture
def redis(shared_redis):
    """The session's Redis, emptied."""
    shared_redis.ensure()
    shared_redis.clear()
    return shared_redis


@pytest.fixture
def redis_fresh(new_folder):
    """A Redis of this test's own."""
    with _own(servers.Redis(new_folder("redis"))) as server:
        yield server


@pytest.fixture
def redis_secure(new_folder):
    """A Redis of this test's own with a TLS port."""
    with _own(servers.Redis(new_folder("redis"), secure=True)) as server:
        yield server


@pytest.fixture(scope="session")
def shared_kafka(new_folder):
    return servers.Kafka(new_folder("kafka")).start()


@pytest.fixture
def kafka(shared_kafka):
    """The session's one-node Kafka without any topic (a reset takes milliseconds)."""
    shared_kafka.ensure()
    shared_kafka.reset()
    return shared_kafka


@pytest.fixture
def kafka_fresh(new_folder):
    """A one-node Kafka of this test's own, to be killed and paused at will."""
    with _own(servers.Kafka(new_folder("kafka"))) as server:
        yield server


@pytest.fixture
def kafka_cluster(new_folder):
    """Three nodes, replication 3, two in-sync replicas, of this test's own."""
    with _own(servers.Kafka(new_folder("kafka"), nodes=3)) as server:
        yield server


@pytest.fixture(scope="session")
def shared_kafka_secure(new_folder):
    return servers.Kafka(new_folder("kafka"), secure=True).start()


@pytest.fixture
def kafka_secure(shared_kafka_secure):
    """The session's Kafka with SASL over TLS and mutual TLS, without topics and access rules."""
    shared_kafka_secure.ensure()
    shared_kafka_secure.reset()
    return shared_kafka_secure


@pytest.fixture(scope="session")
def shared_prometheus(new_folder):
    return servers.Prometheus(new_folder("prometheus")).start()


@pytest.fixture
def prometheus(shared_prometheus):
    """The session's Prometheus, scraping nothing; older samples stay."""
    shared_prometheus.ensure()
    shared_prometheus.scrape()
    return shared_prometheus


@pytest.fixture
def prometheus_fresh(new_folder):
    """A Prometheus of this test's own."""
    with _own(servers.Prometheus(new_folder("prometheus"))) as server:
        yield server


@pytest.fixture(scope="session")
def shared_elasticsearch(new_folder):
    return servers.Elasticsearch(new_folder("elasticsearch")).start()


@pytest.fixture
def elasticsearch(shared_elasticsearch):
    """The session's Elasticsearch, with the documents of earlier tests (wipe() takes 4 s)."""
    shared_elasticsearch.ensure()
    return shared_elasticsearch


@pytest.fixture
def elasticsearch_fresh(new_folder):
    """An Elasticsearch of this test's own."""
    with _own(servers.Elasticsearch(new_folder("elasticsearch"))) as server:
        yield server


@contextlib.contextmanager
def _own(server):
    server.start()
    try:
        yield server
    finally:
        server.kill9()


# --- the programs ---------------------------------------------------------------------------


@pytest.fixture
def daemon(request, new_folder):
    """A function that starts a flightdashd: daemon(kafka=kafka.bootstrap, source="sim:").

    daemon.new(...) makes one and leaves the start to the test. All are stopped at the end: one
    that ended by itself, not cleanly, or with a report of a sanitizer fails the test.
    The log of each is printed when the test fails.
    """
    made = []

    def new(*arguments, **options):
        return _remember(made, daemons.Daemon(new_folder("daemon"), *arguments, **options))

    def start(*arguments, **options):
        return new(*arguments, **options).start()

    start.new = new
    yield start
    if getattr(request.node, "failed", False):
        for one in made:
            print(f"--- {one.log_path}\n{one.log()}")
    wrong = [said for one in made for said in one.faults_at_end()]
    assert not wrong, "\n".join(wrong)


@pytest.fixture
def connect():
    """A function that connects a WebSocket client: connect(daemon).

    At the end none may have seen the server break the protocol.
    """
    clients = []

    def start(server, hello=True, resume=None, **options):
        url = getattr(server, "ws_url", server)
        client = _remember(clients, wsclient.Client(url, **options))
        return client.connect(hello=hello, resume=resume)

    yield start
    for client in clients:
        client.abort()
    assert [violation for client in clients for violation in client.violations] == []


def _remember(things, thing):
    things.append(thing)
    return thing
