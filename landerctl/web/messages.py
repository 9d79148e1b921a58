"""What a browser sends, as packets for Textual's web driver: keys, size, focus, and nothing else.

The visitor's part of the protocol of textual-serve's `textual.js`. A message is a JSON list: a
kind, then what belongs to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from daemon.base.malformed import MALFORMED

MAX_MESSAGE_BYTES = 64 * 1024
MAX_PING_CHARACTERS = 32
COLUMNS = (20, 400)
ROWS = (5, 200)


class MessageError(Exception):
    """A message that our page does not send."""


@dataclass(frozen=True)
class Keys:
    """What was typed, or done with the mouse."""

    packet: bytes


@dataclass(frozen=True)
class Window:
    """A new size of the window, or whether it is in front."""

    packet: bytes


@dataclass(frozen=True)
class Ping:
    """To be answered with the same text."""

    text: str


Message = Keys | Window | Ping


def decode(text: str) -> Message:
    """A message of the browser. Raises MessageError."""
    try:
        message = msgspec.json.decode(text)
    except (*MALFORMED, UnicodeEncodeError):
        raise MessageError("not JSON") from None
    match message:
        case ["stdin", str(typed)]:
            return Keys(_packet(b"D", typed.encode("utf-8", "replace")))
        case ["resize", {"width": int(width), "height": int(height)}]:
            size = {"width": within(width, COLUMNS), "height": within(height, ROWS)}
            return Window(_meta("resize", **size))
        case ["focus" | "blur" as kind]:
            return Window(_meta(kind))
        case ["ping", str(sent)] if len(sent) <= MAX_PING_CHARACTERS:
            return Ping(sent)
    raise MessageError("an unknown message")


def within(value: int, bounds: tuple[int, int]) -> int:
    """The nearest value within the bounds."""
    return max(bounds[0], min(bounds[1], value))


def pong(ping: Ping) -> str:
    """The answer to a ping."""
    return msgspec.json.encode(["pong", ping.text]).decode()


def _meta(kind: str, **rest: Any) -> bytes:
    return _packet(b"M", msgspec.json.encode({"type": kind, **rest}))


def _packet(kind: bytes, payload: bytes) -> bytes:
    return kind + len(payload).to_bytes(4, "big") + payload


QUIT = _meta("quit")
