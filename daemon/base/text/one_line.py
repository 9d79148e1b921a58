"""Untrusted text in a message for the user: nothing in it controls the terminal.

Control characters are shown by their pictures (Unicode's block Control Pictures), as ``␛`` and
``␉``; other unprintable ones (C1, text direction, zero width, line separators) as ``<U+202E>``.
"""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

_Record = TypeVar("_Record", bound=msgspec.Struct)
_PICTURES = {code: chr(0x2400 + code) for code in range(0x20)} | {0x7F: "\u2421"}
_LINE_BREAKS = "\x85\u2028\u2029"  # white space for Python; a terminal may act on them


def one_line(text: str) -> str:
    """The text with unprintable characters, line breaks included, as visible symbols."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _visible(char) for char in text)


def printable_lines(text: str) -> str:
    """As `one_line`, with its line breaks kept."""
    return "\n".join(map(one_line, text.split("\n")))


def printable(record: _Record) -> _Record:
    """The record with each text in it as :func:`one_line`."""
    return msgspec.convert(_printable(msgspec.to_builtins(record)), type(record))


def _visible(char: str) -> str:
    picture = _PICTURES.get(ord(char))
    if picture is not None:
        return picture
    if char.isspace() and char not in _LINE_BREAKS:
        return " "  # a space of another width, or one that does not break
    return f"<U+{ord(char):04X}>"


def _printable(value: Any) -> Any:
    if isinstance(value, str):
        return one_line(value)
    if isinstance(value, dict):
        return {_printable(key): _printable(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_printable(inner) for inner in value]
    return value
