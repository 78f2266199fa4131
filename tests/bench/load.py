"""What the benchmarks measure with: CPU by the nanosecond, the load programs, the records."""

import contextlib
import json
import pathlib
import re
import subprocess
import time

from support import daemon as daemons
from support import processes, wait

GOLDEN = 0.618034  # its multiples spread evenly over [0, 1)


def cpu_ns(pid, thread=""):
    """CPU time of those threads of a process that still live and whose names begin so."""
    total = 0
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(OSError):
            if (task / "comm").read_text(encoding="ascii").startswith(thread):
                total += int((task / "schedstat").read_text(encoding="ascii").split()[0])
    return total


def cpu_share(pid, seconds, thread=""):
    """CPU seconds per second over the next seconds, of the threads with such names."""
    before, began = cpu_ns(pid, thread), time.monotonic()
    wait.pass_time(seconds)
    return (cpu_ns(pid, thread) - before) / 1e9 / (time.monotonic() - began)


def settled_rss_kib(pid, seconds=2):
    """Resident memory, the highest of some looks."""
    looks = []
    for _ in range(4):
        looks.append(processes.rss_kib(pid))
        wait.pass_time(seconds / 4)
    return max(looks)


@contextlib.contextmanager
def raw_fanout(size, apart):
    """(pid, port) of the raw epoll server."""
    command = [daemons.program("bench/raw_fanout"), "--bytes", str(size)]
    with subprocess.Popen(command + (["--frames-apart"] if apart else []),
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        yield server.pid, int(server.stdout.readline().split()[1])
        server.stdin.close()


class Load:
    """The clients of ws_load against one server."""

    def __init__(self, port, clients, seconds, *options):
        self.process = subprocess.Popen(
            [daemons.program("bench/ws_load"), "--port", str(port), "--clients", str(clients),
             "--seconds", str(seconds), *options],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def await_word(self, word):
        """Reads on until ws_load says that word; returns what follows it."""
        line = self.process.stdout.readline()
        if not line.startswith(word):
            raise AssertionError(f"ws_load said {line!r} instead of {word}")
        return line[len(word):].strip()

    def measure(self, pid, thread=""):
        """What arrived during the measurement, with the CPU seconds of those threads of the
        server as cpu_s."""
        self.await_word("connected")
        self.await_word("measuring")
        before = cpu_ns(pid, thread)
        said = self.await_word("measured")
        return {**json.loads(said), "cpu_s": (cpu_ns(pid, thread) - before) / 1e9}

    def close(self):
        """Hangs up."""
        self.process.stdin.close()
        self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()


def fill_topic(kafka, topic, count):
    """Puts count real-shaped records into the topic, as fast as kcat can."""
    arguments = kafka.kcat("-P", "-t", topic, "-K", "\t", acks=1, compression_codec="zstd",
                           linger_ms=50, queue_buffering_max_messages=500000)
    with subprocess.Popen([daemons.program("bench/records"), str(count)],
                          stdout=subprocess.PIPE) as writer:
        subprocess.run(arguments, stdin=writer.stdout, check=True)


class Stopwatch:
    """Sends one record after the other and sees when a client hears of each."""

    def __init__(self, kafka, client, topic):
        self.kafka, self.client, self.topic = kafka, client, topic

    def latencies_ms(self, count, tick_s):
        """Milliseconds from a record's Kafka timestamp until the client has it, sorted. The next
        record follows after a part of a tick, of which all are equally frequent: what comes just
        after a tick waits longest."""
        arrived = {}
        subscription = self.client.subscribe(filter="callsign ~ \"BENCH*\"")
        for i in range(count):
            track = i % 3600 / 10
            record = {"hex": "abcdef", "now": time.time(), "flight": "BENCH1", "lat": 47.0,
                      "lon": 8.0, "track": track, "src": "bench"}
            self.kafka.produce(self.topic, [("abcdef", record)], linger_ms=0)
            self.client.until(
                lambda track=track: subscription.table.get("abcdef", {}).get("track") == track,
                5, "the record at the client")
            arrived[track] = time.time() * 1000
            wait.pass_time(i * GOLDEN % 1 * tick_s)
        return sorted(arrived[json.loads(r.value)["track"]] - r.timestamp_ms
                      for r in self.kafka.consume(self.topic) if r.key == "abcdef")


def percentile(values, share):
    """Of sorted values."""
    return values[min(len(values) - 1, int(len(values) * share))]


def write_readme(path, table):
    """Puts the table behind the mark in the README, up to the next heading."""
    text = path.read_text(encoding="utf-8")
    new, count = re.subn(r"(<!-- bench -->\n).*?(?=\n## |\Z)", lambda m: m[1] + "\n" + table,
                         text, flags=re.S)
    if count:
        path.write_text(new, encoding="utf-8")
    return bool(count)
