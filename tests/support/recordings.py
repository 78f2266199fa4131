"""Real recordings of air traffic, found by FLIGHTDASH_TEST_DATA (default ../shared/data).

They are not part of the repository: where they are absent, tests that need them are skipped,
and fail where FLIGHTDASH_REQUIRE_DATA=1.
"""

import gzip
import json
import os
import pathlib

import pytest

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent.parent
FOLDER = pathlib.Path(os.environ.get("FLIGHTDASH_TEST_DATA") or REPOSITORY / "../shared/data")


def recording(name):
    """The path of a recording: recording("replay/switzerland-20180801.jsonl.gz")."""
    path = FOLDER / name
    if path.exists():
        return path.resolve()
    reason = f"no recording {name} in {FOLDER} (FLIGHTDASH_TEST_DATA)"
    if os.environ.get("FLIGHTDASH_REQUIRE_DATA") == "1":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def text(name):
    """The text of a recording, unpacked where it is gzip."""
    path = recording(name)
    data = path.read_bytes()
    return (gzip.decompress(data) if path.suffix == ".gz" else data).decode()


def records(name, limit=None):
    """The objects of a JSON-lines recording."""
    lines = (line for line in text(name).splitlines() if line.strip())
    return [json.loads(line) for line, _ in zip(lines, range(limit or 1 << 62))]
