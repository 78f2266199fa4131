"""Servers for sources: one that tells the truth about a small sky, and ways to lie about it."""

import gzip
import http.server
import json
import socket
import socketserver
import threading
import time
import urllib.parse

HUGE = 100 * 1024 * 1024


def aircraft(hexes=("4b1814", "4b1815"), **fields):
    """Objects of an aircraft.json, heard just now, somewhere over Zurich."""
    return [{"hex": h, "type": "adsb_icao", "flight": f"SWR{i}  ", "alt_baro": 30000 + 25 * i,
             "gs": 400.5, "track": 90.0, "lat": 47.4 + i / 100, "lon": 8.5, "seen": 0.1,
             "seen_pos": 0.2, **fields} for i, h in enumerate(hexes)]


def document(objects=None, now=None, **more):
    now = time.time() if now is None else now
    rows = aircraft() if objects is None else objects
    return json.dumps({"now": now, "messages": 1, "aircraft": rows, **more})


class _Listening:
    """A server in threads of its own, at `place` until stop(); `ended` tells its visitors."""

    def _serve(self, server):
        self.server = server
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def place(self):
        return f"127.0.0.1:{self.server.server_address[1]}"

    def stop(self):
        self.ended.set()
        self.server.shutdown()
        self.server.server_close()


class Web(_Listening):
    """An HTTP server on a free port; answer(request) is a function that may be replaced."""

    def __init__(self, answer):
        self.answer = answer
        self.requests = []  # paths with their query
        self.headers = []   # of the same requests
        self.bodies = []
        self.ended = threading.Event()
        web = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                length = int(self.headers.get("Content-Length") or 0)
                web.bodies.append(self.rfile.read(length).decode())
                web.requests.append(urllib.parse.unquote(self.path))
                web.headers.append(dict(self.headers))
                web.answer(self)

            do_POST = do_GET

            def log_message(self, *_):
                """Not on stderr."""

            def handle(self):
                try:
                    super().handle()
                except (BrokenPipeError, ConnectionResetError):
                    pass  # who asked has given up, as it should

        self._serve(http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler))


def send(request, status, text, content_type="application/json", **headers):
    data = text if isinstance(text, bytes) else text.encode()
    request.send_response(status)
    request.send_header("Content-Type", content_type)
    request.send_header("Content-Length", str(len(data)))
    for name, value in headers.items():
        request.send_header(name.replace("_", "-"), str(value))
    request.end_headers()
    request.wfile.write(data)


class Lies:
    """Ways to answer a request for aircraft.json, by name of the path's first part."""

    def __init__(self):
        self.web = Web(self.answer)
        self.started = time.time()

    def answer(self, request):
        name = urllib.parse.urlsplit(request.path).path.strip("/").split("/")[0]
        getattr(self, name)(request)

    def honest(self, request):
        send(request, 200, document())

    def zipped(self, request):
        rows = aircraft(("4b18aa",))
        send(request, 200, gzip.compress(document(rows).encode()), Content_Encoding="gzip")

    def moved(self, request):
        send(request, 302, "", Location="/honest/aircraft.json")

    def hang(self, request):
        self.web.ended.wait(120)

    def drip(self, request):
        request.send_response(200)
        request.send_header("Content-Length", "100000")
        request.end_headers()
        while not self.web.ended.wait(1):
            request.wfile.write(b" ")

    def huge(self, request):
        request.send_response(200)
        request.send_header("Transfer-Encoding", "chunked")
        request.end_headers()
        block = b" " * 65536
        for _ in range(HUGE // len(block)):
            request.wfile.write(b"10000\r\n" + block + b"\r\n")

    def declared(self, request):
        request.send_response(200)
        request.send_header("Content-Length", str(HUGE))
        request.end_headers()
        request.wfile.write(b"{")

    def bomb(self, request):
        send(request, 200, gzip.compress(b" " * HUGE, 1), Content_Encoding="gzip")

    def html(self, request):
        send(request, 200, "<!DOCTYPE html><html><body>Welcome</body></html>", "text/html")

    def elsewhere(self, request):
        port = self.web.server.server_address[1]
        send(request, 302, "", Location=f"http://localhost:{port}/honest/aircraft.json")

    def half(self, request):
        send(request, 200, document()[:-40])

    def cut(self, request):
        request.send_response(200)
        request.send_header("Content-Length", "100000")
        request.end_headers()
        request.wfile.write(document().encode())
        request.close_connection = True

    def closed(self, request):
        request.close_connection = True
        request.connection.shutdown(socket.SHUT_RDWR)

    def empty(self, request):
        send(request, 200, "")

    def other(self, request):
        send(request, 200, '{"message":"You are not subscribed to this API."}')

    def missing(self, request):
        send(request, 404, "no such thing", "text/plain")

    def broken(self, request):
        send(request, 500, "out of order", "text/plain")

    def forbidden(self, request):
        send(request, 401, '{"message":"Invalid API key"}')

    def busy(self, request):
        send(request, 429, "slowly!", "text/plain", Retry_After=60)

    def yesterday(self, request):
        send(request, 200, document(aircraft(("4b18bb",)), now=self.started - 86400))


class Port(_Listening):
    """A TCP server that sends each visitor the same bytes, then holds on or hangs up."""

    def __init__(self, data, hold=True):
        port = self
        self.data = data
        self.hold = hold
        self.visits = 0
        self.ended = threading.Event()

        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                port.visits += 1
                try:
                    data = port.data() if callable(port.data) else port.data
                    while data and not port.ended.is_set():
                        self.request.sendall(data)
                        if not callable(port.data) or port.ended.wait(0.2):
                            break
                        data = port.data()
                    if port.hold:
                        port.ended.wait(120)
                except OSError:
                    pass

        self._serve(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler))


def free_port():
    """A port of 127.0.0.1 where nobody listens."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]
