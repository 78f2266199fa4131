#!/usr/bin/python3
"""Measures flightdashd against its peers and limits, all in one run, all on this machine.

    run.py [--build DIR] [--readme] [ROW...]

Prints one table, `what | measured | against | ratio | budget | pass/miss`, and writes it to
DIR/bench.json; --readme puts it into the README. ROW: a word of the rows to measure.
"""
import argparse
import contextlib
import functools
import itertools
import json
import os
import pathlib
import resource
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests/bench")]

import load  # noqa: E402  pylint: disable=wrong-import-position
import terminal  # noqa: E402  pylint: disable=wrong-import-position
from support import daemon as daemons  # noqa: E402  pylint: disable=wrong-import-position
from support import recordings, servers, wait, wsclient  # noqa: E402  pylint: disable=wrong-import-position

TOPIC = "flight-updates"
FLEET = "sim:?aircraft=25000&rate_hz=1"
FAN_OUT_ROUNDS = 3


class Bench:
    """The servers of the run and the rows so far."""

    def __init__(self, folder, wanted):
        self.folder, self.wanted = folder, wanted
        self.rows = []
        self.numbers = itertools.count(1)

    @functools.cached_property
    def kafka(self):
        """The real broker, for the rows that want it."""
        return servers.Kafka(self.folder / "kafka").start()

    def rest(self):
        """Ends the broker, which never sits quite still, before what needs a quiet machine."""
        if "kafka" in self.__dict__:
            self.kafka.stop()
            del self.kafka

    def wants(self, *words):
        """Whether any of the rows with these words is to be measured."""
        return not self.wanted or any(w in self.wanted for w in words)

    def row(self, what, measured, against, ratio, budget, good):
        """One line of the table."""
        self.rows.append({"what": what, "measured": measured, "against": against,
                          "ratio": ratio, "budget": budget, "pass": good})
        print(" | ".join([what, measured, against, ratio, budget, "pass" if good else "MISS"]),
              flush=True)

    @contextlib.contextmanager
    def daemon(self, **options):
        """A flightdashd on the real broker."""
        folder = self.folder / f"daemon-{next(self.numbers)}"
        one = daemons.Daemon(folder, kafka=self.kafka.bootstrap, create_topics=True,
                             log_level="warn", **options).start(seconds=60)
        try:
            yield one
        finally:
            faults = one.faults_at_end()
            if faults:
                print("\n".join(faults), file=sys.stderr)

    @contextlib.contextmanager
    def traffic(self, source, **options):
        """A gateway alone, fed by a simulator in another process."""
        self.kafka.reset()
        with self.daemon(role="ingest", source=[source]) as ingest, \
                self.daemon(role="gateway", **options) as gateway:
            yield ingest, gateway


def port_of(daemon):
    """The port it serves on."""
    return int(daemon.address.rsplit(":", 1)[1])


def count_only(bench, partitions):
    """(seconds, CPU seconds) that librdkafka alone needs to read the topic."""
    said = subprocess.run([daemons.program("bench/count_records"), bench.kafka.bootstrap, TOPIC,
                           str(partitions)], stdout=subprocess.PIPE, text=True, check=True).stdout
    figures = dict(line.split() for line in said.splitlines())
    return float(figures["seconds"]), float(figures["cpu_s"])


def read_topic(bench):
    """(records, seconds from the start to caught up, CPU seconds) of a gateway alone."""
    one = daemons.Daemon(bench.folder / f"daemon-{next(bench.numbers)}", role="gateway",
                         kafka=bench.kafka.bootstrap)
    began = time.monotonic()
    one.launch()
    try:
        wait.until(lambda: "caught up with Kafka" in one.log(), 60, "caught up", period_s=0.01)
        took_s, cpu_s = time.monotonic() - began, load.cpu_ns(one.pid) / 1e9
        one.ready = wait.until(one._readiness, 10, "ready")
        return one.metrics().value("flightdash_records_consumed_total"), took_s, cpu_s
    finally:
        one.faults_at_end()


