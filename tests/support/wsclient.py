"""The client side of the protocol, written from its description alone (flightdash-protocol(7)).

One thread receives for all clients; tests call plain functions and wait with until():

    client = Client(daemon.ws_url).connect()
    flights = client.subscribe(bbox=[5, 45, 11, 48])
    client.until(lambda: "4b1814" in flights.table)

What a server must never do is written to client.violations, in words.
"""

import asyncio
import collections
import json
import threading
import time

import websockets

from . import wait

JSON = "flightdash.v1.json"
_VERSION = int(websockets.__version__.split(".")[0])
_HEADERS = "additional_headers" if _VERSION >= 14 else "extra_headers"
_NO_PROXY = {"proxy": None} if _VERSION >= 15 else {}  # it would ask the environment for one
_TRANSIENT = ("hex", "new", "seen", "seen_pos")
_REASONS = ("expired", "left")


def _unique(pairs):
    """An object of which no member is named twice."""
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("a member twice")
    return dict(pairs)


class _Receiver:
    """The event loop of all clients, in a thread that ends with the process."""

    def __init__(self):
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()

    def run(self, coroutine, seconds=10):
        """Runs it there and returns its result here."""
        future = asyncio.run_coroutine_threadsafe(coroutine, self.loop)
        return future.result(wait.deadline_s(seconds))


_receiver = None


def _shared_receiver():
    global _receiver
    _receiver = _receiver or _Receiver()
    return _receiver


class Subscription:
    """What the client knows under one subscription id.

    table: {hex: fields}; heard_at, pos_at: {hex: epoch s}; tick: of the last snapshot or delta.
    """

    def __init__(self, client, identity, request):
        self.client = client
        self.id = identity
        self.request = request
        self.table = {}
        self.heard_at = {}
        self.pos_at = {}
        self.tick = None
        self.time = None
        self.confirmed = False
        self.error = None
        self.snapshots = self.deltas = self.resyncs = 0
        self._parts = None
        self._at = None  # the tick this client is known to be at
        self._lost = True  # waits for a snapshot

    def take_subscribed(self, _message):
        self.confirmed = True

    def take_snapshot(self, message):
        part = message.get("part", 1)
        if part == 1:
            self._parts = []
        if self._parts is None or part != len(self._parts) + 1:
            return self._wrong(f"snapshot part {part} out of order")
        self._parts.append(message)
        if message.get("last", True):
            self._replace(self._parts)
            self._parts = None

    def _replace(self, parts):
        self.table, self.heard_at, self.pos_at = {}, {}, {}
        for message in parts:
            for row in message["flights"]:
                if row["hex"] in self.table:
                    self._wrong(f"{row['hex']} twice in a snapshot")
                self.table[row["hex"]] = {}
                self._merge(row, message["time"])
                if ("lat" in row or "lon" in row) and "seen_pos" not in row:
                    self._wrong(f"{row['hex']} in a snapshot with a position of unknown age")
        self.snapshots += 1
        self._lost = False
        self._arrive(parts[-1])

    def take_delta(self, message):
        if self._lost:
            return
        if message["base_tick"] > self._at:
            self.resyncs += 1
            self._lost = True
            self.client.send({"type": "resync", "id": self.id}, wait_sent=False)
            return
        for row in message.get("changed", ()):
            self._change(row, message["time"])
        for gone in message.get("removed", ()):
            if gone.get("reason") not in _REASONS:
                self._wrong(f"removed without a reason: {gone}")
            self.forget(gone["hex"])
        self.deltas += 1
        self._arrive(message)

    def _change(self, row, now):
        if row.get("new"):
            self.forget(row["hex"])
            self.table[row["hex"]] = {}
        elif row["hex"] not in self.table:
            return self._wrong(f"change of {row['hex']}, which never entered")
        self._merge(row, now)

    def _merge(self, row, now):
        known = self.table[row["hex"]]
        for name, value in row.items():
            if value is None:
                known.pop(name, None)
            elif name not in _TRANSIENT:
                known[name] = value
        self.heard_at[row["hex"]] = now - row.get("seen", 0)
        if row.get("seen_pos") is not None:
            self.pos_at[row["hex"]] = now - row["seen_pos"]
        elif "lat" in row or "lon" in row:
            self.pos_at[row["hex"]] = now

    def forget(self, identity):
        for known in (self.table, self.heard_at, self.pos_at):
            known.pop(identity, None)

    def _arrive(self, message):
        if self.tick is not None and message["tick"] < self.tick and not self._lost:
            self._wrong(f"tick {message['tick']} after {self.tick}")
        self.tick = self._at = message["tick"]
        self.time = message["time"]

    def pass_tick(self, tick):
        """A tick message: all up to there has arrived."""
        if self._at is not None:
            self._at = max(self._at, tick)

    def restart(self, resumed):
        """On a new connection."""
        self.confirmed, self.error, self._parts = False, None, None
        self._lost = not resumed or self._lost
        if not resumed:
            self.tick = self._at = None

    def await_snapshot(self, seconds=10):
        """Returns the subscription once it has a table; a refusal fails."""
        self.client.until(lambda: self.snapshots or self.error, seconds, f"a snapshot of {self.request}")
        assert not self.error, self.error
        return self

    def _wrong(self, what):
        self.client.violations.append(f"subscription {self.id}: {what}")


