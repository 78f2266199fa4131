"""The bytes that the screen sends, replayed through a terminal emulator that is not ours (pyte),
give the cells that were drawn: text, colours, attributes, cursor; random frames by seed."""

import dataclasses
import pathlib
import re
import subprocess

import pytest

from conftest import PROGRAM
from support import pty_terminal

TOOL = PROGRAM.parent / "tools" / "draw_frames"
FRAMES = 400
BOLD, DIM, UNDERLINE, REVERSE = 1, 2, 4, 8
TRUE = 1 << 24
TRUE_COLOUR = re.compile(rb"\x1b\[[34]8;2;")


@dataclasses.dataclass
class Kind:
    """A kind of terminal: its terminfo entry, and what tells how many colours it has."""

    term: str
    colours: int
    colorterm: str = ""
    direct: bool = False  # the entry counts colours as 0xRRGGBB

    def __str__(self):
        return "-".join(filter(None, (self.term, self.colorterm)))


KINDS = [
    Kind("xterm-256color", 256),
    Kind("tmux-256color", 256),
    Kind("screen-256color", 256),
    Kind("xterm", 8),
    Kind("linux", 8),
    Kind("vt100", 0),
    Kind("xterm-256color", TRUE, colorterm="truecolor"),
    Kind("tmux-256color", TRUE, colorterm="24bit"),
    Kind("xterm-256color", 256, colorterm="yes"),
    Kind("linux", 8, colorterm="truecolor"),
    Kind("wire-truth-tc", TRUE),
    Kind("wire-truth-direct", TRUE, direct=True),
]
# Entries that say themselves that they have true colour, as tmux (Tc) and xterm-direct (RGB) do.
ENTRIES = r"""
wire-truth-tc|a terminal of 256 colours and more,
	Tc, use=xterm-256color,
wire-truth-direct|a terminal that counts colours as RGB,
	RGB, colors#0x1000000, pairs#0x10000,
	setab=\E[%?%p1%{8}%<%t4%p1%d%e48;2;%p1%{65536}%/%d;%p1%{256}%/%{255}%&%d;%p1%{255}%&%d%;m,
	setaf=\E[%?%p1%{8}%<%t3%p1%d%e38;2;%p1%{65536}%/%d;%p1%{256}%/%{255}%&%d;%p1%{255}%&%d%;m,
	use=xterm-256color,
"""
XTERM_16 = ("000000 cd0000 00cd00 cdcd00 0000ee cd00cd 00cdcd e5e5e5 "
            "7f7f7f ff0000 00ff00 ffff00 5c5cff ff00ff 00ffff ffffff").split()


@pytest.fixture(name="entries", scope="module")
def _entries(tmp_path_factory):
    """A folder of terminfo with the entries of this file."""
    folder = tmp_path_factory.mktemp("terminfo")
    (folder / "entries").write_text(ENTRIES)
    subprocess.run(["tic", "-x", "-o", str(folder), str(folder / "entries")], check=True, capture_output=True)
    return folder


def expected_frames(path):
    """(bytes so far, width, height, cursor, cells) of each frame."""
    with path.open(encoding="utf-8", newline="\n") as file:
        for line in file:
            sent, width, height, x, y, visible = (int(word) for word in line.split()[1:])
            cells = [next(file)[:-1].split(" ", 3) for _ in range(width * height)]
            yield sent, width, height, (x, y, visible), cells


def palette_rgb(index):
    """What xterm's palette has there."""
    if index < 16:
        return XTERM_16[index]
    if index >= 232:
        return f"{8 + 10 * (index - 232):02x}" * 3
    steps = [0, 95, 135, 175, 215, 255]
    return "".join(f"{steps[(index - 16) // unit % 6]:02x}" for unit in (36, 6, 1))


def colour_name(colour, kind):
    """As the emulator tells the colour that draw_frames told."""
    if colour < 0:
        return "-1"
    assert colour < kind.colours or kind.colours == TRUE, f"{kind} has no colour {colour:#x}"
    if colour >= TRUE:
        rgb = f"{colour - TRUE:06x}"
    elif kind.direct and colour >= 8:
        rgb = palette_rgb(colour)
    else:
        return str(colour)
    # Of direct colours the lowest are the palette's: the nearest above.
    return f"#{max(int(rgb, 16), 256 if kind.direct else 0):06x}"


def looks(cell, kind):
    """What such a terminal shows of a cell."""
    fg, bg, attributes, text = cell
    return text, colour_name(int(fg), kind), colour_name(int(bg), kind), int(attributes)


def shown(char, known):
    """The same of a cell of the emulator; known: attributes that the terminal has."""
    bits = char.bold * BOLD | char.strikethrough * DIM | char.underscore * UNDERLINE | char.reverse * REVERSE
    return char.data, char.fg, char.bg, bits & known


def entry_of(term, folder):
    """What terminfo says of a terminal, one capability a line."""
    own = ["-A", str(folder)] if term.startswith("wire-truth") else []
    return subprocess.run(["infocmp", "-1", *own, term], capture_output=True, text=True, check=True).stdout