def consume(bench):
    """consume + decode + apply against kcat reading the same topic."""
    count = 2_000_000
    bench.kafka.reset()
    bench.kafka.create_topic(TOPIC, 6)
    load.fill_topic(bench.kafka, TOPIC, count)
    kcat_s = []
    for _ in range(3):  # the first also warms the page cache
        began = time.monotonic()
        subprocess.run(bench.kafka.kcat("-C", "-t", TOPIC, "-e", "-q", fetch_wait_max_ms=10),
                       stdout=subprocess.DEVNULL, check=True)
        kcat_s.append(time.monotonic() - began)
    bare = [count_only(bench, 6) for _ in range(3)]
    with bench.daemon(role="gateway"):
        pass  # creates the other topics
    runs = [read_topic(bench) for _ in range(3)]
    consumed, took_s, cpu_s = min(runs, key=lambda run: run[1])
    rate, peer = consumed / took_s, count / min(kcat_s)
    bench.row(f"consume, decode, apply {consumed / 1e6:.2f}M records of the real broker",
              f"{rate / 1e6:.2f} M/s", f"kcat to /dev/null {peer / 1e6:.2f} M/s",
              f"{rate / peer:.2f}", ">= 0.90", rate >= 0.9 * peer and consumed >= 0.99 * count)
    alone = count / min(cpu for _, cpu in bare) / 1e6
    bench.row("records per CPU-second of the process", f"{consumed / cpu_s / 1e6:.2f} M",
              f"librdkafka, count only: {alone:.2f} M, "
              f"{count / min(took for took, _ in bare) / 1e6:.2f} M/s",
              f"{consumed / cpu_s / 1e6 / alone:.2f}", ">= 1.00 M", consumed / cpu_s >= 1e6)


def raw_us(size, apart):
    """CPU per frame of raw epoll + send of as many bytes to as many clients."""
    with load.raw_fanout(size, apart) as (pid, port), \
            load.Load(port, 1000, 4, "--raw") as clients:
        raw = clients.measure(pid)
    return raw["cpu_s"] / (raw["bytes"] / size) * 1e6


