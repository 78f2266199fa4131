"""RFC 6455 as the server must read it: cases after Autobahn's groups 1 to 7 and 9.

Our server does not echo: {"type":"ping","t":TEXT} is answered with the same TEXT, which shows
that the text arrived whole.
"""

import json

import pytest

from support.daemon import Daemon
from support.rawsocket import (
    BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, RawSocket, close_payload, frame,
)

HELLO = frame(TEXT, '{"type":"hello"}')


@pytest.fixture(scope="module")
def server(new_folder):
    """One for all cases: none may harm it."""
    one = Daemon(new_folder("daemon")).start()
    yield one
    assert one.faults_at_end() == []


@pytest.fixture
def client(server):
    """A WebSocket that has said hello."""
    with RawSocket(server.address).open() as one:
        one.send(HELLO)
        one.message("welcome")
        yield one


def echo(text):
    return json.dumps({"type": "ping", "t": text}, ensure_ascii=False).encode()


def pieces(data, size):
    """Fragments of a text message."""
    parts = [data[i:i + size] for i in range(0, len(data), size)] or [b""]
    return b"".join(
        frame(TEXT if i == 0 else CONTINUATION, part, fin=i == len(parts) - 1)
        for i, part in enumerate(parts)
    )


# --- 1: whole messages


@pytest.mark.parametrize("length", [0, 1, 80, 98, 99, 100, 101, 200])
@pytest.mark.parametrize("step", [None, 1, 997])
def test_1_text_messages_of_all_sizes(client, length, step):
    """7 and 16 bits of length; in one write, byte by byte, in odd chunks."""
    text = "*" * length
    data = frame(TEXT, echo(text))
    for i in range(0, len(data), step or len(data)):
        client.send(data[i:i + (step or len(data))])
    assert client.message("pong")["t"] == text


@pytest.mark.parametrize("size", [16383, 16384])
def test_1_the_largest_message(client, size):
    """Read as a whole: the answer names what is wrong with it."""
    client.send(frame(TEXT, b"{" + b" " * (size - 2) + b"}"))
    assert "type" in client.message("error")["message"]


@pytest.mark.parametrize("payload", [b"", b"\x00\xff"])
def test_1_binary_is_not_spoken(client, payload):
    client.send(frame(BINARY, payload))
    assert client.close_code() == 1003


# --- 2: pings and pongs


@pytest.mark.parametrize("payload", [b"", b"hello", bytes(range(125)), b"\xff\xfe"])
def test_2_a_ping_is_answered_with_its_payload(client, payload):
    client.send(frame(PING, payload))
    assert client.read_until(lambda opcode, _: opcode == PONG)[-1][1] == payload


def test_2_a_ping_too_long(client):
    client.send(frame(PING, b"x" * 126))
    assert client.close_code() == 1002


def test_2_pongs_nobody_asked_for(client):
    client.send(frame(PONG) + frame(PONG, b"unasked") + frame(PING, b"mine"))
    assert client.read_until(lambda opcode, _: opcode == PONG)[-1][1] == b"mine"


def test_2_pings_in_a_row_are_answered_in_order(client):
    client.send(b"".join(frame(PING, b"%d" % i) for i in range(10)))
    answers = []
    for i in range(10):
        answers.append(client.read_until(lambda opcode, _: opcode == PONG)[-1][1])
    assert answers == [b"%d" % i for i in range(10)]


# --- 3 and 4: reserved bits and opcodes, and 9 of ours: masks


@pytest.mark.parametrize("rsv", range(1, 8))
@pytest.mark.parametrize("opcode", [TEXT, PING, CLOSE])
def test_3_reserved_bits(client, rsv, opcode):
    client.send(frame(opcode, b"", rsv=rsv))
    assert client.close_code() == 1002


@pytest.mark.parametrize("opcode", [3, 4, 5, 6, 7, 11, 12, 13, 14, 15])
@pytest.mark.parametrize("payload", [b"", b"x"])
def test_4_reserved_opcodes(client, opcode, payload):
    client.send(frame(opcode, payload))
    assert client.close_code() == 1002


@pytest.mark.parametrize("opcode", [TEXT, PING, CLOSE])
def test_4_an_unmasked_frame(client, opcode):
    client.send(frame(opcode, b"{}", mask=None))
    assert client.close_code() == 1002


def test_4_what_came_before_the_error_counts(client):
    client.send(frame(TEXT, echo("first")) + frame(3))
    assert client.message("pong")["t"] == "first"
    assert client.close_code() == 1002


# --- 5: fragments


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_5_fragments_make_one_message(client, size):
    client.send(pieces(echo("in pieces"), size))
    assert client.message("pong")["t"] == "in pieces"


def test_5_control_frames_between_fragments(client):
    whole = echo("in pieces")
    client.send(frame(TEXT, whole[:5], fin=False) + frame(PING, b"between"))
    assert client.read_until(lambda opcode, _: opcode == PONG)[-1][1] == b"between"
    client.send(frame(CONTINUATION, b"", fin=False) + frame(CONTINUATION, whole[5:]))
    assert client.message("pong")["t"] == "in pieces"


