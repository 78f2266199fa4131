"""Real aircraft objects, read by flight_decode and by the few lines of Python below."""

import decimal
import json
import os
import pathlib
import re
import subprocess

import pytest

from support import recordings

BUILD = pathlib.Path(os.environ.get("FLIGHTDASH_BUILD", recordings.REPOSITORY / "build"))
FIELDS = recordings.REPOSITORY / "shared/flight/flight_fields.def"
OLD_NAMES = {"altitude": "alt_baro", "speed": "gs", "gscp": "gs", "vert_rate": "baro_rate",
             "ts": "now"}
CLEARED = object()
CIRCLES = {"track", "mag_heading", "true_heading", "nav_heading", "wd"}


def fields():
    """{wire key: (kind, decimals, min, max)} and {text key: size} from flight_fields.def."""
    text = FIELDS.read_text(encoding="utf-8")
    numbers = {key: (kind, int(places), int(low), int(high)) for key, kind, places, low, high in
               re.findall(r'^FIELD_NUM\(\w+, +"(\w+)", +(\w+), +(\d), +(-?\d+), +(-?\d+)', text,
                          re.M)}
    texts = {key: int(size) for key, size in
             re.findall(r'^FIELD_TEXT\(\w+, +"(\w+)", +\w+, +(\d+)', text, re.M)}
    return numbers, texts


NUMBERS, TEXTS = fields()


def rounded(value, places):
    """As flight_number: half away from zero."""
    return value.quantize(decimal.Decimal(1).scaleb(-places), decimal.ROUND_HALF_UP)


def expected_number(key, value):
    """The number a field keeps; None when it is refused."""
    _, places, low, high = NUMBERS[key]
    value = rounded(decimal.Decimal(value), places)
    if not low <= value <= high:
        return None
    return value - 360 if key in CIRCLES and value == 360 else value


def expected_value(key, value):
    """The value a field keeps; None when it is refused, "" when it says nothing."""
    if value is None:
        return CLEARED
    if key in TEXTS:
        text = value.strip(" @" if key == "flight" else " ")
        return text if len(text) < TEXTS[key] and text.isprintable() else None
    if NUMBERS[key][0] == "SQUAWK":
        text = str(value).strip()
        return text.zfill(4) if re.fullmatch("[0-7]{0,4}", text) else None
    if isinstance(value, (str, list)):
        return value
    return expected_number(key, value)


def expected(obj, base_now_ms):
    """The Kafka value of an aircraft object, and the set of refused keys."""
    obj = {OLD_NAMES.get(key, key): value for key, value in obj.items()}
    last = obj.get("lastPosition")
    if last and "lat" not in obj:
        obj.update(lat=last["lat"], lon=last["lon"], seen_pos=last["seen_pos"])
    values = {key: expected_value(key, obj[key]) for key in obj if key in NUMBERS or key in TEXTS}
    refused = {key for key, value in values.items() if value is None}
    record = {key: None if value is CLEARED else value for key, value in values.items()
              if value is not None and value != ""}
    record["hex"] = obj["hex"].lower()
    record["now"] = rounded(obj.get("now", decimal.Decimal(base_now_ms) / 1000), 3)
    seen = rounded(decimal.Decimal(obj.get("seen", 0)), 3)
    if seen:
        record["seen"] = seen
    seen_pos = rounded(decimal.Decimal(obj.get("seen_pos", seen)), 3)
    if "lat" in record and seen_pos != seen:
        record["seen_pos"] = seen_pos
    return record, refused


def load(text):
    """JSON with exact numbers."""
    return json.loads(text, parse_float=decimal.Decimal, parse_int=decimal.Decimal)


def dump(lines, base_now_ms=0):
    """What record_dump says of each line."""
    done = subprocess.run([BUILD / "tools/record_dump", str(base_now_ms)], check=False,
                          input="".join(line + "\n" for line in lines), capture_output=True,
                          text=True)
    assert done.returncode == 0, done.stderr
    return [load(line) for line in done.stdout.splitlines()]


def assert_read_alike(lines, base_now_ms=0):
    """Both readings of every line agree; returns how many the scanner took."""
    answers = dump(lines, base_now_ms)
    assert len(answers) == len(lines) > 0
    for line, answer in zip(lines, answers):
        obj = load(line)
        if "hex" not in obj:
            assert answer["reason"] == "no_hex", line
            continue
        record, refused = expected(obj, base_now_ms)
        assert answer.get("record") == record, line
        assert set(answer["refused"]) == refused, line
    return sum(answer["fast"] for answer in answers)


def elements(text, key):
    """The objects of a document's array, byte for byte."""
    decoder = json.JSONDecoder()
    at = re.search(rf'"{key}"\s*:\s*\[', text).end()
    while (match := re.compile(r"\s*,?\s*").match(text, at)) and text[match.end()] == "{":
        _, at = decoder.raw_decode(text, match.end())
        yield text[match.end():at].replace("\n", " ")


def test_json_port_of_readsb_takes_the_fast_path():
    lines = recordings.text("nasty/readsb-json-port-trailing-commas.txt").splitlines()
    lines = [line.rstrip().rstrip(",") for line in lines]
    assert len(lines) == 48
    assert assert_read_alike(lines, 1700513837500) == 47  # not: lastPosition


@pytest.mark.parametrize("name, fast", [("readsb-abq-1.json", 64), ("readsb-abq-3.json", 79),
                                        ("readsb-abq-4.json", 59)])
def test_aircraft_json(name, fast):
    lines = list(elements(recordings.text(f"aircraft-json/{name}"), "aircraft"))
    assert assert_read_alike(lines, 1700513837500) == fast  # not: lastPosition


def test_aircraft_json_of_an_older_dump1090():
    folder = recordings.recording("aircraft-json/dump1090-20190827")
    lines = [line for path in sorted(folder.glob("history_*.json"))
             for line in elements(path.read_text(encoding="utf-8"), "aircraft")]
    assert_read_alike(lines, 1566891638000)


@pytest.mark.parametrize("name, key", [("api-v2/adsbx-mil-20230123T205553Z.json", "ac"),
                                       ("api-v2/adsbx-mil-20230124T033421Z.json", "ac"),
                                       ("nasty/aircraft-odd.json", "aircraft")])
def test_replies_of_the_v2_api(name, key):
    assert_read_alike(list(elements(recordings.text(name), key)), 1674532390677)


@pytest.mark.parametrize("name", ["replay/switzerland-20180801.jsonl.gz",
                                  "replay/monterey-20250601.jsonl.gz",
                                  "nasty/gps-spoofing-thy9bp.jsonl.gz",
                                  "nasty/out-of-order-calfire.jsonl.gz",
                                  "nasty/on-ground-zurich.jsonl.gz",
                                  "nasty/heartbeat-no-hex-20min.jsonl"])
def test_recorded_lines(name):
    lines = recordings.text(name).splitlines()
    assert_read_alike(lines)
    # The same with `now`, as on Kafka: the scanner's.
    renamed = [line.replace('"ts":', '"now":', 1) for line in lines[:5000] if '"ts":' in line]
    if renamed:
        assert assert_read_alike(renamed) == len(renamed)
