"""Reads the steps of TensorBoard's event files, without TensorBoard.

A file is a sequence of TFRecords, each a protocol buffer `Event` (TensorBoard's event.proto).
Field 2 is the step. Field 7, a session log, is at the step from which TensorBoard drops what
earlier files hold.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_HEADER, _CRC_BYTES = struct.Struct("<QI"), 4
_STEP, _SESSION_LOG = 2, 7
_VARINT, _FIXED_64, _BYTES, _FIXED_32 = 0, 1, 2, 5  # wire types


@dataclass(frozen=True)
class EventFile:
    """The steps of one file."""

    purged_from: int | None  # data of earlier files from this step on does not count
    first: int
    last: int


def read_event_files(folder: Path) -> list[EventFile]:
    """The files with data, in the order of their creation. Raises OSError."""
    # The name has the time of creation, in seconds.
    files = sorted(folder.glob("events.out.tfevents.*"))
    return [found for file in files if (found := _read(file)) is not None]


def _read(file: Path) -> EventFile | None:
    events = [dict(_fields(event)) for event in _records(file.read_bytes())]
    starts = [event.get(_STEP, 0) for event in events if _SESSION_LOG in event]
    steps = [event[_STEP] for event in events if _STEP in event and _SESSION_LOG not in event]
    if not steps:
        return None
    return EventFile(starts[0] if starts else None, min(steps), max(steps))


def _records(content: bytes) -> Iterator[bytes]:
    """The whole records; the last one may be being written."""
    at = 0
    while at + _HEADER.size <= len(content):
        length, _ = _HEADER.unpack_from(content, at)
        end = at + _HEADER.size + length + _CRC_BYTES
        if end > len(content):
            return
        yield content[at + _HEADER.size : end - _CRC_BYTES]
        at = end


def _fields(message: bytes) -> Iterator[tuple[int, int]]:
    """The number of each field, and its value if it is an integer, else its length."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        number, kind = key >> 3, key & 7
        if kind == _VARINT:
            value, at = _varint(message, at)
        elif kind == _BYTES:
            value, at = _varint(message, at)
            at += value
        elif kind in (_FIXED_64, _FIXED_32):
            value = 8 if kind == _FIXED_64 else 4
            at += value
        else:
            return
        yield number, value


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(message):
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            break
    return value, at
