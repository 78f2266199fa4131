"""What flightdash costs a terminal, the CPU and whoever waits, side by side with htop and btop.

All of them run on the same kind of pseudo-terminal (support.pty_terminal), at the same size, for
the same time; a slow line is one that passes so many bytes a second and answers what came through.
"""

import contextlib
import math
import re
import shutil
import subprocess
import time

import load
from support import daemon as daemons
from support import processes, wait
from support.pty_terminal import PtyTerminal

SMALL, LARGE = (80, 24), (200, 50)
SECONDS = 15
PEERS = {"htop": ["htop", "-d", "10"], "btop": ["btop", "--utf-force"]}
DEAREST = ("--theme", "nord", "--colors", "true")  # no role of it keeps to the palette
HELP_TEXTS = {"htop": "Process state:", "btop": "Description:"}
SLOW_B_S, SLOW_S, PATIENCE_S = 1200, 60, 30


@contextlib.contextmanager
def world(bench, aircraft):
    """A daemon of its own, with so many simulated aircraft at 1 Hz."""
    source = [f"sim:?aircraft={aircraft}&rate_hz=1"] if aircraft else []
    one = daemons.Daemon(bench.folder / f"world-{next(bench.numbers)}", source=source, log_level="warn")
    try:
        yield one.start(seconds=60)
    finally:
        one.faults_at_end()


def dashboard(one, size, *arguments, **options):
    """flightdash on that daemon."""
    return PtyTerminal([str(daemons.program("flightdash")), one.ws_url, *arguments], size=size, **options)


def peers(size, **options):
    """(name, terminal) of those that are installed."""
    for name, argv in PEERS.items():
        if shutil.which(name):
            yield name, PtyTerminal(argv, size=size, **options)


def bytes_per_s(terminals):
    """What each of them sends, at the same time, once they have settled."""
    wait.pass_time(5)
    before, began = [t.sent() for t in terminals], time.monotonic()
    wait.pass_time(SECONDS)
    took = time.monotonic() - began
    return [(t.sent() - sent) / took for t, sent in zip(terminals, before)]


def against(figures, unit=""):
    """The peers in a row of the table."""
    return ", ".join(f"{name} {value:,.0f}{unit}" for name, value in figures.items())


def best_ratio(ours, figures):
    """Against the best of the peers."""
    return f"{ours / min(figures.values()):.2f}" if figures else ""


def line_rate(bench):
    """Bytes a second on the tty."""
    with world(bench, 60) as one, world(bench, 0) as quiet:
        for size, limit in ((SMALL, 300), (LARGE, 700)):
            with contextlib.ExitStack() as stack:
                names, others = [], []
                for name, terminal in peers(size, emulate=False):
                    names.append(name)
                    others.append(stack.enter_context(terminal))
                ours = stack.enter_context(dashboard(one, size, "--home", "47.46,8.55", emulate=False))
                dear = stack.enter_context(dashboard(one, size, "--home", "47.46,8.55", *DEAREST, emulate=False))
                idle = stack.enter_context(dashboard(quiet, size, emulate=False))
                rate, dear_rate, idle_rate, *other_rates = bytes_per_s([ours, dear, idle, *others])
            figures = dict(zip(names, other_rates))
            where = f"{size[0]}x{size[1]}"
            bench.row(f"terminal: bytes/s, 60 flights at 1 Hz, {where}", f"{rate:.0f}",
                      against(figures), best_ratio(rate, figures), f"<= {limit}", rate <= limit)
            bench.row(f"terminal: the same, true colour in each cell, {where}", f"{dear_rate:.0f}",
                      against(figures), best_ratio(dear_rate, figures), f"<= {limit}", dear_rate <= limit)
            bench.row(f"terminal: bytes/s when nothing happens, {where}", f"{idle_rate:.0f}", "", "", "<= 100",
                      idle_rate <= 100)