def fan_out(bench, what, source, limit, options):
    """CPU per delivered frame against raw epoll + send, in turn, as the machine's mood changes:
    of the io thread, which does all that clients cost, less what it does without clients."""
    rounds = []
    with bench.traffic(source) as (_, gateway):
        wait.pass_time(3)
        idle = load.cpu_share(gateway.pid, 8, "io-")
        for _ in range(FAN_OUT_ROUNDS):
            with load.Load(port_of(gateway), 1000, 6, *options) as clients:
                got = clients.measure(gateway.pid, "io-")
            frames = max(got["deltas"], 1)
            size = got["delta_bytes"] // frames
            ours_us = (got["cpu_s"] - idle * got["seconds"]) / frames * 1e6
            rounds.append((ours_us, raw_us(size, bool(options)), size))
    # Of the round in the middle, so that both figures are of the same moment.
    ours_us, peer_us, size = sorted(rounds, key=lambda r: r[0] / r[1])[FAN_OUT_ROUNDS // 2]
    bench.row(f"fan-out CPU per delivered frame of {size} bytes, 1,000 clients, {what}",
              f"{ours_us:.2f} us", f"raw epoll + send {peer_us:.2f} us",
              f"{ours_us / peer_us:.2f}", f"<= {limit}", ours_us <= limit * peer_us)


def fan_out_shared(bench):
    """All clients under one subscription."""
    fan_out(bench, "shared subscription", "sim:?aircraft=150&rate_hz=4", 1.15, [])


def fan_out_viewports(bench):
    """A viewport each, of a size that makes frames of some 8 KiB."""
    fan_out(bench, "a viewport each", FLEET, 1.3, ["--viewports", "16"])


def tick_latencies(bench, io_threads):
    """What 1,000 clients with a viewport each see; of some rounds the one in the middle."""
    rounds = []
    with bench.traffic(FLEET, io_threads=io_threads) as (_, gateway):
        wait.pass_time(3)
        for _ in range(FAN_OUT_ROUNDS):
            with load.Load(port_of(gateway), 1000, 6, "--viewports", "12") as clients:
                rounds.append(clients.measure(gateway.pid, "io-"))
    return sorted(rounds, key=lambda got: got["p99_ms"])[FAN_OUT_ROUNDS // 2]


def tick_to_client(bench):
    """How late the frames are, with one io thread and with two."""
    one, two = tick_latencies(bench, 1), tick_latencies(bench, 2)
    bench.row("tick to client p99, 1,000 viewports, 25,000 aircraft at 1 Hz, two io threads",
              f"{two['p99_ms']:.1f} ms, p50 {two['p50_ms']:.1f} ms",
              f"one io thread {one['p99_ms']:.1f} ms, p50 {one['p50_ms']:.1f} ms", "",
              "<= 15 ms", two["p99_ms"] <= 15)


def memory_per_client(bench):
    """8,000 subscribed clients to whom nothing happens."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    clients = min(8000, hard - 200)
    bench.kafka.reset()
    with bench.daemon(role="gateway") as gateway:
        with load.Load(port_of(gateway), 100, 1) as first:
            first.await_word("connected")
        before = load.settled_rss_kib(gateway.pid)
        with load.Load(port_of(gateway), clients, 5) as many:
            many.await_word("connected")
            many.await_word("measuring")
            many.await_word("measured")
            each = (load.settled_rss_kib(gateway.pid) - before) / clients
    bench.row(f"memory per connection, {clients} idle subscribed clients",
              f"{each:.2f} KiB", "", "", "<= 3 KiB", each <= 3)


def bytes_per_change(bench):
    """JSON of the deltas, by changed aircraft. The recording has a step every 10 s: at 40 times
    its speed every tick is one step."""
    feeds = {"simulator": FLEET}
    day = recordings.FOLDER / "replay/switzerland-20180801.jsonl.gz"
    if day.exists():
        feeds["a real recording"] = f"replay:{day.resolve()}?speed=40"
    for name, source in feeds.items():
        with bench.traffic(source) as (_, gateway):
            client = wsclient.Client(gateway.ws_url).connect()
            client.subscribe()
            wait.pass_time(5)
            client.messages.clear()
            wait.pass_time(10)
            deltas = client.of_type("delta")
            client.abort()
        rows = max(sum(len(m["changed"]) for m in deltas), 1)
        size = sum(json_size(m) for m in deltas)
        around = sum(json_size({**m, "changed": []}) for m in deltas)
        bench.row(f"JSON delta bytes per changed aircraft and tick, {name}",
                  f"{size / rows:.1f}, {around / rows:.1f} of them the message around "
                  f"{rows / max(len(deltas), 1):.0f} rows",
                  "readsb's JSON 490", f"{size / rows / 490:.2f}", "<= 60",
                  rows > 1 and size / rows <= 60)


def json_size(value):
    """Bytes of its shortest JSON."""
    return len(json.dumps(value, separators=(",", ":")))


def append_to_client(bench):
    """From Kafka to a client, with 25,000 others in the table."""
    with bench.traffic(FLEET) as (_, gateway):
        client = wsclient.Client(gateway.ws_url).connect()
        tick_ms = client.welcome["tick_ms"]
        late = load.Stopwatch(bench.kafka, client, TOPIC).latencies_ms(100, tick_ms / 1000)
        client.abort()
    p99 = load.percentile(late, 0.99)
    bench.row("Kafka append to client p99", f"{p99:.0f} ms",
              f"tick of {tick_ms} ms", f"{p99 / tick_ms:.2f}", f"<= {tick_ms + 25} ms",
              p99 <= tick_ms + 25)


def at_rest(bench):
    """Memory of the gateway and CPU of the simulator."""
    with bench.traffic(FLEET) as (ingest, gateway):
        wait.until(lambda: gateway.metrics().value("flightdash_flights") >= 24000, 60)
        wait.pass_time(5)
        rss = load.settled_rss_kib(gateway.pid) / 1024
        share = load.cpu_share(ingest.pid, 10)
        gateway_share = load.cpu_share(gateway.pid, 5)
    bench.row("RSS of the gateway, 25,000 aircraft, no clients", f"{rss:.1f} MiB",
              f"{gateway_share * 100:.0f} % of a core", "", "<= 40 MiB", rss <= 40)
    bench.row("simulator of 25,000 aircraft at 1 Hz, Kafka producer included",
              f"{share * 100:.1f} % of a core", "", "", "<= 20 %", share <= 0.2)


def warm_start(bench):
    """Start to ready from a Redis that knows 25,000 aircraft."""
    redis = servers.Redis(bench.folder / "redis").start()
    bench.kafka.reset()
    with bench.daemon(role="ingest,tracker", source=[FLEET], redis=redis.url):
        wait.until(lambda: int(redis.command("hlen", "flightdash:v1:flights")) >= 24000, 60)
        wait.pass_time(3)
    took = []
    for _ in range(3):
        began = time.monotonic()
        with bench.daemon(role="gateway", redis=redis.url) as gateway:
            took.append(time.monotonic() - began)
            flights = gateway.metrics().value("flightdash_flights")
    redis.kill9()
    bench.row(f"start to ready, warm Redis, {flights:.0f} aircraft", f"{sorted(took)[1]:.2f} s",
              "", "", "<= 1 s", sorted(took)[1] <= 1 and flights >= 24000)


ROWS = [consume, fan_out_shared, fan_out_viewports, tick_to_client, memory_per_client,
        bytes_per_change, append_to_client, at_rest, warm_start]


def as_table(rows):
    """Markdown."""
    lines = ["| what | measured | against | ratio | budget | |", "|---|---|---|---|---|---|"]
    for row in rows:
        verdict = "pass" if row["pass"] else "miss"
        lines.append(f"| {row['what']} | {row['measured']} | {row['against']} | {row['ratio']} "
                     f"| {row['budget']} | {verdict} |")
    return "\n".join(lines) + "\n"


def measure(bench, rows):
    """The wanted ones of the rows; the names of those that could not be measured."""
    failed = []
    for row in rows:
        if bench.wants(row.__name__):
            try:
                row(bench)
            except (Exception, SystemExit) as error:  # pylint: disable=broad-except
                failed.append(row.__name__)
                print(f"{row.__name__}: {type(error).__name__}: {error}", file=sys.stderr)
    return failed


def main():
    """Entry."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    parser.add_argument("--readme", action="store_true", help="put the table into the README")
    parser.add_argument("rows", nargs="*", metavar="ROW",
                        help=", ".join(row.__name__ for row in ROWS + terminal.ROWS))
    options = parser.parse_args()
    unknown = set(options.rows) - {row.__name__ for row in ROWS + terminal.ROWS}
    if unknown:
        parser.error(f"no such ROW: {', '.join(sorted(unknown))}")
    daemons.BUILD = options.build
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    swept = servers.SweptFolder()
    bench = Bench(swept.path, options.rows)
    try:
        failed = measure(bench, ROWS)
        bench.rest()
        failed += measure(bench, terminal.ROWS)
    finally:
        swept.close()
    table = as_table(bench.rows)
    print("\n" + table)
    report = {"time": time.time(), "cpus": os.cpu_count(), "rows": bench.rows, "failed": failed}
    (options.build / "bench.json").write_text(json.dumps(report, indent=1) + "\n")
    if options.readme and not options.rows:
        load.write_readme(ROOT / "README.md", table)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
