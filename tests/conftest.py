"""Fixtures of all integration tests: real servers, started when a test first asks for one."""

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


def _shared(name, server_class, clean, meaning, **settings):
    """The fixtures shared_NAME, started once a session, and NAME: alive, and clean(server) done."""

    @pytest.fixture(scope="session", name=f"shared_{name}")
    def shared(new_folder):
        return server_class(new_folder(server_class.__name__.lower()), **settings).start()

    @pytest.fixture(name=name)
    def own_turn(request):
        server = request.getfixturevalue(f"shared_{name}")
        server.ensure()
        clean(server)
        return server

    shared.__doc__ = own_turn.__doc__ = meaning
    return shared, own_turn


def _fresh(name, server_class, meaning, **settings):
    """The fixture NAME: a server of the test's own, to be killed and paused at will."""

    @pytest.fixture(name=name)
    def fresh(new_folder):
        server = server_class(new_folder(server_class.__name__.lower()), **settings)
        server.start()
        yield server
        server.kill9()

    fresh.__doc__ = meaning
    return fresh


shared_redis, redis = _shared(
    "redis", servers.Redis, servers.Redis.clear, "The session's Redis, emptied.")
redis_fresh = _fresh("redis_fresh", servers.Redis, "A Redis of this test's own.")
redis_secure = _fresh(
    "redis_secure", servers.Redis, "A Redis of this test's own with a TLS port.", secure=True)

shared_kafka, kafka = _shared(
    "kafka", servers.Kafka, servers.Kafka.reset,
    "The session's one-node Kafka without any topic (a reset takes milliseconds).")
kafka_fresh = _fresh("kafka_fresh", servers.Kafka, "A one-node Kafka of this test's own.")
kafka_cluster = _fresh(
    "kafka_cluster", servers.Kafka,
    "Three nodes, replication 3, two in-sync replicas, of this test's own.", nodes=3)
shared_kafka_secure, kafka_secure = _shared(
    "kafka_secure", servers.Kafka, servers.Kafka.reset,
    "The session's Kafka with SASL over TLS and mutual TLS, without topics and access rules.",
    secure=True)

shared_prometheus, prometheus = _shared(
    "prometheus", servers.Prometheus, servers.Prometheus.scrape,
    "The session's Prometheus, scraping nothing; older samples stay.")
prometheus_fresh = _fresh(
    "prometheus_fresh", servers.Prometheus, "A Prometheus of this test's own.")

shared_elasticsearch, elasticsearch = _shared(
    "elasticsearch", servers.Elasticsearch, lambda server: None,
    "The session's Elasticsearch, with the documents of earlier tests (wipe() takes 4 s).")
elasticsearch_fresh = _fresh(
    "elasticsearch_fresh", servers.Elasticsearch, "An Elasticsearch of this test's own.")


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
