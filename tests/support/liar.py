"""A server that claims to be another one and does not behave: for tests of those who ask it.

    liar = Liar().start()
    liar.does("hang")        # from now on
    liar.url, liar.requests
"""

import http.server
import json
import threading
import urllib.parse

HUGE = 100 * 1024 * 1024
_PROMETHEUS = {
    "status": "success",
    "data": {"resultType": "vector", "result": [{"metric": {"from": "liar"}, "value": [1700000000, "7"]}]},
}
_ELASTICSEARCH = {
    "took": 1, "timed_out": False,
    "hits": {"total": {"value": 0, "relation": "eq"}, "hits": []},
    "aggregations": {"histogram": {"buckets": []}},
}


class Liar:
    """Answers every request in the way last asked for; counts them by path."""

    ways = ("hang", "fail", "huge", "html", "not_json", "other_json", "other_product", "cut")

    def __init__(self):
        self.way = "serve"
        self.requests = []
        self._stopped = threading.Event()
        self._server = None

    def start(self):
        liar = self

        class Handler(_Handler):
            def do_GET(self):
                liar.answer(self)

            do_POST = do_GET

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def stop(self):
        self._stopped.set()
        if self._server:
            self._server.shutdown()
            self._server.server_close()

    @property
    def url(self):
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def does(self, way):
        assert way == "serve" or way in self.ways
        self.way = way

    def asked(self, text):
        """How many requests held this text in path, query or body."""
        return sum(text in request for request in list(self.requests))

    # --- answers

    def answer(self, request):
        length = int(request.headers.get("Content-Length") or 0)
        body = request.rfile.read(length).decode(errors="replace")
        self.requests.append(urllib.parse.unquote(request.path) + "\n" + body)
        getattr(self, "_" + self.way)(request)

    def _serve(self, request):
        if "_search" in request.path:
            self._send(request, 200, json.dumps(_ELASTICSEARCH), product="Elasticsearch")
        else:
            self._send(request, 200, json.dumps(_PROMETHEUS))

    def _hang(self, request):
        self._stopped.wait(60)

    def _fail(self, request):
        self._send(request, 500, "out of order", "text/plain")

    def _html(self, request):
        self._send(request, 200, "<html><body>Welcome!</body></html>", "text/html")

    def _not_json(self, request):
        self._send(request, 200, '{"status":"success","data":')

    def _other_json(self, request):
        self._send(request, 200, '{"answer":42}', product="Elasticsearch")

    def _other_product(self, request):
        """A good answer of the other kind of server."""
        other = _PROMETHEUS if "_search" in request.path else _ELASTICSEARCH
        self._send(request, 200, json.dumps(other))

    def _cut(self, request):
        """Promises more than it sends."""
        request.send_response(200)
        request.send_header("Content-Type", "application/json")
        request.send_header("Content-Length", "1000")
        request.end_headers()
        request.wfile.write(b'{"status":"success"')

    def _huge(self, request):
        request.send_response(200)
        request.send_header("Content-Type", "application/json")
        request.send_header("X-elastic-product", "Elasticsearch")
        request.send_header("Content-Length", str(HUGE))
        request.end_headers()
        block = b" " * 65536
        for _ in range(HUGE // len(block)):
            request.wfile.write(block)

    @staticmethod
    def _send(request, status, text, content_type="application/json", product=None):
        data = text.encode()
        request.send_response(status)
        request.send_header("Content-Type", content_type)
        request.send_header("Content-Length", str(len(data)))
        if product:
            request.send_header("X-elastic-product", product)
        request.end_headers()
        request.wfile.write(data)


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.0"

    def log_message(self, *_):
        """Not on stderr."""

    def handle(self):
        try:
            super().handle()
        except (BrokenPipeError, ConnectionResetError):
            pass  # who asked has given up, as it should
