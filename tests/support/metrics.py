"""What a program says about itself on /metrics (Prometheus text format 0.0.4)."""

import re

_LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"')
_SAMPLE = re.compile(r"^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? +(\S+)(?: +-?\d+)?$")


class Metrics:
    """Samples by name and labels: value("flightdash_flights"), total("..._invalid_total")."""

    def __init__(self, text):
        self.samples = {}
        self.types = {}
        for line in text.splitlines():
            if line.startswith("# TYPE "):
                _, _, name, kind = line.split()
                self.types[name] = kind
            elif line and not line.startswith("#"):
                self._take(line)

    def _take(self, line):
        parts = _SAMPLE.match(line)
        assert parts, f"not a sample: {line!r}"
        name, labels, value = parts.groups()
        key = (name, frozenset(_LABEL.findall(labels or "")))
        assert key not in self.samples, f"told twice: {line!r}"
        self.samples[key] = float(value)

    def value(self, name, default=None, **labels):
        """One sample; without a default it must be there."""
        key = (name, frozenset(labels.items()))
        if default is None:
            assert key in self.samples, f"no {name} {labels} among {sorted({n for n, _ in self.samples})}"
        return self.samples.get(key, default)

    def total(self, name, **labels):
        """The sum over all samples of that name which carry these labels; 0 for none."""
        wanted = frozenset(labels.items())
        return sum(v for (n, have), v in self.samples.items() if n == name and wanted <= have)

    def labels(self, name):
        return [dict(have) for n, have in self.samples if n == name]

    def records(self):
        """Records by what became of them."""
        kinds = ("consumed", "applied", "stale", "invalid", "unchanged")
        return {kind: int(self.total(f"flightdash_records_{kind}_total")) for kind in kinds}

    def check_records(self):
        """Every record consumed is accounted for. Returns the counts."""
        counts = self.records()
        assert ("flightdash_records_consumed_total", frozenset()) in self.samples
        parts = {kind: n for kind, n in counts.items() if kind != "consumed"}
        assert counts["consumed"] == sum(parts.values()), f"records unaccounted for: {counts}"
        return counts
