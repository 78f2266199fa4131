"""The few administrative requests of the Kafka protocol that tests need, spoken directly.

A command of Kafka's own costs half a second of Java; these cost a millisecond.
Message layouts: https://kafka.apache.org/protocol (versions named at each request
are the oldest that Kafka 4 still answers, with plain, untagged fields).
"""

import collections
import socket
import struct

from . import wait

Partition = collections.namedtuple("Partition", "index leader replicas isr")
Group = collections.namedtuple("Group", "state members committed")

TIMEOUT_S = 10
NO_ERROR = 0
UNKNOWN_TOPIC = 3
TOPIC_EXISTS = 36
COORDINATOR_NOT_YET = (14, 15, 16)  # loading, being created, moving
ACL_RESOURCES = {"topic": 2, "group": 3, "cluster": 4, "transactional-id": 5}
ACL_OPERATIONS = {"all": 2, "read": 3, "write": 4, "create": 5, "delete": 6, "describe": 8}
ACL_PATTERNS = {"literal": 3, "prefixed": 4}
ALLOW = 3
ANY = 1


class KafkaError(Exception):
    """The broker answered with an error code."""

    def __init__(self, what, code, message=None):
        super().__init__(f"{what}: Kafka error {code} {message or ''}".rstrip())
        self.code = code


class _Writer:
    def __init__(self):
        self.data = bytearray()

    def put(self, layout, *values):
        self.data += struct.pack(">" + layout, *values)
        return self

    def text(self, value):
        if value is None:
            return self.put("h", -1)
        raw = value.encode()
        self.put("h", len(raw))
        self.data += raw
        return self

    def array(self, items, put_one):
        self.put("i", len(items))
        for item in items:
            put_one(item)
        return self


class _Reader:
    def __init__(self, data):
        self.data = data
        self.at = 0

    def get(self, layout):
        values = struct.unpack_from(">" + layout, self.data, self.at)
        self.at += struct.calcsize(">" + layout)
        return values if len(values) > 1 else values[0]

    def bytes(self, length):
        self.at += length
        return self.data[self.at - length : self.at]

    def text(self):
        length = self.get("h")
        return None if length < 0 else self.bytes(length).decode()

    def array(self, get_one):
        return [get_one() for _ in range(max(self.get("i"), 0))]


