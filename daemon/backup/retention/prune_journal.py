"""The journal of removed backups: one line of JSON each, written before it is gone.

What stands there is not copied again, though its checkpoint may still be there.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import msgspec

from daemon.backup.retention.rules import Decision
from daemon.base.files import fsync_path
from daemon.base.malformed import MALFORMED

JOURNAL = "pruned.jsonl"


class Pruned(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the journal: what was about to be removed at `time_s` (Unix), and why."""

    time_s: float
    run_id: str
    id: str
    size_bytes: int
    reason: str


def read_pruned(directory: Path, run_id: str) -> frozenset[str]:
    """The ids of a run's backups that were removed on purpose: nothing copies them again.

    A line that cannot be read counts for nothing. Raises OSError.
    """
    try:
        content = (directory / JOURNAL).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return frozenset()
    return frozenset(line.id for line in _lines(content) if line.run_id == run_id)


def _lines(content: bytes) -> Iterable[Pruned]:
    for line in content.splitlines():
        try:
            yield msgspec.json.decode(line, type=Pruned)
        except MALFORMED:
            continue


def append_pruned(directory: Path, gone: Iterable[Decision], now_s: float) -> None:
    """Append what is about to be removed, and flush it to the disk. Raises OSError."""
    journal = directory / JOURNAL
    lines = [
        msgspec.json.encode(
            Pruned(
                time_s=now_s,
                run_id=decision.backup.run_id,
                id=decision.backup.id,
                size_bytes=decision.backup.size_bytes,
                reason=decision.reason,
            )
        )
        for decision in gone
    ]
    descriptor = os.open(journal, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "ab") as stream:
        # After the empty line a line that a crash cut short stays one by itself.
        stream.write(b"\n" + b"\n".join(lines) + b"\n")
        stream.flush()
        os.fsync(descriptor)
    fsync_path(journal.parent)