def capability(entry, name):
    """Whether terminfo gives a terminal this text."""
    return f"\t{name}=" in entry


def attributes_of(entry):
    """The attributes that terminfo gives a terminal."""
    names = {"bold": BOLD, "dim": DIM, "smul": UNDERLINE, "rev": REVERSE}
    return sum(bit for name, bit in names.items() if capability(entry, name))


def lost_in_colour(entry):
    """The attributes that a terminal cannot show together with colours (terminfo's ncv)."""
    lost = int(next((line[5:-1] for line in entry.splitlines() if line.startswith("\tncv#")), "0"), 0)
    bits = {32: BOLD, 16: DIM, 2: UNDERLINE, 4: REVERSE}
    return sum(bit for flag, bit in bits.items() if lost & flag)


def compare(emulator, cells, kind, attributes, what):
    """Cell by cell; a blank's text colour cannot be seen, nor is it sent."""
    known, lost, spares_corner = attributes
    for y in range(emulator.lines):
        # Where the last cell cannot be written plainly, it and what is near it stay simple.
        for x in range(emulator.columns - 5 * (spares_corner and y == emulator.lines - 1)):
            text, fg, bg, bits = looks(cells[y * emulator.columns + x], kind)
            bits &= known & ~(lost if (fg, bg) != ("-1", "-1") else 0)
            is_text, is_fg, is_bg, is_bits = shown(emulator.buffer[y][x], known)
            if text == " " and not bits & (REVERSE | UNDERLINE):
                fg = is_fg = ""
                bits, is_bits = bits & ~(BOLD | DIM), is_bits & ~(BOLD | DIM)
            assert (is_text, is_fg, is_bg, is_bits) == (text, fg, bg, bits), \
                (f"{what}: column {x}, row {y} of {emulator.columns}x{emulator.lines}; drawn "
                 f"{''.join(c[3] for c in cells[y * emulator.columns:(y + 1) * emulator.columns]).strip()!r}, shown "
                 f"{emulator.rows()[y].strip()!r}")


def replay(sent, frames, kind, entry, what):
    """Feeds each frame's bytes and compares."""
    attributes = attributes_of(entry), lost_in_colour(entry), not capability(entry, "rmam")
    hides = capability(entry, "civis")
    emulator = pty_terminal.Emulator(80, 24)
    stream = pty_terminal.Stream(emulator)
    at = count = 0
    for end, width, height, (x, y, visible), cells in frames:
        if (width, height) != (emulator.columns, emulator.lines):
            emulator.resize(height, width)
        stream.feed(pty_terminal.QUESTION.sub(b"", sent[at:end]))
        at = end
        where = f"{what}, frame {count}"
        compare(emulator, cells, kind, attributes, where)
        # After the last column the cursor stays on it until the next character.
        assert (min(emulator.cursor.x, width - 1), emulator.cursor.y) == (x, y), where
        assert not hides or emulator.cursor.hidden != bool(visible), where
        count += 1
    return count


def draw(kind, entries, seed, frames, folder, **environment):
    """The bytes of so many random frames, and the file that tells what they are to look like."""
    expected = folder / "expected"
    own = {"TERMINFO_DIRS": f"{entries}:", "COLORTERM": kind.colorterm}
    argv = [TOOL, str(seed), str(frames), "80x24", str(expected)]
    with pty_terminal.PtyTerminal(argv, term=kind.term, environment={**own, **environment}, emulate=False) as t:
        assert t.wait_for_end(120) == 0
        total = [line for line in pathlib.Path(expected).open(encoding="utf-8") if line.startswith("frame ")][-1]
        pty_terminal.wait.until(lambda: len(t.shown) >= int(total.split()[1]), 10, "all of its bytes")
        return bytes(t.shown), expected


@pytest.mark.parametrize("locale", ["C.UTF-8", "C"])
@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_what_was_drawn_is_what_is_shown(kind, locale, entries, tmp_path):
    seed = 1 + KINDS.index(kind)
    frames = FRAMES if locale == "C.UTF-8" else FRAMES // 4
    sent, expected = draw(kind, entries, seed, frames, tmp_path, LC_ALL=locale)
    entry = entry_of(kind.term, entries)
    assert replay(sent, expected_frames(expected), kind, entry, f"{kind}, seed {seed}") == frames
    exact = TRUE_COLOUR.search(sent) is not None
    assert exact == (kind.colours == TRUE)


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"STY": "1234.screen"}], ids=["NO_COLOR", "screen"])
def test_true_colour_is_not_sent_there(environment, entries, tmp_path):
    kind = Kind("xterm-256color", 0 if "NO_COLOR" in environment else 256, colorterm="truecolor")
    sent, expected = draw(kind, entries, 99, 60, tmp_path, **environment)
    assert replay(sent, expected_frames(expected), kind, entry_of(kind.term, entries), str(environment)) == 60
    assert not TRUE_COLOUR.search(sent)
