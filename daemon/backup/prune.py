"""Removing backups that retention gives up: written down first, invisible before they are gone."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import msgspec

from daemon.backup.catalog import scan
from daemon.backup.lock import changing
from daemon.backup.record import TAG, Backup
from daemon.backup.retention import Decision, Key, decide
from daemon.backup.verified import read_verified
from daemon.config.schema import Backup as Settings
from daemon.failpoint import failpoint
from daemon.files import fsync_path, remove_flat_folder, remove_unfinished
from daemon.leftovers import PRUNED, half_removed
from daemon.malformed import MALFORMED

JOURNAL = "pruned.jsonl"


class Pruned(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the journal: what was about to be removed at `time_s` (Unix), and why."""

    time_s: float
    run_id: str
    id: str
    size_bytes: int
    reason: str


def judge(directory: Path, settings: Settings, now_s: float) -> list[Decision]:
    """What retention makes of a folder's backups. Raises OSError."""
    listing = scan(directory)
    verified: dict[Key, float] = {}
    for run_id in {backup.run_id for backup in listing.whole}:
        known = read_verified(directory / run_id).whole
        verified |= {(run_id, id_): time_s for id_, time_s in known.items()}
    return decide(listing.whole, listing.tags, verified, now_s=now_s, settings=settings)


def prune(directory: Path, settings: Settings, now_s: float) -> list[Decision]:
    """Judge and remove; the decisions that were carried out. Raises OSError.

    Finishes first what a killed process left. What cannot be written down is not removed.
    """
    if not directory.is_dir():
        return []
    with changing(directory):
        remove_leftovers(directory)
        gone = [d for d in judge(directory, settings, now_s) if not d.keep]
        if gone:
            _write_down(directory / JOURNAL, gone, now_s)
            failpoint("prune.written")
            for decision in gone:
                _remove(directory, decision.backup)
        return gone


def remove_leftovers(directory: Path) -> list[Path]:
    """Finish what was killed, in a folder whose lock the caller holds. Raises OSError."""
    found = remove_unfinished(directory)
    for run in sorted(path for path in directory.iterdir() if path.is_dir()):
        found += remove_unfinished(run)
        for folder in half_removed(run):
            _empty(run, folder)
            found.append(folder)
    return found


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


def _write_down(journal: Path, gone: Iterable[Decision], now_s: float) -> None:
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


def _remove(directory: Path, backup: Backup) -> None:
    run = directory / backup.run_id
    hidden = run / f"{PRUNED}{backup.id}"
    (run / backup.id).rename(hidden)
    fsync_path(run)
    failpoint("prune.hidden")
    _empty(run, hidden)
    failpoint("prune.removed")


def _empty(run: Path, hidden: Path) -> None:
    id_ = hidden.name.removeprefix(PRUNED)
    # Never one of a backup that has the id again.
    if not (run / id_).exists():
        (run / f"{id_}{TAG}").unlink(missing_ok=True)
    remove_flat_folder(hidden)
