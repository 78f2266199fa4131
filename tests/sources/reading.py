"""A second reading of the recorded formats, written from their descriptions and not from our C.

Each function gives the fields of a record as flightdash's Kafka value should have them, numbers
not yet rounded.
"""

import json

TEXTS = {"flight": 8, "r": 12, "t": 8}
NUMBERS = {
    # key: (decimals, least, greatest)
    "lat": (5, -90, 90), "lon": (5, -180, 180), "alt_geom": (0, -5000, 200000),
    "gs": (1, 0, 10000), "track": (1, 0, 360), "baro_rate": (0, -60000, 60000),
    "geom_rate": (0, -60000, 60000), "ias": (0, 0, 5000), "tas": (0, 0, 10000),
    "mach": (3, 0, 30), "track_rate": (2, -360, 360), "roll": (1, -180, 180),
    "mag_heading": (1, 0, 360), "true_heading": (1, 0, 360), "nav_qnh": (1, 500, 1500),
    "nav_altitude_mcp": (0, -5000, 200000), "nav_altitude_fms": (0, -5000, 200000),
    "nav_heading": (1, 0, 360), "wd": (0, 0, 360), "ws": (0, 0, 500), "oat": (0, -150, 100),
    "tat": (0, -150, 200), "nic": (0, 0, 15), "rc": (0, 0, 1000000), "version": (0, 0, 7),
    "nic_baro": (0, 0, 1), "nac_p": (0, 0, 15), "nac_v": (0, 0, 7), "sil": (0, 0, 3),
    "gva": (0, 0, 3), "sda": (0, 0, 3), "alert": (0, 0, 1), "spi": (0, 0, 1),
    "messages": (0, 0, 2**31 - 1), "rssi": (1, -100, 50),
}
WORDS = {
    "emergency": {"none", "general", "lifeguard", "minfuel", "nordo", "unlawful", "downed",
                  "reserved"},
    "type": {"adsb_icao", "adsb_icao_nt", "adsr_icao", "tisb_icao", "adsc", "mlat", "other",
             "mode_s", "adsb_other", "adsr_other", "tisb_other", "tisb_trackfile", "mode_ac",
             "unknown"},
    "sil_type": {"unknown", "perhour", "persample"},
}
FIELDS = {*TEXTS, *NUMBERS, *WORDS, "alt_baro", "squawk", "category", "nav_modes", "dbFlags"}
OLD_NAMES = {"altitude": "alt_baro", "speed": "gs", "vert_rate": "baro_rate", "gscp": "gs"}


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def readsb(source):
    """The fields of a readsb aircraft object (its times left out)."""
    old = {OLD_NAMES.get(key, key): value for key, value in source.items()}
    out = {"hex": source["hex"].lower()}
    if "lat" not in old and isinstance(old.get("lastPosition"), dict):
        old.update({key: old["lastPosition"][key] for key in ("lat", "lon")})
    for key, (_, least, greatest) in NUMBERS.items():
        value = old.get(key)
        if is_number(value) and least <= value <= greatest:
            out[key] = float(value)
    altitude = old.get("alt_baro")
    if altitude == "ground" or is_number(altitude):
        out["alt_baro"] = altitude
    for key in TEXTS:
        value = (old.get(key) or "").rstrip(" @")
        if value:
            out[key] = value
    for key, words in WORDS.items():
        if old.get(key) in words:
            out[key] = old[key]
    for key in ("squawk", "category"):
        if old.get(key):
            out[key] = old[key]
    if "nav_modes" in old:
        out["nav_modes"] = old["nav_modes"]
    if "dbFlags" in old:
        out["dbFlags"] = old["dbFlags"]
    out.update({key: None for key in old if key in FIELDS and old[key] is None})
    return out


def position_age(source):
    """seen_pos of a readsb object that has a position, wherever it is."""
    if "lat" in source:
        return source.get("seen_pos", source.get("seen", 0))
    return source.get("lastPosition", {}).get("seen_pos")


CATEGORIES = [None, None, "A1", "A2", "A3", "A4", "A5", "A6", "A7", "B1", "B2", "B3", "B4", "B5",
              "B6", "B7", "C1", "C2", "C3", "C4", "C5"]
ORIGINS = ["adsb_icao", "other", "mlat", "other"]


def opensky(row):
    """The fields of a row of /states/all; docs: longitude before latitude, metres, m/s."""
    out = {"hex": row[0], "type": ORIGINS[row[16]], "spi": int(row[15])}
    if row[5] is not None and row[3] is not None:
        out["lon"], out["lat"] = row[5], row[6]
    if row[7] is not None:
        out["alt_baro"] = row[7] / 0.3048
    if row[8]:
        out["alt_baro"] = "ground"
    if row[9] is not None:
        out["gs"] = row[9] * 3600 / 1852
    if row[10] is not None:
        out["track"] = row[10]
    if row[11] is not None:
        out["baro_rate"] = row[11] / 0.3048 * 60
    if row[13] is not None:
        out["alt_geom"] = row[13] / 0.3048
    if row[14]:
        out["squawk"] = row[14]
    if (row[1] or "").strip():
        out["flight"] = row[1].rstrip()
    if len(row) > 17 and CATEGORIES[row[17]]:
        out["category"] = CATEGORIES[row[17]]
    return out


def sbs(line):
    """The fields of a MSG line of port 30003."""
    c = [column.strip() for column in line.split(",")]
    kind = int(c[1])
    out = {"hex": c[4].lower()}
    for key, at in (("alt_baro", 11), ("gs", 12), ("track", 13), ("baro_rate", 16)):
        if c[at]:
            out[key] = float(c[at])
    if c[14] and c[15]:
        out["lat"], out["lon"] = float(c[14]), float(c[15])
    if c[10]:
        out["flight"] = c[10]
    if c[17]:
        out["squawk"] = c[17].zfill(4)
    carried = {5: ("alert", "spi"), 6: ("alert", "spi", "emergency")}.get(kind, ())
    for key, at in (("alert", 18), ("emergency", 19), ("spi", 20)):
        if c[at] == "-1" or (c[at] == "0" and key in carried):
            out[key] = int(c[at] == "-1")
    if "emergency" in out:
        out["emergency"] = "general" if out["emergency"] else "none"
    if c[21] == "-1" or (kind == 2 and not c[21]):
        out["alt_baro"] = "ground"
    return out


def trace_point(head, point):
    """The fields of a point of a readsb trace."""
    details = point[8] or {}
    out = readsb({**details, "hex": head["icao"]})
    flags = point[6]
    ground = point[3] == "ground"
    names = [("alt_geom" if flags & 8 else "alt_baro", 3), ("gs", 4),
             ("true_heading" if ground else "track", 5),
             ("geom_rate" if flags & 4 else "baro_rate", 7), ("alt_geom", 10), ("geom_rate", 11),
             ("ias", 12), ("roll", 13)]
    for key, at in names:
        if at < len(point) and is_number(point[at]):
            out[key] = float(point[at])
    if ground:
        out["alt_baro"] = "ground"
    out["lat"], out["lon"] = point[1], point[2]
    if len(point) > 9 and point[9]:
        out["type"] = point[9]
    return {**out, "r": head["r"], "t": head["t"], "dbFlags": head["dbFlags"]}


def history(folder):
    """The objects of a folder of history_N.json and aircraft.json, in order of time."""
    documents = [json.loads(path.read_text()) for path in folder.glob("*.json")]
    documents = [d for d in documents if "aircraft" in d]
    return [(d["now"], a) for d in sorted(documents, key=lambda d: d["now"])
            for a in d["aircraft"]]
