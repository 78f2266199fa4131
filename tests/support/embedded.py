"""A daemon's own brokers, fed with kcat as anybody may."""

import time

from . import servers


class EmbeddedKafka(servers.Kafka):
    """The mock cluster inside a flightdashd; produce() and producer() as for a real one."""

    def __init__(self, bootstrap):  # pylint: disable=super-init-not-called
        self.facts = {"BOOTSTRAP": bootstrap}
        self.nodes = 1


class Feeder:
    """Sends records to flight-updates; each is acknowledged when send() returns."""

    def __init__(self, brokers):
        self.kafka = EmbeddedKafka(brokers)
        self.sent = 0

    def send(self, identity, age=0.0, **fields):
        """A record heard `age` seconds ago."""
        self.send_all([(identity, self.record(identity, age, **fields))])

    def send_all(self, records):
        """(key, value) pairs; a value is a dict, or text as it is."""
        self.kafka.produce("flight-updates", records, linger_ms=0)
        self.sent += len(records)

    @staticmethod
    def record(identity, age=0.0, **fields):
        return {"hex": identity, "now": round(time.time() - age, 3), "src": "test", **fields}
