"""Finds what of a run has no backup yet. Reads only."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from daemon.backup.identity import is_of_another
from daemon.backup.make import event_files
from daemon.backup.record import logs_id, read_backup
from daemon.backup.retention.prune_journal import read_pruned
from daemon.base.paths import RunPaths
from daemon.checkpoint.catalog import list_checkpoints
from daemon.checkpoint.manifest import DamagedCheckpointError, Manifest
from daemon.config.schema import CheckpointKind


@dataclass(frozen=True)
class PendingBackups:
    """The run's checkpoints, those still to be copied, and whether its logs are due."""

    checkpoints: list[Manifest]  # ascending in sequence
    pending: list[Manifest]  # ascending in sequence
    logs: bool


def find_pending(
    run: RunPaths, directory: Path, automatic: Collection[CheckpointKind], now_s: float
) -> PendingBackups:
    """Compare a run with its backups in `directory` as of `now_s` (Unix). Raises OSError.

    Backups that retention removed are not pending; a checkpoint whose id the backup of another one
    has is.
    """
    checkpoints = list_checkpoints(run.checkpoints).whole
    there, removed = _names(directory / run.id), read_pruned(directory, run.id)

    def has_backup(checkpoint: Manifest) -> bool:
        if checkpoint.id in there:
            return not is_of_another(directory / run.id / checkpoint.id, checkpoint)
        return checkpoint.id in removed and removed[checkpoint.id] in ("", checkpoint.crc32)

    pending = [c for c in checkpoints if c.kind in automatic and not has_backup(c)]
    ended = bool(checkpoints) and checkpoints[-1].kind == "final"
    return PendingBackups(checkpoints, pending, _logs_are_due(run, directory, now_s, ended=ended))


def _logs_are_due(run: RunPaths, directory: Path, now_s: float, *, ended: bool) -> bool:
    """Once per local day and at the run's end, if they have changed."""
    changed_s = max((path.stat().st_mtime for path in event_files(run)), default=None)
    if changed_s is None:
        return False
    last_s = max(
        (time_s for time_s in _logs_times(directory / run.id) if time_s <= now_s), default=None
    )
    if last_s is None:
        return True
    return changed_s > last_s and (ended or logs_id(last_s) != logs_id(now_s))


def _logs_times(backups: Path) -> list[float]:
    found = []
    for folder in backups.glob("logs-*"):
        try:
            found.append(read_backup(folder).created_s)
        except DamagedCheckpointError:
            continue
    return found


def _names(folder: Path) -> frozenset[str]:
    if not folder.is_dir():
        return frozenset()
    return frozenset(path.name for path in folder.iterdir() if not path.name.startswith("."))
