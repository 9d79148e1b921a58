"""Records as files of docs/results/, one JSON object each."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import msgspec

Record = TypeVar("Record", bound=msgspec.Struct)


def read(path: Path, kind: type[Record]) -> Record | None:
    """The record in a file; None if there is none."""
    return msgspec.json.decode(path.read_bytes(), type=kind) if path.exists() else None


def write(path: Path, record: msgspec.Struct, *, indented: bool = False) -> Path:
    """Write a record; `indented` if a person reads it: of many numbers it is several times as
    large then."""
    content = msgspec.json.encode(record)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes((msgspec.json.format(content) if indented else content) + b"\n")
    return path