@pytest.mark.parametrize("opcode", [PING, PONG, CLOSE])
def test_5_control_frames_are_whole(client, opcode):
    client.send(frame(opcode, b"", fin=False))
    assert client.close_code() == 1002


@pytest.mark.parametrize("data", [
    frame(CONTINUATION, b"x"), frame(CONTINUATION, b"x", fin=False),
    frame(TEXT, b"{", fin=False) + frame(TEXT, b"}"),
    frame(TEXT, b"{}") + frame(CONTINUATION, b"x"),
], ids=["last of nothing", "part of nothing", "text in text", "after the end"])
def test_5_fragments_out_of_order(client, data):
    client.send(data)
    assert client.close_code() == 1002


# --- 6: UTF-8


@pytest.mark.parametrize("text", [
    "κόσμε", "\u0000\u0001\u007f", "\u0080\u07ff", "\u0800\ud7ff\ue000\uffff", "\U00010000\U0010ffff", "\ufffe",
], ids=ascii)
@pytest.mark.parametrize("size", [1, 1000])
def test_6_valid_text(client, text, size):
    client.send(pieces(echo(text), size))
    assert client.message("pong")["t"] == text


BAD_UTF8 = [
    b"\x80", b"\xbf", b"\xc0\xaf", b"\xc1\xbf", b"\xe0\x80\xaf", b"\xe0\x9f\xbf", b"\xf0\x80\x80\xaf",
    b"\xf0\x8f\xbf\xbf", b"\xf8\x88\x80\x80\x80", b"\xfc\x84\x80\x80\x80\x80", b"\xfe", b"\xff",
    b"\xed\xa0\x80", b"\xed\xbf\xbf", b"\xed\xa0\x80\xed\xb0\x80", b"\xf4\x90\x80\x80", b"\xf5\x80\x80\x80",
    b"\xce\xba\xe1\xbd", b"\xc3(", b"\xe2\x82(", b"\xf0\x9f\x92(",
]


@pytest.mark.parametrize("bad", BAD_UTF8, ids=bytes.hex)
@pytest.mark.parametrize("size", [1, 1000])
def test_6_invalid_text(client, bad, size):
    client.send(pieces(b'"' + bad, size))
    assert client.close_code() == 1007


def test_6_invalid_text_is_refused_at_once(client):
    """Not only when the message ends."""
    client.send(frame(TEXT, b'{"type":"\xf4\x90', fin=False))
    assert client.close_code() == 1007


# --- 7: closing


@pytest.mark.parametrize("code", [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999])
def test_7_a_valid_close_is_answered_with_its_code(client, code):
    client.send(frame(CLOSE, close_payload(code, b"bye")))
    assert client.close_code() == code


@pytest.mark.parametrize("code", [0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999, 5000, 65535])
def test_7_invalid_close_codes(client, code):
    client.send(frame(CLOSE, close_payload(code)))
    assert client.close_code() == 1002


def test_7_a_close_without_a_code(client):
    client.send(frame(CLOSE))
    assert client.close_code() == 1005


@pytest.mark.parametrize("payload, code", [
    (b"\x03", 1002), (close_payload(1000, b"x" * 124), 1002), (close_payload(1000, b"\xce\xba\xe1\xbd"), 1007),
], ids=["one byte", "126 bytes", "not UTF-8"])
def test_7_bad_close_payloads(client, payload, code):
    client.send(frame(CLOSE, payload))
    assert client.close_code() == code


def test_7_the_longest_close_reason(client):
    client.send(frame(CLOSE, close_payload(1000, b"x" * 123)))
    assert client.close_code() == 1000


def test_7_nothing_is_answered_after_a_close(client):
    """close_code() fails on any frame behind the close frame."""
    client.send(frame(CLOSE, close_payload(1000)) + frame(PING, b"late") + frame(TEXT, echo("late")))
    assert client.close_code() == 1000


# --- 9: limits


@pytest.mark.parametrize("form, length", [(16, 16385), (16, 65535), (64, 65536), (64, 1 << 40), (64, (1 << 63) - 1)])
def test_9_a_message_too_long_is_refused_by_its_header(client, form, length):
    """Its payload is not awaited."""
    client.send(frame(TEXT, b"", length=length, form=form))
    assert client.close_code() == 1009


def test_9_fragments_too_long_are_refused_at_the_one_that_goes_over(client):
    client.send(frame(TEXT, b" " * 10000, fin=False))
    client.send(frame(CONTINUATION, b"", fin=False, length=6385, form=16))
    assert client.close_code() == 1009


def test_9_endless_fragments_end(client):
    client.send(frame(TEXT, b"[", fin=False) + frame(CONTINUATION, b"[" * 125, fin=False) * 140)
    assert client.close_code() == 1009


@pytest.mark.parametrize("form, length", [(16, 125), (16, 0), (64, 65535), (64, 125), (64, 1 << 63)])
def test_9_lengths_have_their_shortest_form(client, form, length):
    client.send(frame(TEXT, b"", length=length, form=form))
    assert client.close_code() == 1002
