"""The journal of removed backups: one JSON line each, written before the removal.

A backup listed there is not made again, even if its checkpoint still exists.
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
    """A line of the journal: a backup that was about to be removed at `time_s` (Unix)."""

    time_s: float
    run_id: str
    id: str
    size_bytes: int
    reason: str
    crc32: str = ""  # of the checkpoint's manifest; empty for logs, and in lines of older versions


def read_pruned(directory: Path, run_id: str) -> dict[str, str]:
    """The ids of a run's backups that were removed on purpose and must not be made again.

    With the CRC-32 of its manifest, empty if it is unknown: another checkpoint may have the id.

    Raises OSError.
    """
    return {line.id: line.crc32 for line in read_journal(directory, run_id)}


def read_journal(directory: Path, run_id: str) -> list[Pruned]:
    """The removed backups of a run, in the order of removal; unreadable lines are ignored.

    Raises OSError.
    """
    try:
        content = (directory / JOURNAL).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return []
    return [line for line in _lines(content) if line.run_id == run_id]


def _lines(content: bytes) -> Iterable[Pruned]:
    for line in content.splitlines():
        try:
            yield msgspec.json.decode(line, type=Pruned)
        except MALFORMED:
            continue


def append_pruned(directory: Path, expired: Iterable[Decision], now_s: float) -> None:
    """Append the backups that are about to be removed, with fsync. Raises OSError."""
    journal = directory / JOURNAL
    lines = [
        msgspec.json.encode(
            Pruned(
                time_s=now_s,
                run_id=decision.backup.run_id,
                id=decision.backup.id,
                size_bytes=decision.backup.size_bytes,
                reason=decision.reason,
                crc32=decision.backup.checkpoint.crc32 if decision.backup.checkpoint else "",
            )
        )
        for decision in expired
    ]
    descriptor = os.open(journal, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "ab") as stream:
        # The empty line keeps a line that a crash truncated apart from ours.
        stream.write(b"\n" + b"\n".join(lines) + b"\n")
        stream.flush()
        os.fsync(descriptor)
    fsync_path(journal.parent)
