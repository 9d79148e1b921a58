from __future__ import annotations

import json

import pytest

from landerctl.web.messages import Keys, MessageError, Ping, Window, decode, pong


def packet(kind: bytes, payload: bytes) -> bytes:
    return kind + len(payload).to_bytes(4, "big") + payload


def test_what_our_page_sends() -> None:
    assert decode('["stdin", "é"]') == Keys(packet(b"D", "é".encode()))
    assert decode('["focus"]') == Window(packet(b"M", b'{"type":"focus"}'))
    assert decode('["resize", {"width": 100, "height": 40}]') == Window(
        packet(b"M", b'{"type":"resize","width":100,"height":40}')
    )
    ping = decode('["ping", "1700000000000"]')
    assert isinstance(ping, Ping)
    assert json.loads(pong(ping)) == ["pong", "1700000000000"]


def test_a_size_is_bounded() -> None:
    huge = decode('["resize", {"width": 1000000000, "height": -4}]')
    assert isinstance(huge, Window)
    assert huge.packet.endswith(b'{"type":"resize","width":400,"height":5}')


@pytest.mark.parametrize(
    "text",
    [
        "",
        "q",
        "[]",
        "{}",
        "null",
        '["quit"]',
        '["stdin"]',
        '["stdin", 7]',
        '["stdin", "a", "b"]',
        '["resize", {"width": "100", "height": 40}]',
        '["resize", {"width": 1.5, "height": 40}]',
        '["resize", 100, 40]',
        '["deliver_chunk_request", {"key": "k", "size": 9}]',
        '["ping", ' + json.dumps("x" * 33) + "]",
        '["M", {"type": "quit"}]',
        "[" * 100_000,
        '["stdin", "\ud800"]',
    ],
)
def test_nothing_else_reaches_the_screen(text: str) -> None:
    with pytest.raises(MessageError):
        decode(text)
