"""Waiting for a condition with a deadline: the only place in the tests where time passes.

FLIGHTDASH_PATIENCE multiplies every deadline (sanitizers, slow machines).
"""

import contextlib
import os
import threading
import time

PATIENCE = float(os.environ.get("FLIGHTDASH_PATIENCE", "1"))
_never = threading.Event()


class DeadlineExpired(AssertionError):
    """What was waited for did not come true."""


def deadline_s(seconds):
    """Seconds of waiting on this machine."""
    return seconds * PATIENCE


def until(condition, seconds=10, what=None, period_s=0.02, give_up=None):
    """Calls condition() until it is true and returns what it returned.

    what: text or function for the message of a failure; give_up() returning a text
    ends the waiting at once with that text (a process that died will never be ready).
    """
    end = time.monotonic() + deadline_s(seconds)
    while True:
        value = condition()
        if value:
            return value
        reason = give_up() if give_up else None
        if reason:
            raise DeadlineExpired(f"{_text(what, condition)}: {reason}")
        if time.monotonic() > end:
            raise DeadlineExpired(
                f"{_text(what, condition)}: not within {deadline_s(seconds):g} s, last value {value!r}"
            )
        _never.wait(period_s)


def pass_time(seconds):
    """Lets real time pass, where the passing itself is what is tested (an expiry, a silence)."""
    _never.wait(seconds)


@contextlib.contextmanager
def repeatedly(do, period_s=1.0):
    """Calls do() in a thread, at once and then every period_s seconds, while the block runs."""
    ended = threading.Event()

    def run():
        do()
        while not ended.wait(period_s):
            do()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _text(what, condition):
    if callable(what):
        return what()
    return what or getattr(condition, "__name__", "condition")
