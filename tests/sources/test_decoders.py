"""Every decoder against the real recordings, compared with another reading of the same file."""

import datetime
import gzip
import json
import math
import subprocess

import pytest
import reading
from support import daemon, recordings

TIMES = ("now", "seen", "seen_pos")


def dump(form, path):
    """What the decoder makes of the file: a list of {"record":..}, {"refused":..}, ..."""
    data = path.read_bytes() if path.is_file() else b""
    if form != "replay" and path.suffix == ".gz":
        data = gzip.decompress(data)
    command = [daemon.program("tools/decode_dump"), form, *([path] if form == "replay" else [])]
    done = subprocess.run(command, input=data, capture_output=True, check=True)
    return [json.loads(line) for line in done.stdout.decode().splitlines()]


def records(told):
    return [line["record"] for line in told if "record" in line]


def same(ours, theirs, where):
    """Equal, numbers to within half a unit of the last decimal that the wire has."""
    fields = {key: value for key, value in ours.items() if key not in TIMES}
    assert fields.keys() == theirs.keys(), (where, fields, theirs)
    for key, value in theirs.items():
        if reading.is_number(value):
            step = 10.0 ** -reading.NUMBERS.get(key, (0,))[0]
            assert abs(fields[key] - value) <= step * 0.50001, (where, key, fields)
        else:
            assert fields[key] == value, (where, key, fields)


def same_times(record, now, seen, seen_pos, where):
    assert math.isclose(record["now"], now, abs_tol=0.0011), where
    assert math.isclose(record.get("seen", 0), seen, abs_tol=0.0011), (where, record)
    if seen_pos is not None:
        age = record.get("seen_pos", record.get("seen", 0))
        assert math.isclose(age, seen_pos, abs_tol=0.0011), (where, record)


@pytest.mark.parametrize("name", [
    "aircraft-json/readsb-abq-1.json", "aircraft-json/readsb-abq-3.json",
    "aircraft-json/readsb-abq-4.json", "nasty/aircraft-odd.json",
    "aircraft-json/dump1090-20190827/history_34.json",
])
def test_readsb(name):
    path = recordings.recording(name)
    document = json.loads(path.read_text())
    told = dump("readsb", path)
    assert told[0] == {"now": document["now"]}
    ours = records(told)
    assert len(ours) == len(document["aircraft"])
    for record, source in zip(ours, document["aircraft"]):
        same(record, reading.readsb(source), source)
        same_times(record, document["now"], source.get("seen", 0), reading.position_age(source),
                   source)


@pytest.mark.parametrize("name", ["api-v2/adsbx-mil-20230123T205553Z.json",
                                  "api-v2/adsbx-mil-20230124T033421Z.json"])
def test_adsbv2(name):
    path = recordings.recording(name)
    document = json.loads(path.read_text())
    told = dump("adsbv2", path)
    ours = records(told)
    assert len(ours) == len(document["ac"])
    for record, source in zip(ours, document["ac"]):
        same(record, reading.readsb(source), source)
        same_times(record, document["now"] / 1000, source.get("seen", 0),
                   reading.position_age(source), source)


def test_v2_errors_are_errors(tmp_path):
    lines = recordings.text("nasty/v2-error-bodies.txt").splitlines()
    assert len(lines) == 4
    for line in lines:
        path = tmp_path / "body"
        path.write_text(line)
        told = dump("adsbv2", path)
        assert list(told[0]) == ["error"] and len(told) == 1
        if "message" in line:
            assert json.loads(line)["message"] in told[0]["error"]


@pytest.mark.parametrize("name", [
    "opensky/states-world-20250622.json.gz", "opensky/states-world-20220408-18col.json.gz",
    "nasty/opensky-odd.json", "nasty/opensky-odd-18col.json",
])
def test_opensky(name):
    document = json.loads(recordings.text(name))
    ours = records(dump("opensky", recordings.recording(name)))
    assert len(ours) == len(document["states"])
    for record, row in zip(ours, document["states"]):
        same(record, reading.opensky(row), row)
        age = None if row[5] is None else document["time"] - row[3]
        same_times(record, document["time"], document["time"] - row[4], age, row)


@pytest.mark.parametrize("name", [
    "sbs/dump1090-paris-2016.sbs.gz", "sbs/dump1090-nantes-20191020.sbs",
    "nasty/sbs-odd.sbs", "nasty/sbs-faulty-nantes.sbs",
])
def test_sbs(name):
    lines = [line for line in recordings.text(name).splitlines() if line.strip()]
    told = dump("sbs", recordings.recording(name))
    assert [list(line)[0] for line in told] == ["record"] * len(lines)
    for record, line in zip(records(told), lines):
        same(record, reading.sbs(line), line)


def test_sbs_as_a_recording():
    """Times are the lines' own, read as UTC."""
    name = "sbs/dump1090-nantes-20191020.sbs"
    lines = [line for line in recordings.text(name).splitlines() if line.strip()]
    ours = records(dump("replay", recordings.recording(name)))
    assert len(ours) == len(lines) == 2070
    for record, line in zip(ours, lines):
        columns = line.split(",")
        when = datetime.datetime.strptime(columns[6] + columns[7] + "+0000", "%Y/%m/%d%H:%M:%S.%f%z")
        same(record, reading.sbs(line), line)
        same_times(record, when.timestamp(), 0, None, line)


def test_json_port_with_trailing_commas():
    name = "nasty/readsb-json-port-trailing-commas.txt"
    sources = [json.loads(line.rstrip(", \r"))
               for line in recordings.text(name).splitlines() if line.strip()]
    ours = records(dump("json-port", recordings.recording(name)))
    assert len(ours) == len(sources) == 48
    for record, source in zip(ours, sources):
        same(record, reading.readsb(source), source)


def test_trace():
    path = recordings.recording("traces/trace_full_ac671b.json")
    head = json.loads(path.read_text())
    for form in ("trace", "replay"):
        ours = records(dump(form, path))
        assert len(ours) == len(head["trace"]) == 2500
        for record, point in zip(ours, head["trace"]):
            same(record, reading.trace_point(head, point), point)
            same_times(record, head["timestamp"] + point[0], 0, 0, point)


@pytest.mark.parametrize("name", [
    "replay/switzerland-20180801.jsonl.gz", "replay/monterey-20250601.jsonl.gz",
    "nasty/gps-spoofing-thy9bp.jsonl.gz", "nasty/out-of-order-calfire.jsonl.gz",
    "nasty/on-ground-zurich.jsonl.gz", "nasty/heartbeat-no-hex-20min.jsonl",
])
def test_json_lines(name):
    sources = recordings.records(name)
    told = dump("replay", recordings.recording(name))
    assert len(told) == len(sources)
    for line, source in zip(told, sources):
        if "hex" not in source:
            assert line == {"refused": "no_hex"}
            continue
        record = line["record"]
        same(record, reading.readsb(source), source)
        now = source.get("ts", source.get("now"))
        age = source.get("seen_pos", 0) if "lat" in source else None
        same_times(record, now, 0, age, source)


def test_a_folder_of_histories():
    folder = recordings.recording("aircraft-json/dump1090-20190827")
    sources = reading.history(folder)
    ours = records(dump("replay", folder))
    assert len(ours) == len(sources) > 900
    for record, (now, source) in zip(ours, sources):
        same(record, reading.readsb(source), source)
        same_times(record, now, source.get("seen", 0), reading.position_age(source), source)