def first_paint_ms(make, count=7):
    """Start to the end of the first burst of output (quiet for 15 ms); the median."""
    took = []
    for _ in range(count):
        began = time.monotonic()
        with make() as terminal:
            wait.until(lambda t=terminal: t.sent() > 400 and time.monotonic() - t.chunks[-1][0] > 0.015,
                       10, "a first screen", period_s=0.002)
            took.append((first_burst_end(terminal.chunks) - began) * 1000)
    return sorted(took)[count // 2]


def first_burst_end(chunks):
    """When the first screen was whole: 400 bytes and more, then a pause."""
    size = 0
    for i, (at, data) in enumerate(chunks):
        size += len(data)
        if size > 400 and (i + 1 == len(chunks) or chunks[i + 1][0] - at > 0.015):
            return at
    return chunks[-1][0]


def first_paint(bench):
    """Start to the first whole screen."""
    with world(bench, 60) as one:
        ours = first_paint_ms(lambda: dashboard(one, SMALL, emulate=False))
    others = {name: first_paint_ms(lambda argv=argv: PtyTerminal(argv, emulate=False))
              for name, argv in PEERS.items() if shutil.which(name)}
    bench.row("terminal: start to first paint", f"{ours:.0f} ms", against(others, " ms"),
              best_ratio(ours, others), "<= 20 ms", ours <= 20)


def key_cost(terminal, key=b"\x1b[B", count=20):
    """(median ms to the frame, median bytes of it) of a cursor move."""
    times, sizes = [], []
    for _ in range(count):
        wait.pass_time(0.37)  # not in step with the data
        before, began = len(terminal.chunks), time.monotonic()
        terminal.type(key)
        wait.until(lambda b=before: len(terminal.chunks) > b, 5, "an answer", period_s=0.0005)
        at, data = terminal.chunks[before]
        times.append((at - began) * 1000)
        sizes.append(len(data))
    return sorted(times)[count // 2], sorted(sizes)[count // 2]


def key_to_screen(bench):
    """A cursor move."""
    with world(bench, 60) as one, dashboard(one, SMALL, emulate=False) as t:
        wait.pass_time(3)
        ms, size = key_cost(t)
    others = {}
    for name, terminal in peers(SMALL, emulate=False):
        with terminal:
            wait.pass_time(3)
            others[name] = key_cost(terminal)
    bench.row("terminal: cursor key to screen", f"{ms:.1f} ms",
              against({n: v[0] for n, v in others.items()}, " ms"),
              best_ratio(ms, {n: v[0] for n, v in others.items()}), "<= 5 ms", ms <= 5)
    bench.row("terminal: bytes of a cursor move", f"{size}", against({n: v[1] for n, v in others.items()}),
              best_ratio(size, {n: v[1] for n, v in others.items()}), "<= 150", size <= 150)


def usage(bench, aircraft, views):
    """(share of a core, RSS in MiB) for each of the views, at the same time."""
    with contextlib.ExitStack() as stack:
        one = stack.enter_context(world(bench, aircraft))
        wait.until(lambda: one.metrics().value("flightdash_flights") >= 0.9 * aircraft, 60)
        pids = [stack.enter_context(dashboard(one, SMALL, "--view", view, emulate=False)).process.pid for view in views]
        wait.pass_time(8)
        before, began = [load.cpu_ns(pid) for pid in pids], time.monotonic()
        wait.pass_time(SECONDS)
        took = time.monotonic() - began
        return [((load.cpu_ns(pid) - spent) / 1e9 / took, processes.rss_kib(pid) / 1024)
                for pid, spent in zip(pids, before)]


def cpu_and_memory(bench):
    """Of the terminal program."""
    for aircraft, views, limit, limit_mib in ((60, ["flights"], 0.003, 12), (25000, ["flights", "map"], 0.03, 40)):
        for view, (share, rss) in zip(views, usage(bench, aircraft, views)):
            what = f"terminal: {{}}, {aircraft:,} flights at 1 Hz, {view}"
            bench.row(what.format("CPU of a core"), f"{share * 100:.2f} %", "", "",
                      f"<= {limit * 100:g} %", share <= limit)
            bench.row(what.format("RSS"), f"{rss:.1f} MiB", "", "", f"<= {limit_mib} MiB", rss <= limit_mib)


def slow_key_s(terminal, key, text):
    """From a key until its text is on the screen; endless when that is more than anyone waits."""
    began = time.monotonic()
    terminal.type(key)
    try:
        wait.until(lambda: text in terminal.screen(), PATIENCE_S, period_s=0.01)
    except wait.DeadlineExpired:
        return math.inf
    return time.monotonic() - began


def slow_line(bench):
    """Key to effect on a line that takes 1,200 bytes a second, after a minute of everybody's traffic."""
    with contextlib.ExitStack() as stack:
        one = stack.enter_context(world(bench, 60))
        ours = stack.enter_context(dashboard(one, SMALL, bytes_per_s=SLOW_B_S))
        others = {name: stack.enter_context(terminal) for name, terminal in peers(SMALL, bytes_per_s=SLOW_B_S)}
        wait.pass_time(SLOW_S)
        took = slow_key_s(ours, b"?", "Turn the order round")
        took_others = {name: slow_key_s(terminal, b"h", HELP_TEXTS[name]) for name, terminal in others.items()}
    told = ", ".join(f"{name} {value:.1f} s" if value < math.inf else f"{name} more than {PATIENCE_S} s"
                     for name, value in took_others.items())
    best = min(took_others.values(), default=math.inf)
    bench.row(f"terminal: key to its effect (help) on {SLOW_B_S:,} B/s after a minute", f"{took:.2f} s", told,
              f"{took / best:.2f}" if best < math.inf else "", "<= 1 s", took <= 1)


def map_frame(bench):
    """One frame of the map, drawn and encoded."""
    said = subprocess.run([str(daemons.program("bench/map_frame"))], capture_output=True, text=True,
                          check=True).stdout
    ms = float(re.search(r"([\d.]+) ms", said)[1])
    bench.row("terminal: one map frame, 25,000 aircraft, 200x50", f"{ms:.1f} ms", "", "", "<= 5 ms", ms <= 5)


ROWS = [line_rate, first_paint, key_to_screen, cpu_and_memory, slow_line, map_frame]