class Client:
    """One connection at a time; reconnect() resumes with what it knows."""

    def __init__(self, url, subprotocol=JSON, headers=None, token=None):
        self.url = url
        self.subprotocol = subprotocol
        self.headers = headers or {}
        self.token = token
        self.subscriptions = {}
        self.messages = collections.deque(maxlen=10000)
        self.binary = collections.deque(maxlen=10000)
        self.violations = []
        self.welcome = None
        self.tick = None
        self.bytes_received = 0
        self.close_code = self.close_reason = None
        self._ids = 0
        self._changed = threading.Condition(threading.RLock())
        self._receiver = _shared_receiver()
        self._socket = None
        self._reading = None

    # --- connection

    def connect(self, hello=True, resume=None, seconds=10):
        """Opens the connection; with hello, says it and returns once welcome."""
        self.welcome = self.close_code = self.close_reason = None
        self._receiver.run(self._open(), seconds)
        if hello:
            message = {"type": "hello", "version": 1, "client": "tests/1.0"}
            if self.token:
                message["token"] = self.token
            if resume:
                message["resume"] = resume
            self.send(message)
            self.until(lambda: self.welcome or self.is_closed, seconds, "welcome")
            assert self.welcome, f"closed with {self.close_code} {self.close_reason}"
        return self

    def reconnect(self, resume=True, seconds=10):
        """A new connection that goes on where the last one ended; returns whether the server could."""
        known = self.resume_point() if resume else None
        self.abort()
        self.connect(resume=known, seconds=seconds)
        resumed = bool(self.welcome.get("resumed"))
        with self._changed:
            for subscription in self.subscriptions.values():
                subscription.restart(resumed)
        for subscription in self.subscriptions.values():
            self.send(subscription.request)
        return resumed

    def resume_point(self):
        """{"epoch", "tick"} for a later connection; None before the first welcome."""
        with self._changed:
            ticks = [s.tick for s in self.subscriptions.values() if s.tick is not None]
            if not self.welcome:
                return None
            return {"epoch": self.welcome["epoch"], "tick": min(ticks, default=self.welcome["tick"])}

    def close(self):
        """The polite end."""
        if self._socket is not None:
            self._receiver.run(self._socket.close())

    def abort(self):
        """Ends as a pulled cable does, seen from here: no close frame."""
        if self._socket is not None:
            self._receiver.loop.call_soon_threadsafe(self._socket.transport.abort)
            self.resume_reading()  # or a paused reader would not see the end
            self.until(lambda: self.is_closed, 10, "the connection gone")

    @property
    def is_closed(self):
        return self.close_code is not None

    def pause_reading(self):
        """Lets the server's frames pile up: a slow reader."""
        self._receiver.loop.call_soon_threadsafe(self._reading.clear)

    def resume_reading(self):
        self._receiver.loop.call_soon_threadsafe(self._reading.set)

    # --- talking

    def send(self, message, wait_sent=True):
        self.send_raw(json.dumps(message), wait_sent)

    def send_raw(self, data, wait_sent=True):
        """Text for a text frame, bytes for a binary one."""
        sending = self._socket.send(data)
        if wait_sent:
            self._receiver.run(sending)
        else:
            asyncio.run_coroutine_threadsafe(sending, self._receiver.loop)

    def subscribe(self, channel="flights", id=None, **request):
        """Subscribes, replaces where the id is in use, and does not wait."""
        id = id or self.new_id()
        message = {"type": "subscribe", "id": id, "channel": channel, **request}
        with self._changed:
            subscription = self.subscriptions[id] = Subscription(self, id, message)
        self.send(message)
        return subscription

    def unsubscribe(self, subscription):
        self.send({"type": "unsubscribe", "id": subscription.id})
        with self._changed:
            self.subscriptions.pop(subscription.id, None)

    def ask(self, kind, seconds=10, **request):
        """Sends a request of that type and returns the message that answers it."""
        id = self.new_id()
        self.send({"type": kind, "id": id, **request})
        return self.until(
            lambda: next((m for m in self.messages if m.get("id") == id), None), seconds, f"an answer to {kind}"
        )

    def new_id(self):
        self._ids += 1
        return self._ids

    # --- waiting and looking

    def until(self, condition, seconds=10, what=None):
        """Waits until condition() is true and returns what it returned; looks at every message."""
        end = time.monotonic() + wait.deadline_s(seconds)
        with self._changed:
            while True:
                value = condition()
                if value:
                    return value
                left = end - time.monotonic()
                if left <= 0:
                    raise wait.DeadlineExpired(f"{what or 'condition'}: not within {seconds} s; {self}")
                self._changed.wait(min(left, 0.25))

    def of_type(self, kind):
        """All messages of a type so far."""
        with self._changed:
            return [m for m in self.messages if m["type"] == kind]

    def await_type(self, kind, seconds=10):
        """The first message of a type that arrives from now on."""
        with self._changed:
            before = len(self.of_type(kind))
        return self.until(lambda: self.of_type(kind)[before:], seconds, f"a message {kind}")[0]

    def await_closed(self, seconds=10):
        """Waits for the server to close and returns the close code."""
        self.until(lambda: self.is_closed, seconds, "closed by the server")
        return self.close_code

    def __str__(self):
        counts = collections.Counter(m["type"] for m in self.messages)
        return f"{self.url} close={self.close_code} messages={dict(counts)} violations={self.violations}"

    # --- receiving

    async def _open(self):
        self._reading = asyncio.Event()
        self._reading.set()
        self._socket = await websockets.connect(
            self.url, subprotocols=[self.subprotocol] if self.subprotocol else None,
            max_size=None, max_queue=1, ping_interval=None, compression=None,
            **{_HEADERS: self.headers}, **_NO_PROXY,
        )
        asyncio.ensure_future(self._receive(self._socket))

    async def _receive(self, socket):
        try:
            while True:
                await self._reading.wait()
                data = await socket.recv()
                with self._changed:
                    self._take(data)
                    self._changed.notify_all()
        except websockets.ConnectionClosed:
            pass
        with self._changed:
            self.close_code = socket.close_code or 1006
            self.close_reason = socket.close_reason
            self._changed.notify_all()

    def _take(self, data):
        self.bytes_received += len(data)
        if isinstance(data, bytes):
            self.binary.append(data)
            return
        try:
            message = json.loads(data, object_pairs_hook=_unique)
            kind = message["type"]
        except (ValueError, KeyError, TypeError):
            self.violations.append(f"not an object with a type: {data[:200]!r}")
            return
        self.messages.append(message)
        try:
            self._apply(kind, message)
        except KeyError as missing:
            self.violations.append(f"{kind} without {missing}: {data[:200]}")

    def _apply(self, kind, message):
        if kind == "welcome":
            self.tick = message["tick"]
            self.welcome = message
        elif kind == "tick":
            self.tick = message["tick"]
            for subscription in self.subscriptions.values():
                subscription.pass_tick(self.tick)
        elif kind in ("subscribed", "snapshot", "delta"):
            subscription = self.subscriptions.get(message["id"])
            if subscription:
                getattr(subscription, f"take_{kind}")(message)
        elif kind == "error" and message.get("id") in self.subscriptions:
            self.subscriptions[message["id"]].error = message
