"""The ledger's file: appending to it, reading it, and finding what was edited.

One JSON line a record. The chain of digests shows an edited, removed or reordered record; `head`
shows a cut end. Whoever owns the files could write a new chain: the digests prove no more than that
nobody changed a part of this one.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import msgspec

from checks.checklist.ledger.record import Entry, Record
from checks.checklist.ledger.sealing import digest_of, seal
from daemon.base.files import fsync_path, write_atomically
from daemon.base.malformed import MALFORMED


class LedgerError(Exception):
    """The ledger was edited or is damaged. The message is one line that names the record."""


class Head(msgspec.Struct, frozen=True):
    """The newest record, in a file beside the ledger, written after it."""

    sequence: Annotated[int, msgspec.Meta(ge=1)]
    digest: str


class Ledger(msgspec.Struct, frozen=True):
    """The records in order. `problem`: why those after the last one are refused; one line."""

    records: tuple[Record, ...] = ()
    problem: str = ""

    def newest(self, kind: str, subject: str | None = None) -> Record | None:
        """The newest record of a kind and, if given, of a subject."""
        return next(self.backwards(kind, subject), None)

    def backwards(self, kind: str, subject: str | None = None) -> Iterator[Record]:
        """The records of a kind and, if given, of a subject, newest first."""
        for record in reversed(self.records):
            entry = record.entry
            if entry.kind == kind and subject in (None, entry.subject):
                yield record


def read_ledger(path: Path) -> Ledger:
    """The ledger; empty if there is none. Raises OSError, except for a missing file."""
    head = _read_head(path)  # first: a record that is appended meanwhile is not known to it
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        content = b""
    records: list[Record] = []
    try:
        # Without its line break the last line was being written as its process died.
        for line in content.split(b"\n")[:-1]:
            records.append(_decode(line, records))
        _compare(head, records)
    except _RefusedError as error:
        return Ledger(tuple(records[: error.number - 1]), f"{path}: {error}")
    return Ledger(tuple(records))


def append(path: Path, *entries: Entry) -> list[Record]:
    """Append entries, each durable before this returns. Raises LedgerError and OSError."""
    with _locked(path) as descriptor:
        ledger = read_ledger(path)
        if ledger.problem:
            both = f"{path.name} and {_head(path).name}"
            raise LedgerError(f"{ledger.problem}; move {both} away to begin a new ledger")
        _drop_unfinished(path, descriptor)
        last = ledger.records[-1] if ledger.records else None
        added: list[Record] = []
        for entry in entries:
            last = seal(entry, last)
            added.append(last)
        content = b"".join(msgspec.json.encode(record) + b"\n" for record in added)
        _write_all(descriptor, content)
        os.fsync(descriptor)
        fsync_path(path.parent)
        if last is not None:
            head = Head(last.sequence, last.digest)
            write_atomically(_head(path), msgspec.json.encode(head) + b"\n")
        return added


class _RefusedError(Exception):
    """The record `number`, and all after it, are refused."""

    def __init__(self, number: int, what: str) -> None:
        super().__init__(f"record {number} {what}")
        self.number = number


def _decode(line: bytes, before: Sequence[Record]) -> Record:
    """The record that follows `before`. Raises _RefusedError."""
    number = len(before) + 1
    try:
        record = msgspec.json.decode(line, type=Record)
    except MALFORMED:
        raise _RefusedError(number, "is not readable") from None
    if record.sequence != number:
        raise _RefusedError(number, f"was removed or moved: number {record.sequence} follows")
    if record.digest != digest_of(number, record.entry, record.previous):
        raise _edited(record)
    if before and record.previous != before[-1].digest:
        # Sealed anew after the edit, which the record that follows it shows.
        raise _edited(before[-1])
    return record


def _compare(head: Head | None, records: Sequence[Record]) -> None:
    """Raises _RefusedError if the end is missing, or is not the one that was written."""
    if head is None:
        return
    if head.sequence > len(records):
        raise _RefusedError(len(records) + 1, f"was removed: {head.sequence} were written")
    last = records[head.sequence - 1]
    if last.digest != head.digest:
        raise _edited(last)


def _edited(record: Record) -> _RefusedError:
    entry = record.entry
    return _RefusedError(record.sequence, f"({entry.kind} {entry.subject}) was edited")


def _head(path: Path) -> Path:
    return path.with_suffix(".head")


def _read_head(path: Path) -> Head | None:
    try:
        return msgspec.json.decode(_head(path).read_bytes(), type=Head)
    except (FileNotFoundError, *MALFORMED):
        return None


@contextmanager
def _locked(path: Path) -> Iterator[int]:
    """The ledger's descriptor, while no other process appends."""
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
    descriptor = os.open(path, flags, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)


def _drop_unfinished(path: Path, descriptor: int) -> None:
    content = path.read_bytes()
    whole = content.rfind(b"\n") + 1
    if whole != len(content):
        os.ftruncate(descriptor, whole)


def _write_all(descriptor: int, content: bytes) -> None:
    """Write everything; what a full disk cut off is taken back. Raises OSError."""
    size = os.fstat(descriptor).st_size
    view = memoryview(content)
    try:
        while view:
            view = view[os.write(descriptor, view) :]
    except OSError:
        os.ftruncate(descriptor, size)
        raise
