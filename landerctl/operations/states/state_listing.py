"""Lists the states that a rollback can restore, and damaged ones."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from daemon.backup.catalog import BackupListing, backup_directory, list_folders, scan
from daemon.backup.record import Backup
from daemon.backup.restoring.restorable import Restorable, of_others, restorables
from daemon.base.paths import StatePaths
from daemon.checkpoint.catalog import Listing, list_checkpoints
from daemon.config import Config
from daemon.runs.run_folder import current_run


class Entry(msgspec.Struct, frozen=True):
    """A state that `rollback` can restore, or a damaged one."""

    run_id: str
    id: str
    place: Literal["checkpoint", "backup", "both"]  # where it is
    state: Literal["newest", "whole", "damaged"]
    pinned: bool
    created_s: float | None  # Unix time
    stage: int | None
    timesteps: int | None
    success_rate: float | None
    reward_mean: float | None
    size_bytes: int | None
    note: str  # what is wrong with a damaged one
    imported: bool = False  # it came in an archive: of unknown origin
    accepted: bool = True  # False: imported, and chosen by its id only


def collect(paths: StatePaths, config: Config, run_id: str | None = None) -> list[Entry]:
    """A run's checkpoints and their backups, oldest first; of the current one by default.

    Of a run without a folder, which was removed or never here, the backups. Raises OSError.
    """
    if run_id is None:
        if (current := current_run(paths)) is None:
            return []
        run_id = current.id
    checkpoints = list_checkpoints(paths.run(run_id).checkpoints)
    return _entries(run_id, checkpoints, scan(backup_directory(config, paths), run_id))


def collect_others(paths: StatePaths, config: Config) -> list[Entry]:
    """The backups of all other runs, oldest first. Raises OSError."""
    directory = backup_directory(config, paths)
    found: list[Entry] = []
    for run_id in other_runs(paths, directory):
        found += _entries(run_id, Listing([], []), scan(directory, run_id))
    return sorted(found, key=lambda entry: entry.created_s or 0.0)


def other_runs(paths: StatePaths, directory: Path) -> list[str]:
    """The runs in a folder of backups that are not the current one. Raises OSError."""
    run = current_run(paths)
    return [path.name for path in list_folders(directory) if run is None or path.name != run.id]


def _entries(run_id: str, checkpoints: Listing, copies: BackupListing) -> list[Entry]:
    newest = checkpoints.whole[-1].id if checkpoints.whole else None
    entries = [_entry(item, newest) for item in restorables(run_id, checkpoints, copies)]
    entries += [_other(backup) for backup in of_others(run_id, checkpoints, copies)]
    entries += [_damaged(run_id, "checkpoint", *one) for one in checkpoints.damaged]
    return entries + [_damaged(run_id, "backup", *one) for one in copies.damaged]


def _entry(item: Restorable, newest: str | None) -> Entry:
    manifest = item.manifest
    source = f"rolled back to {manifest.restored_from}" if manifest.restored_from else ""
    return Entry(
        run_id=manifest.run_id,
        id=item.id,
        place=item.place,
        state="newest" if item.id == newest else "whole",
        pinned=item.tag.pinned,
        created_s=manifest.created_s,
        stage=manifest.stage,
        timesteps=manifest.timesteps,
        success_rate=manifest.success_rate,
        reward_mean=manifest.reward_mean,
        size_bytes=manifest.size_bytes,
        note=item.tag.note or source,
        imported=item.imported,
        accepted=item.accepted,
    )


def _other(backup: Backup) -> Entry:
    assert backup.checkpoint is not None
    return Entry(
        run_id=backup.run_id,
        id=backup.id,
        place="backup",
        state="whole",
        pinned=False,
        created_s=backup.checkpoint.created_s,
        stage=backup.checkpoint.stage,
        timesteps=backup.checkpoint.timesteps,
        success_rate=backup.checkpoint.success_rate,
        reward_mean=backup.checkpoint.reward_mean,
        size_bytes=backup.checkpoint.size_bytes,
        note="not of the checkpoint with this id: to use it, move that checkpoint's folder away",
    )


def _damaged(run_id: str, place: Literal["checkpoint", "backup"], path: Path, text: str) -> Entry:
    return Entry(
        run_id, path.name, place, "damaged", False, None, None, None, None, None, None, text
    )
