"""Untrusted text in a message for the user."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

_Record = TypeVar("_Record", bound=msgspec.Struct)


def one_line(text: str) -> str:
    """The text with unprintable characters, line breaks included, escaped."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)


def printable(record: _Record) -> _Record:
    """The record with each text in it as :func:`one_line`."""
    return msgspec.convert(_printable(msgspec.to_builtins(record)), type(record))


def _printable(value: Any) -> Any:
    if isinstance(value, str):
        return one_line(value)
    if isinstance(value, dict):
        return {key: _printable(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_printable(inner) for inner in value]
    return value
