"""The bytes that the screen sends, replayed through a terminal emulator that is not ours (pyte),
give the cells that were drawn: text, colours, attributes, cursor; random frames by seed."""

import pathlib
import subprocess

import pytest

from conftest import PROGRAM
from support import pty_terminal

TOOL = PROGRAM.parent / "tools" / "draw_frames"
FRAMES = 400
BOLD, DIM, UNDERLINE, REVERSE = 1, 2, 4, 8
# name: colours
TERMS = {
    "xterm-256color": 256,
    "tmux-256color": 256,
    "screen-256color": 256,
    "xterm": 8,
    "linux": 8,
    "vt100": 0,
}


def expected_frames(path):
    """(bytes so far, width, height, cursor, cells) of each frame."""
    with path.open(encoding="utf-8", newline="\n") as file:
        for line in file:
            sent, width, height, x, y, visible = (int(word) for word in line.split()[1:])
            cells = [next(file)[:-1].split(" ", 3) for _ in range(width * height)]
            yield sent, width, height, (x, y, visible), cells


def looks(cell, colours):
    """What a terminal of so many colours shows of a cell."""
    fg, bg, attributes, text = cell
    fg, bg, attributes = int(fg), int(bg), int(attributes)
    if colours == 0:
        fg = bg = -1
    elif colours == 8:
        if fg >= 8:
            fg, attributes = fg - 8, attributes | BOLD
        bg = bg - 8 if bg >= 8 else bg
    return text, str(fg), str(bg), attributes


def shown(char, known):
    """The same of a cell of the emulator; known: attributes that the terminal has."""
    bits = char.bold * BOLD | char.strikethrough * DIM | char.underscore * UNDERLINE | char.reverse * REVERSE
    return char.data, char.fg, char.bg, bits & known


def capability(term, name):
    """Whether terminfo gives a terminal this text."""
    text = subprocess.run(["infocmp", "-1", term], capture_output=True, text=True, check=True).stdout
    return f"\t{name}=" in text


def attributes_of(term):
    """The attributes that terminfo gives a terminal."""
    names = {"bold": BOLD, "dim": DIM, "smul": UNDERLINE, "rev": REVERSE}
    return sum(bit for name, bit in names.items() if capability(term, name))


def lost_in_colour(term):
    """The attributes that a terminal cannot show together with colours (terminfo's ncv)."""
    text = subprocess.run(["infocmp", "-1", term], capture_output=True, text=True, check=True).stdout
    lost = int(next((line[5:-1] for line in text.splitlines() if line.startswith("\tncv#")), "0"), 0)
    bits = {32: BOLD, 16: DIM, 2: UNDERLINE, 4: REVERSE}
    return sum(bit for flag, bit in bits.items() if lost & flag)


def compare(emulator, cells, colours, attributes, what):
    """Cell by cell; a blank's text colour cannot be seen, nor is it sent."""
    known, lost, spares_corner = attributes
    for y in range(emulator.lines):
        # Where the last cell cannot be written plainly, it and what is near it stay simple.
        for x in range(emulator.columns - 5 * (spares_corner and y == emulator.lines - 1)):
            text, fg, bg, bits = looks(cells[y * emulator.columns + x], colours)
            bits &= known & ~(lost if (fg, bg) != ("-1", "-1") else 0)
            is_text, is_fg, is_bg, is_bits = shown(emulator.buffer[y][x], known)
            if text == " " and not bits & (REVERSE | UNDERLINE):
                fg = is_fg = ""
                bits, is_bits = bits & ~(BOLD | DIM), is_bits & ~(BOLD | DIM)
            assert (is_text, is_fg, is_bg, is_bits) == (text, fg, bg, bits), \
                (f"{what}: column {x}, row {y} of {emulator.columns}x{emulator.lines}; drawn "
                 f"{''.join(c[3] for c in cells[y * emulator.columns:(y + 1) * emulator.columns]).strip()!r}, shown "
                 f"{emulator.rows()[y].strip()!r}")


def replay(sent, frames, term, seed):
    """Feeds each frame's bytes and compares."""
    attributes = attributes_of(term), lost_in_colour(term), not capability(term, "rmam")
    hides = capability(term, "civis")
    emulator = pty_terminal.Emulator(80, 24)
    stream = pty_terminal.Stream(emulator)
    at = count = 0
    for end, width, height, (x, y, visible), cells in frames:
        if (width, height) != (emulator.columns, emulator.lines):
            emulator.resize(height, width)
        stream.feed(pty_terminal.QUESTION.sub(b"", sent[at:end]))
        at = end
        what = f"{term}, seed {seed}, frame {count}"
        compare(emulator, cells, TERMS[term], attributes, what)
        # After the last column the cursor stays on it until the next character.
        assert (min(emulator.cursor.x, width - 1), emulator.cursor.y) == (x, y), what
        assert not hides or emulator.cursor.hidden != bool(visible), what
        count += 1
    return count


@pytest.mark.parametrize("locale", ["C.UTF-8", "C"])
@pytest.mark.parametrize("term", TERMS)
def test_what_was_drawn_is_what_is_shown(term, locale, tmp_path):
    expected = tmp_path / "expected"
    seed = 1 + list(TERMS).index(term)
    frames = FRAMES if locale == "C.UTF-8" else FRAMES // 4
    argv = [TOOL, str(seed), str(frames), "80x24", str(expected)]
    with pty_terminal.PtyTerminal(argv, term=term, environment={"LC_ALL": locale}, emulate=False) as t:
        assert t.wait_for_end(120) == 0
        total = [line for line in pathlib.Path(expected).open(encoding="utf-8") if line.startswith("frame ")][-1]
        pty_terminal.wait.until(lambda: len(t.shown) >= int(total.split()[1]), 10, "all of its bytes")
        sent = bytes(t.shown)
    assert replay(sent, expected_frames(expected), term, seed) == frames