class KafkaAdmin:
    """Asks the brokers named in `bootstrap` ("host:port,..."), one connection a request."""

    def __init__(self, bootstrap):
        self.bootstrap = bootstrap

    def topics(self):
        """{name: [Partition]} of all topics, internal ones left out."""
        return self._metadata()[1]

    def brokers(self):
        """{node id: "host:port"} of the living brokers."""
        return self._metadata()[0]

    def create_topic(self, name, partitions=6, replication=1, **config):
        """CreateTopics v2; config as in cleanup_policy="compact". Existing is an error."""
        w = _Writer()
        settings = [(k.replace("_", "."), str(v)) for k, v in config.items()]
        w.put("i", 1).text(name).put("ih", partitions, replication).put("i", 0)
        w.array(settings, lambda kv: w.text(kv[0]).text(kv[1]))
        w.put("i?", TIMEOUT_S * 1000, False)
        r = self._ask(19, 2, w)
        r.get("i")
        for topic, code, message in r.array(lambda: (r.text(), r.get("h"), r.text())):
            if code != NO_ERROR:
                raise KafkaError(f"create topic {topic}", code, message)

    def delete_topics(self, names):
        """DeleteTopics v1; topics that are not there are no error. Returns the names."""
        names = list(names)
        w = _Writer()
        w.array(names, w.text).put("i", TIMEOUT_S * 1000)
        r = self._ask(20, 1, w)
        r.get("i")
        for topic, code in r.array(lambda: (r.text(), r.get("h"))):
            if code not in (NO_ERROR, UNKNOWN_TOPIC):
                raise KafkaError(f"delete topic {topic}", code)
        return names

    def create_partitions(self, topic, count):
        """CreatePartitions v0: the topic has `count` partitions from now on."""
        w = _Writer()
        w.put("i", 1).text(topic).put("ii", count, -1).put("i?", TIMEOUT_S * 1000, False)
        r = self._ask(37, 0, w)
        r.get("i")
        for name, code, message in r.array(lambda: (r.text(), r.get("h"), r.text())):
            if code != NO_ERROR:
                raise KafkaError(f"more partitions of {name}", code, message)

    def end_offsets(self, topic):
        """{partition: offset of the next record}, asked of each partition's leader."""
        return self._offsets(topic, -1)

    def start_offsets(self, topic):
        return self._offsets(topic, -2)

    def group(self, name, topic):
        """State, number of members and {partition: committed offset} of a consumer group."""
        at = self._coordinator(name)
        state, members = wait.until(lambda: self._describe(at, name), 20, f"the group {name}")
        return Group(state, members, self._committed(at, name, topic))

    def lag(self, group, topic):
        """{partition: records not yet committed}; a partition never committed counts whole."""
        committed = self.group(group, topic).committed
        start, end = self.start_offsets(topic), self.end_offsets(topic)
        return {p: end[p] - committed.get(p, start[p]) for p in end}

    def allow(self, user, operation, resource, name, pattern="literal"):
        """CreateAcls v1: from the first rule on, a resource is closed to everybody else."""
        w = _Writer()
        w.put("ib", 1, ACL_RESOURCES[resource]).text(name).put("b", ACL_PATTERNS[pattern])
        w.text(f"User:{user}").text("*").put("bb", ACL_OPERATIONS[operation], ALLOW)
        r = self._ask(30, 1, w)
        r.get("ii")
        code, message = r.get("h"), r.text()
        if code != NO_ERROR:
            raise KafkaError("create access rule", code, message)

    def drop_rules(self):
        """DeleteAcls v1: everything is open again."""
        w = _Writer().put("ib", 1, ANY).text(None).put("b", ANY).text(None).text(None).put("bb", ANY, ANY)
        r = self._ask(31, 1, w)
        r.get("ii")
        code, message = r.get("h"), r.text()
        if code != NO_ERROR:
            raise KafkaError("delete access rules", code, message)

    def _metadata(self, topics=None):
        """Metadata v1: ({node: address}, {topic: [Partition]})."""
        w = _Writer()
        if topics is None:
            w.put("i", -1)
        else:
            w.array(topics, w.text)
        r = self._ask(3, 1, w)
        brokers = dict(r.array(lambda: (r.get("i"), f"{r.text()}:{r.get('i')}", r.text())[:2]))
        r.get("i")
        found = {}
        for _ in range(r.get("i")):
            code, name, internal = r.get("h"), r.text(), r.get("?")
            partitions = r.array(lambda: self._partition(r))
            if code == NO_ERROR and not internal:
                found[name] = sorted(partitions)
        return brokers, found

    @staticmethod
    def _partition(r):
        _, index, leader = r.get("hii")
        return Partition(index, leader, r.array(lambda: r.get("i")), r.array(lambda: r.get("i")))

    def _offsets(self, topic, timestamp):
        """ListOffsets v1."""
        brokers, topics = self._metadata([topic])
        offsets = {}
        for partition in topics[topic]:
            w = _Writer()
            w.put("ii", -1, 1).text(topic).put("iiq", 1, partition.index, timestamp)
            r = self._ask(2, 1, w, brokers.get(partition.leader))
            r.get("i"), r.text(), r.get("i")
            index, code, _, offset = r.get("ihqq")
            if code != NO_ERROR:
                raise KafkaError(f"offsets of {topic}/{index}", code)
            offsets[index] = offset
        return offsets

    def _coordinator(self, group):
        """FindCoordinator v0; the first one ever asked for makes the broker create its topic."""

        def ask():
            r = self._ask(10, 0, _Writer().text(group))
            code, _ = r.get("hi")
            if code in COORDINATOR_NOT_YET:
                return None
            if code != NO_ERROR:
                raise KafkaError(f"coordinator of {group}", code)
            return f"{r.text()}:{r.get('i')}"

        return wait.until(ask, 20, f"a coordinator for the group {group}")

    def _describe(self, at, group):
        """DescribeGroups v0: (state, number of members), None while the coordinator loads."""
        w = _Writer()
        w.array([group], w.text)
        r = self._ask(15, 0, w, at)
        r.get("i")
        code, _, state = r.get("h"), r.text(), r.text()
        r.text(), r.text()
        if code in COORDINATOR_NOT_YET:
            return None
        if code != NO_ERROR:
            raise KafkaError(f"group {group}", code)
        return state, r.get("i")

    def _committed(self, at, group, topic):
        """OffsetFetch v1."""
        partitions = [p.index for p in self._metadata([topic])[1].get(topic, [])]
        w = _Writer().text(group).put("i", 1).text(topic)
        w.array(partitions, lambda p: w.put("i", p))
        r = self._ask(9, 1, w, at)
        r.get("i"), r.text()
        rows = r.array(lambda: (r.get("iq"), r.text(), r.get("h")))
        return {p: offset for (p, offset), _, code in rows if code == NO_ERROR and offset >= 0}

    def _ask(self, api, version, body, at=None):
        """Sends one request (header v1) and returns the reader of the answer's body."""
        header = _Writer().put("hhi", api, version, 1).text("flightdash-tests").data
        message = header + body.data
        refused = None
        for address in (at or self.bootstrap).split(","):
            host, port = address.rsplit(":", 1)
            try:
                with socket.create_connection((host, int(port)), TIMEOUT_S) as s:
                    s.sendall(struct.pack(">i", len(message)) + message)
                    answer = self._receive(s, struct.unpack(">i", self._receive(s, 4))[0])
                    return _Reader(answer[4:])
            except OSError as error:
                refused = error
        raise refused

    @staticmethod
    def _receive(s, length):
        data = b""
        while len(data) < length:
            piece = s.recv(length - len(data))
            if not piece:
                raise ConnectionError("the broker closed the connection")
            data += piece
        return data
