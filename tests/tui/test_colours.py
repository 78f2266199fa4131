"""How many colours flightdash sends, by what it was told: options first, then NO_COLOR, COLORTERM, terminfo."""

import re

import pytest

from conftest import PROGRAM
from support.pty_terminal import PtyTerminal

SGR = re.compile(rb"\x1b\[([0-9;]*)m")


def kinds_of(sent):
    """The kinds of colour in what was sent."""
    kinds = set()
    for match in SGR.finditer(sent):
        numbers = match[1].split(b";")
        while numbers:
            number = numbers.pop(0)
            if number in (b"38", b"48"):
                kinds.add({b"2": "true", b"5": "256"}[numbers[0]])
                del numbers[:4 if numbers[0] == b"2" else 2]
            elif re.fullmatch(rb"[34][0-7]", number):
                kinds.add("8")
            elif re.fullmatch(rb"9[0-7]|10[0-7]", number):
                kinds.add("16")
    return kinds


@pytest.mark.parametrize("arguments, environment, expected", [
    ([], {}, {"256"}),
    ([], {"COLORTERM": "truecolor"}, {"true"}),
    ([], {"COLORTERM": "24bit"}, {"true"}),
    ([], {"COLORTERM": "maybe"}, {"256"}),
    ([], {"COLORTERM": "truecolor", "TERM": "linux"}, {"8"}),
    ([], {"COLORTERM": "truecolor", "STY": "7.screen"}, {"256"}),
    ([], {"COLORTERM": "truecolor", "NO_COLOR": "1"}, set()),
    ([], {"FLIGHTDASH_COLORS": "true"}, {"true"}),
    (["--colors", "true"], {}, {"true"}),
    (["--colors", "true"], {"NO_COLOR": "1"}, {"true"}),
    (["--colors", "true"], {"STY": "7.screen"}, {"true"}),
    (["--colors", "true"], {"TERM": "vt100"}, set()),
    (["--colors", "256"], {"COLORTERM": "truecolor"}, {"256"}),
    (["--colors", "16"], {}, {"8", "16"}),
    (["--colors", "8"], {}, {"8"}),
    (["--colors", "none"], {"COLORTERM": "truecolor"}, set()),
    (["--no-color", "--colors", "true"], {}, set()),
], ids=lambda value: " ".join(value) if isinstance(value, list) else None)
def test_colours_are_those_that_are_known_to_work(server, arguments, environment, expected):
    argv = [str(PROGRAM), server.url, "--theme", "nord", "--state", "none", *arguments]
    with PtyTerminal(argv, term=environment.get("TERM", "xterm-256color"), environment=environment) as t:
        t.wait_for("AFR105")
        assert kinds_of(bytes(t.shown)) == expected
