"""Verifying existing backups, and recording the results."""

from __future__ import annotations

import math
from pathlib import Path

from daemon.backup.catalog import list_folders
from daemon.backup.lock import backups_lock
from daemon.backup.record import BackupKey, read_backup
from daemon.backup.verification.verified import read_verified, record_damaged, record_whole
from daemon.backup.verification.verify import find_faults
from daemon.checkpoint.manifest import DamagedCheckpointError


def read_faults(folder: Path) -> list[str]:
    """Read every byte of a backup; returns a line for each damaged file. Writes nothing.

    Raises OSError.
    """
    try:
        return list(find_faults(folder, read_backup(folder)))
    except DamagedCheckpointError as error:
        return [str(error)]


def inspect(folder: Path, now_s: float) -> list[str]:
    """As `read_faults`; records the result beside the backup as of `now_s` (Unix).

    Raises OSError.
    """
    return record_faults(folder, read_faults(folder), now_s)


def record_faults(folder: Path, faults: list[str], now_s: float) -> list[str]:
    """Record what `read_faults` found at `now_s`; none for a backup removed in the meantime.

    Raises OSError.
    """
    with backups_lock(folder.parent.parent):
        if not folder.is_dir():
            return []  # removed in the meantime
        if faults:
            record_damaged(folder.parent, folder.name, "; ".join(faults))
        else:
            record_whole(folder.parent, [folder.name], now_s)
    return faults


def inspect_some(directory: Path, now_s: float) -> dict[BackupKey, list[str]] | None:
    """Inspect the backup whose last inspection is oldest, and all that were found damaged.

    Returns the faults of those that are damaged now; None if the folder is missing (its disk may
    not be mounted). Raises OSError.
    """
    if not directory.is_dir():
        return None
    candidates: list[tuple[float, BackupKey]] = []
    damaged: list[BackupKey] = []
    for run in list_folders(directory):
        known = read_verified(run)
        for folder in list_folders(run):
            key = (run.name, folder.name)
            if folder.name in known.damaged:
                damaged.append(key)
            else:
                candidates.append((known.whole.get(folder.name, -math.inf), key))
    # A time in the future counts as never.
    first = min(
        candidates, key=lambda one: (one[0] if one[0] <= now_s else -math.inf, one[1]), default=None
    )
    chosen = damaged + ([first[1]] if first else [])
    found = {key: inspect(directory.joinpath(*key), now_s) for key in chosen}
    return {key: faults for key, faults in found.items() if faults}
