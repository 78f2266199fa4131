"""A connection byte by byte: what libraries refuse to send, and exactly what comes back."""

import base64
import contextlib
import json
import os
import socket
import ssl
import struct
import time

from . import wait

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10


def frame(opcode, payload=b"", fin=True, mask=b"\x11\x22\x33\x44", rsv=0, length=None, form=None):
    """A frame of a client. length: what its header says; form: 7, 16 or 64 bits of length."""
    payload = payload.encode() if isinstance(payload, str) else payload
    length = len(payload) if length is None else length
    form = form or (7 if length < 126 else 16 if length < 65536 else 64)
    masked = 0x80 if mask else 0
    head = bytes([(0x80 if fin else 0) | rsv << 4 | opcode])
    if form == 7:
        head += bytes([masked | length])
    elif form == 16:
        head += bytes([masked | 126]) + struct.pack(">H", length)
    else:
        head += bytes([masked | 127]) + struct.pack(">Q", length)
    if mask:
        payload = bytes(b ^ mask[i % 4] for i, b in enumerate(payload))
    return head + (mask or b"") + payload


def close_payload(code, reason=b""):
    return struct.pack(">H", code) + reason


class RawSocket:
    """TCP or TLS to HOST:PORT, from the address `source` if one is named; used as a context."""

    def __init__(self, address, ca_file=None, seconds=10, receive_buffer=None, source=None):
        host, port = address.rsplit(":", 1)
        self.seconds = wait.deadline_s(seconds)
        self.socket = socket.socket()
        self.socket.settimeout(self.seconds)
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        if source:
            self.socket.bind((source, 0))
        self.socket.connect((host, int(port)))
        self.local_port = self.socket.getsockname()[1]
        if ca_file:
            self.socket = ssl.create_default_context(cafile=ca_file).wrap_socket(
                self.socket, server_hostname="localhost")
        self.rest = b""

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        self.socket.close()

    # --- bytes

    def send(self, data):
        """Sends it all; a server that has closed meanwhile is no error here."""
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.socket.sendall(data)

    def _more(self):
        try:
            data = self.socket.recv(65536)
        except ConnectionResetError:
            data = b""
        self.rest += data
        return bool(data)

    def take(self, n):
        """n bytes; fewer only where the server has closed."""
        while len(self.rest) < n and self._more():
            pass
        data, self.rest = self.rest[:n], self.rest[n:]
        return data

    def until_closed(self):
        """Everything until the server closes; a time-out fails."""
        while self._more():
            pass
        data, self.rest = self.rest, b""
        return data

    # --- HTTP

    def request(self, method="GET", target="/livez", headers=(), body=b"", version="HTTP/1.1"):
        lines = [f"{method} {target} {version}", *headers]
        self.send("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)

    def answer(self):
        """(status, headers with lower-case names, body); status None when the server just closed."""
        while b"\r\n\r\n" not in self.rest:
            if not self._more():
                return None, {}, self.rest
        head, self.rest = self.rest.split(b"\r\n\r\n", 1)
        start, *lines = head.decode("latin-1").split("\r\n")
        headers = {}
        for line in lines:
            name, value = line.split(":", 1)
            headers[name.strip().lower()] = value.strip()
        body = self.take(int(headers.get("content-length", 0)))
        return int(start.split()[1]), headers, body

    # --- WebSocket

    def upgrade(self, *headers, path="/ws", version="13", method="GET", without=()):
        """Asks for a WebSocket; the answer's (status, headers, body)."""
        key = base64.b64encode(os.urandom(16)).decode()
        asked = {
            "Host": "localhost", "Upgrade": "websocket", "Connection": "Upgrade",
            "Sec-WebSocket-Key": key, "Sec-WebSocket-Version": version,
        }
        lines = [f"{name}: {value}" for name, value in asked.items() if name not in without]
        self.request(method, path, [*lines, *headers])
        self.key = key
        return self.answer()

    def open(self, *headers):
        """A WebSocket, or the test fails."""
        status, answered, body = self.upgrade(*headers)
        assert status == 101, (status, answered, body)
        return self

    def read_frame(self):
        """(opcode, payload) of the next frame; (None, b"") when the server has closed."""
        head = self.take(2)
        if len(head) < 2:
            return None, b""
        assert head[0] & 0xF0 == 0x80 and not head[1] & 0x80, f"a server does not send {head!r}"
        length = head[1] & 0x7F
        if length == 126:
            length = struct.unpack(">H", self.take(2))[0]
        elif length == 127:
            length = struct.unpack(">Q", self.take(8))[0]
        return head[0] & 0x0F, self.take(length)

    def read_until(self, wanted):
        """Frames up to the first for which wanted(opcode, payload) holds; fails when it closes before."""
        seen = []
        end = time.monotonic() + self.seconds
        while True:
            assert time.monotonic() < end, f"not among {seen}"
            opcode, payload = self.read_frame()
            if opcode is None or opcode == CLOSE and not wanted(opcode, payload):
                raise AssertionError(f"closed, {payload!r} after {seen}")
            seen.append((opcode, payload))
            if wanted(opcode, payload):
                return seen

    def message(self, kind):
        """The next message of that type."""
        def is_it(opcode, payload):
            return opcode == TEXT and json.loads(payload)["type"] == kind
        return json.loads(self.read_until(is_it)[-1][1])

    def say(self, message):
        self.send(frame(TEXT, json.dumps(message)))

    def close_code(self):
        """The code of the close frame that comes (None: closed without one), and the connection's end."""
        code = None
        while True:
            opcode, payload = self.read_frame()
            if opcode is None:
                return code
            assert code is None, f"{payload!r} after the close frame"
            if opcode == CLOSE:
                code = struct.unpack(">H", payload[:2])[0] if payload else 1005
