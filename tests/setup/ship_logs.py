#!/usr/bin/python3
"""ship_logs.py FILE URL: what is appended to a file of ECS lines goes to Elasticsearch.

The smallest thing that fills the logs view of `make demo STACK=1`; a platform has Filebeat.
"""
import sys
import threading
import urllib.error
import urllib.request

PERIOD_S = 0.5


def send(url, lines):
    """Stores lines as documents; False when Elasticsearch does not take them now."""
    body = b"".join(b'{"create":{}}\n' + line for line in lines)
    request = urllib.request.Request(f"{url}/logs-flightdash-default/_bulk", body,
                                     {"Content-Type": "application/x-ndjson"})
    try:
        with urllib.request.urlopen(request, timeout=10):
            return True
    except (urllib.error.URLError, OSError):
        return False


def main():
    """Follows the file for ever."""
    path, url = sys.argv[1:]
    never, waiting, rest = threading.Event(), [], b""
    file = None
    while not never.wait(PERIOD_S):
        try:
            file = file or open(path, "rb")
        except FileNotFoundError:
            continue
        *lines, rest = (rest + file.read(1 << 20)).split(b"\n")
        waiting = (waiting + [line + b"\n" for line in lines if line])[-5000:]
        if waiting and send(url, waiting):
            waiting = []


if __name__ == "__main__":
    main()
