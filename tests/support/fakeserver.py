#!/usr/bin/python3
"""A server that speaks flightdash.v1.json from memory, for tests of the terminal.

    fakeserver.py [--port N] [--flights N] [--hz R]

As a module: `with FakeServer(flights=60) as server: ... server.url`. It moves its
aircraft on straight lines, keeps what clients said in `server.heard`, and does on
command what real servers do at bad times: fall silent, close, lie.
"""

import argparse
import asyncio
import contextlib
import json
import math
import random
import threading
import time

import websockets

TYPES = ["A320", "B738", "A20N", "E190", "A35K", "B77W", "AT76", "C172"]
LINES = ["SWR", "DLH", "EZY", "RYR", "BAW", "AFR", "KLM", "AUA"]


class Aircraft:
    """One aircraft on a straight line."""

    def __init__(self, rng, number):
        self.hex = f"{0x4B0000 + number * 7:06x}"
        self.flight = f"{LINES[number % len(LINES)]}{100 + number}"
        self.row = {
            "hex": self.hex, "flight": self.flight, "r": f"HB-{number:03d}"[:8],
            "t": TYPES[number % len(TYPES)], "squawk": f"{1000 + number % 777 // 64 * 100 + number % 8:04d}",
            "category": "A3", "type": "adsb_icao", "src": "fake",
            "lat": round(46 + rng.random() * 3, 5), "lon": round(6 + rng.random() * 5, 5),
            "alt_baro": rng.randrange(2000, 41000, 25), "gs": round(150 + rng.random() * 350, 1),
            "track": round(rng.random() * 360, 1), "baro_rate": rng.choice([0, 0, 0, 1500, -1200]),
        }

    def move(self, seconds):
        """Moves; returns what changed."""
        row = self.row
        step = row["gs"] * seconds / 3600 / 60
        angle = math.radians(row["track"])
        changed = {
            "lat": round(row["lat"] + step * math.cos(angle), 5),
            "lon": round(row["lon"] + step * math.sin(angle) / math.cos(math.radians(row["lat"])), 5),
        }
        if row["baro_rate"]:
            changed["alt_baro"] = row["alt_baro"] + round(row["baro_rate"] * seconds / 60 / 25) * 25
            if not 1000 < changed["alt_baro"] < 42000:
                changed["baro_rate"] = -row["baro_rate"]
        if random.random() < 0.2:
            changed["gs"] = round(row["gs"] + random.choice([-0.9, 0.9]), 1)
        changed = {key: value for key, value in changed.items() if row.get(key) != value}
        row.update(changed)
        return {"hex": self.hex, **changed}


