"""The rig itself: each real server starts, answers, is killed, comes back with its data, and is gone."""

import json
import subprocess

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
