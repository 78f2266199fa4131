"""Fixtures of all integration tests: real servers, started when a test first asks for one."""

import itertools

import pytest

from support import servers


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Lets fixtures see whether their test failed: item.failed."""
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


@pytest.fixture(scope="session")
def shared_redis(new_folder):
    return servers.Redis(new_folder("redis")).start()


@pytest.fixture
def redis(shared_redis):
    """The session's Redis, emptied."""
    if not shared_redis.is_alive():
        shared_redis.start()
    shared_redis.clear()
    return shared_redis


@pytest.fixture(scope="session")
def shared_kafka(new_folder):
    return servers.Kafka(new_folder("kafka")).start()


@pytest.fixture
def kafka(shared_kafka):
    """The session's one-node Kafka without any topic (a reset takes milliseconds)."""
    if not shared_kafka.is_alive():
        shared_kafka.start()
    shared_kafka.reset()
    return shared_kafka


@pytest.fixture
def kafka_fresh(new_folder):
    """A one-node Kafka of this test's own, to be killed and paused at will."""
    yield from _own(servers.Kafka(new_folder("kafka")))


@pytest.fixture
def kafka_cluster(new_folder):
    """Three nodes, replication 3, two in-sync replicas, of this test's own."""
    yield from _own(servers.Kafka(new_folder("kafka"), nodes=3))


@pytest.fixture
def kafka_secure(new_folder):
    """One node with SASL over TLS and mutual TLS listeners, of this test's own."""
    yield from _own(servers.Kafka(new_folder("kafka"), secure=True))


@pytest.fixture
def redis_fresh(new_folder):
    """A Redis of this test's own."""
    yield from _own(servers.Redis(new_folder("redis")))


def _own(server):
    server.start()
    yield server
    server.resume()
    server.kill9()