class FakeServer:
    """Runs in a thread of its own."""

    def __init__(self, flights=20, hz=1.0, port=0, services=None, token=None, tls=None):
        rng = random.Random(7)
        self.aircraft = [Aircraft(rng, i) for i in range(flights)]
        self.services = services if services is not None else [
            {"service": "kafka", "status": "pass", "latency_ms": 0.4, "since": time.time() - 7300, "depends_on": []},
            {"service": "gateway", "status": "pass", "latency_ms": 0.2, "since": time.time() - 60, "depends_on": ["kafka"]},
        ]
        self.hz, self.port, self.token, self.tls = hz, port, token, tls
        self.tick, self.heard, self.clients, self.connections = 1, [], set(), 0
        self.silent, self.said_alerts = False, []
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    @property
    def url(self):
        return f"{'wss' if self.tls else 'ws'}://127.0.0.1:{self.port}/ws"

    def __enter__(self):
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_):
        self._call(self._stop())
        self._thread.join(10)

    def say(self, message):
        """Sends one message to every client."""
        self._call(self._say(message))

    def drop(self):
        """Closes every connection."""
        self._call(self._drop())

    def heard_types(self):
        return [message.get("type") for message in list(self.heard)]

    # ---- the thread

    def _call(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(10)

    def _run(self):
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())

    async def _serve(self):
        self._end = asyncio.Event()
        async with websockets.serve(self._client, "127.0.0.1", self.port, compression=None, ssl=self.tls,
                                    subprotocols=["flightdash.v1.json"]) as server:
            self.port = server.sockets[0].getsockname()[1]
            self._ready.set()
            ticker = asyncio.ensure_future(self._ticks())
            await self._end.wait()
            await ticker

    async def _stop(self):
        self._end.set()

    async def _say(self, message):
        for client in list(self.clients):
            with contextlib.suppress(websockets.ConnectionClosed):
                await client.send(json.dumps(message))

    async def _drop(self):
        for client in list(self.clients):
            await client.close(1012, "restart")

    async def _pass(self, seconds):
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._end.wait(), seconds)

    async def _ticks(self):
        while not self._end.is_set():
            await self._pass(1 / self.hz)
            base, self.tick = self.tick, self.tick + 4
            changed = [a.move(1 / self.hz) for a in self.aircraft]
            if self.silent:
                continue
            now = round(time.time(), 3)
            await self._say({"type": "delta", "id": 1, "tick": self.tick, "base_tick": base,
                             "time": now, "changed": changed, "removed": []})
            await self._say({"type": "tick", "tick": self.tick, "time": now,
                             "total": len(self.aircraft), "matching": len(self.aircraft), "lag_ms": 12})

    async def _client(self, socket):
        self.connections += 1
        header = socket.request_headers.get("Authorization")
        if self.token and header != f"Bearer {self.token}":
            await socket.close(4001, "no valid token")
            return
        try:
            async for text in socket:
                message = json.loads(text)
                self.heard.append(message)
                for answer in self.answers(message):
                    await socket.send(json.dumps(answer))
                if message["type"] == "subscribe" and message["channel"] == "flights":
                    self.clients.add(socket)
        except websockets.ConnectionClosed:
            pass
        finally:
            self.clients.discard(socket)

    def answers(self, message):
        """What the server says to one message."""
        now, kind = round(time.time(), 3), message["type"]
        if kind == "hello":
            return [{"type": "welcome", "version": 1, "epoch": "00112233aabbccdd", "tick": self.tick,
                     "tick_ms": 250, "time": now, "resumed": False, "limits": {}, "server": "fake/1"}]
        if kind == "get":
            return [{"type": "flight", "id": message["id"], "time": now, "flight": {"hex": message["icao24"]},
                     "trail": self._trail(message["icao24"])}]
        if kind == "resync" or message.get("channel") == "flights":
            return [{"type": "snapshot", "id": message["id"], "tick": self.tick, "time": now, "part": 1, "last": True,
                     "flights": [dict(a.row, seen_pos=0) for a in self.aircraft]}]
        return self._channel(message, now)

    def _trail(self, address):
        row = next((a.row for a in self.aircraft if a.hex == address), None)
        if row is None:
            return []
        return [{"time": time.time() - 600 + i * 10, "lat": row["lat"] - (60 - i) * 0.002, "lon": row["lon"],
                 "alt_baro": row["alt_baro"] - (60 - i) * 20, "gs": row["gs"]} for i in range(60)]

    def _channel(self, message, now):
        channel = message.get("channel")
        if channel == "health":
            return [{"type": "health", "id": message["id"], "services": self.services}]
        if channel == "alerts":
            return [{"type": "alert", "id": message["id"], "alerts": self.said_alerts}]
        if channel == "metrics":
            points = [[now - 900 + i * 15, 100 + 20 * math.sin(i / 7)] for i in range(61)]
            return [{"type": "metrics", "id": message["id"], "series": [{"labels": {"job": "flightdash"}, "points": points}]}]
        if channel == "logs":
            hits = [{"id": str(i), "time": now - 60 + i, "level": ["info", "warn", "error"][i % 3],
                     "service": "flightdashd", "message": f"line {i} of the log",
                     "fields": {"log.level": "info", "message": f"line {i} of the log", "host.name": "h"}} for i in range(50)]
            return [{"type": "log", "id": message["id"], "logs": hits}]
        return []


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--flights", type=int, default=20)
    parser.add_argument("--hz", type=float, default=1.0)
    options = parser.parse_args()
    with FakeServer(options.flights, options.hz, options.port) as server:
        print(server.url, flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
