"""A terminal of our own on a pseudo-terminal: it shows, answers and can be slow.

    with PtyTerminal([program, ...], size=(80, 24), bytes_per_s=1200) as t:
        t.type(b"j"); t.wait_for("text"); t.screen()

What the program writes goes through a line of `bytes_per_s` (None: at once) into an
emulator (pyte, with what pyte lacks); questions are answered when the line has brought
them. pyte is Debian's python3-pyte.
"""
import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import tempfile
import termios
import threading
import time

import pyte
import pyte.screens

from support import wait

ATTRIBUTES = {1: "bold", 4: "underscore", 7: "reverse"}


class Emulator(pyte.Screen):
    """pyte's screen and what it lacks of ECMA-48 and xterm (ctlseqs): REP, SU, SD, CBT, dim, and
    the background that DCH and ICH leave.

    Colours are kept as palette indexes in text form ("-1" is the default), so that 8, 16
    and 256 colours compare alike; `strikethrough` stands for dim, which pyte has no place for.
    """

    default_colour = "-1"

    def __init__(self, columns, lines):
        self.last_text = " "
        self.modes_told = []  # private modes, in the order in which they came: (mode, set)
        super().__init__(columns, lines)

    @property
    def default_char(self):
        return pyte.screens.Char(data=" ", fg="-1", bg="-1", reverse=False)

    def reset(self):
        super().reset()
        self.cursor.attrs = self.default_char

    def draw(self, data):
        super().draw(data)
        self.last_text = data[-1]

    def blank(self):
        """What erasing leaves: the background in use (terminfo's bce, as xterm and Linux do)."""
        return self.default_char._replace(bg=self.cursor.attrs.bg)

    def _region(self):
        return (self.margins.top, self.margins.bottom) if self.margins else (0, self.lines - 1)

    def _fill(self, first, last):
        for y in range(first, last + 1):
            for x in range(self.columns):
                self.buffer[y][x] = self.blank()

    def erase_in_display(self, how=0, *args, **kwargs):
        """ED: cells that pyte has not stored yet are erased as well."""
        super().erase_in_display(how, *args, **kwargs)
        first = self.cursor.y + 1 if how == 0 else 0
        last = self.cursor.y - 1 if how == 1 else self.lines - 1
        self._fill(first, last)

    def index(self):
        """IND and line feed: the line that comes in is erased."""
        scrolls = self.cursor.y == self._region()[1]
        super().index()
        if scrolls:
            self._fill(self.cursor.y, self.cursor.y)

    def reverse_index(self):
        """RI."""
        scrolls = self.cursor.y == self._region()[0]
        super().reverse_index()
        if scrolls:
            self._fill(self.cursor.y, self.cursor.y)

    def insert_lines(self, count=None):
        """IL."""
        top, bottom = self._region()
        y = self.cursor.y
        super().insert_lines(count)
        if top <= y <= bottom:
            self._fill(y, min(y + (count or 1) - 1, bottom))

    def delete_lines(self, count=None):
        """DL."""
        top, bottom = self._region()
        y = self.cursor.y
        super().delete_lines(count)
        if top <= y <= bottom:
            self._fill(max(bottom - (count or 1) + 1, y), bottom)

    def _edit_line(self, edit):
        line = self.buffer[self.cursor.y]
        cells = edit([line[x] for x in range(self.columns)], min(self.cursor.x, self.columns - 1))
        for x, cell in enumerate(cells[:self.columns]):
            line[x] = cell

    def delete_characters(self, count=None):
        """DCH."""
        n = count or 1
        self._edit_line(lambda cells, x: cells[:x] + cells[x + n:] + [self.blank()] * min(n, self.columns - x))

    def insert_characters(self, count=None):
        """ICH."""
        self._edit_line(lambda cells, x: cells[:x] + [self.blank()] * (count or 1) + cells[x:])

    def repeat(self, count=None):
        """REP, ECMA-48 8.3.103."""
        super().draw(self.last_text * (count or 1))

    def scroll_up(self, count=None):
        """SU, ECMA-48 8.3.147: within the margins."""
        self._at_margin("top", lambda: self.delete_lines(count or 1))

    def scroll_down(self, count=None):
        """SD, ECMA-48 8.3.113."""
        self._at_margin("top", lambda: self.insert_lines(count or 1))

    def _at_margin(self, _edge, action):
        y, x = self.cursor.y, self.cursor.x
        self.cursor.y = self.margins.top if self.margins else 0
        action()
        self.cursor.y, self.cursor.x = y, x

    def back_tab(self, count=None):
        """CBT, ECMA-48 8.3.7."""
        for _ in range(count or 1):
            self.cursor.x = max((stop for stop in self.tabstops if stop < self.cursor.x), default=0)

    def ignore(self, *_, **__):
        """What has no effect on cells."""

    def set_mode(self, *modes, **kwargs):
        self._tell_modes(modes, True, **kwargs)
        super().set_mode(*modes, **kwargs)

    def reset_mode(self, *modes, **kwargs):
        self._tell_modes(modes, False, **kwargs)
        super().reset_mode(*modes, **kwargs)

    def _tell_modes(self, modes, on, private=False):
        if private:
            self.modes_told += [(mode, on) for mode in modes]

    def select_graphic_rendition(self, *codes, **_):
        """SGR, with colours as indexes."""
        attrs = self.cursor.attrs
        codes = list(codes) or [0]
        while codes:
            code = codes.pop(0)
            if code == 0:
                attrs = self.default_char
            elif code in ATTRIBUTES:
                attrs = attrs._replace(**{ATTRIBUTES[code]: True})
            elif code == 2:
                attrs = attrs._replace(strikethrough=True)
            elif code == 22:
                attrs = attrs._replace(bold=False, strikethrough=False)
            elif code in (24, 27):
                attrs = attrs._replace(**{ATTRIBUTES[code - 20]: False})
            elif code in (38, 48):
                kind = codes.pop(0)
                value = str(codes.pop(0)) if kind == 5 else "#" + "".join(f"{codes.pop(0):02x}" for _ in range(3))
                attrs = attrs._replace(**{"fg" if code == 38 else "bg": value})
            else:
                attrs = self._colour(attrs, code)
        self.cursor.attrs = attrs

    @staticmethod
    def _colour(attrs, code):
        for base, name, offset in ((30, "fg", 0), (40, "bg", 0), (90, "fg", 8), (100, "bg", 8)):
            if base <= code < base + 8:
                return attrs._replace(**{name: str(code - base + offset)})
        if code == 39:
            return attrs._replace(fg="-1")
        return attrs._replace(bg="-1") if code == 49 else attrs

    def rows(self):
        """What is on the screen, as lines of text."""
        return ["".join(self.buffer[y][x].data for x in range(self.columns)) for y in range(self.lines)]


class Stream(pyte.ByteStream):
    """pyte's parser with the sequences of Emulator."""

    csi = dict(pyte.ByteStream.csi, b="repeat", S="scroll_up", T="scroll_down", Z="back_tab", c="ignore")
    events = pyte.ByteStream.events | frozenset(["repeat", "scroll_up", "scroll_down", "back_tab", "ignore"])


QUESTION = re.compile(rb"\x1b\[5n|\x1b\[6n|\x1b\[\?(\d+)\$p")


class PtyTerminal:
    """A program on a pty, and the terminal that it believes to be on."""

    def __init__(self, argv, size=(80, 24), term="xterm-256color", environment=None, bytes_per_s=None,
                 answers=True, modes=None, emulate=True):
        self.argv, self.size, self.bytes_per_s = argv, size, bytes_per_s
        self.answers, self.modes = answers, modes or {}
        self.home = tempfile.TemporaryDirectory()  # what programs keep there is theirs alone
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith(("XDG_", "FLIGHTDASH_")) and
                            k not in ("TMUX", "STY", "NO_COLOR", "COLORTERM", "SSH_CONNECTION")}
        self.environment.update({"TERM": term, "LC_ALL": "C.UTF-8", "HOME": self.home.name}, **(environment or {}))
        self.emulator = Emulator(*size) if emulate else None
        self.stream = Stream(self.emulator) if emulate else None
        self.shown = bytearray()   # everything that came through the line
        self.waiting = bytearray() # what is still on the line
        self.chunks = []           # (time, bytes) of each read
        self.lock = threading.RLock()
        self.master = self.process = self.thread = None
        self.ended = threading.Event()

    def __enter__(self):
        self.master, slave = pty.openpty()
        self._set_size(self.size)
        self.process = subprocess.Popen(self.argv, stdin=slave, stdout=slave, stderr=slave, env=self.environment,
                                        start_new_session=True, preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        self.slave = slave  # kept open: its modes can be looked at after the end
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(5)
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.ended.set()
        self.thread.join(5)
        for fd in (self.master, self.slave):
            with contextlib.suppress(OSError):
                os.close(fd)
        self.home.cleanup()

    # -- the line ---------------------------------------------------------

    def _run(self):
        last = time.monotonic()
        credit = 0.0
        while not self.ended.is_set():
            busy = self.waiting and self.bytes_per_s
            try:
                ready = select.select([self.master], [], [], 0.005 if busy else 0.1)[0]
                data = os.read(self.master, 65536) if ready else b""
            except OSError:
                break
            now = time.monotonic()
            with self.lock:
                if data:
                    self.chunks.append((now, data))
                    if not self.waiting:
                        last, credit = now, 0.0
                    self.waiting += data
                credit += (now - last) * (self.bytes_per_s or 0)
                last = now
                n = len(self.waiting) if self.bytes_per_s is None else min(int(credit), len(self.waiting))
                credit -= n
                self._show(bytes(self.waiting[:n]))
                del self.waiting[:n]

    def _show(self, data):
        if not data:
            return
        before = len(self.shown)
        self.shown += data
        if self.stream is not None:
            self.stream.feed(QUESTION.sub(b"", data))
        if not self.answers:
            return
        for match in QUESTION.finditer(self.shown, max(0, before - 16)):
            if match.end() > before:
                self._answer(match)

    def _answer(self, match):
        if match.group(1):
            mode = int(match.group(1))
            self.type(b"\x1b[?%d;%d$y" % (mode, self.modes.get(mode, 0)))
        elif match.group() == b"\x1b[6n":
            self.type(b"\x1b[1;1R")
        else:
            self.type(b"\x1b[0n")

    # -- what a person does ------------------------------------------------

    def type(self, data):
        """Keys."""
        with contextlib.suppress(OSError):
            os.write(self.master, data)

    def _set_size(self, size):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))

    def resize(self, size):
        """Another window size; the program is told by SIGWINCH."""
        with self.lock:
            self.size = size
            if self.emulator is not None:
                self.emulator.resize(size[1], size[0])
            self._set_size(size)

    def screen(self):
        """The text on the screen."""
        with self.lock:
            return "\n".join(row.rstrip() for row in self.emulator.rows())

    def wait_for(self, text, seconds=15):
        """Until the text is on the screen; returns the seconds that it took."""
        began = time.monotonic()
        wait.until(lambda: text in self.screen(), seconds, lambda: f"{text!r} on\n{self.screen()}", period_s=0.01)
        return time.monotonic() - began

    def wait_for_end(self, seconds=15):
        """The exit status."""
        return self.process.wait(seconds)

    def sent(self):
        """Bytes that the program has written so far."""
        with self.lock:
            return sum(len(data) for _, data in self.chunks)

    def hang_up(self):
        """The terminal is gone."""
        self.ended.set()
        self.thread.join(5)
        os.close(self.slave)
        os.close(self.master)

    def modes_now(self):
        """The terminal's local modes (termios)."""
        return termios.tcgetattr(self.slave)[3]

    def unread(self):
        """What somebody who reads the terminal now would get: nothing should leak there."""
        old = termios.tcgetattr(self.slave)
        raw = old[:3] + [old[3] & ~(termios.ICANON | termios.ECHO)] + old[4:]
        termios.tcsetattr(self.slave, termios.TCSANOW, raw)
        found = os.read(self.slave, 4096) if select.select([self.slave], [], [], 0.3)[0] else b""
        termios.tcsetattr(self.slave, termios.TCSANOW, old)
        return found

    def kill(self, number=signal.SIGTERM):
        """A signal."""
        self.process.send_signal(number)
