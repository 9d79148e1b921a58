"""Checkpoints, their backups, and what killed processes left of either."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from checks.evidence import BackupEvidence, CheckpointEvidence, Evidence, Leftover
from daemon.backup.catalog import backup_directory, list_folders
from daemon.backup.identity import is_of_another
from daemon.backup.record import is_checkpoint_id, read_backup
from daemon.backup.retention.prune_journal import read_pruned
from daemon.backup.verification.verified import read_verified
from daemon.base.leftovers import half_removed, unfinished
from daemon.base.paths import StatePaths
from daemon.checkpoint.catalog import list_checkpoints
from daemon.checkpoint.manifest import DamagedCheckpointError, read_manifest
from daemon.config import Config

COMPARED = 3  # newest checkpoints whose backups are compared with them


def checkpoints_of(
    paths: StatePaths, run_id: str | None
) -> tuple[tuple[CheckpointEvidence, ...], str | None]:
    """A run's whole checkpoints, and what is wrong with the newest that is not."""
    if run_id is None:
        return (), None
    try:
        listing = list_checkpoints(paths.run(run_id).checkpoints)
    except OSError as error:
        return (), f"{error.filename}: {os.strerror(error.errno or 0)}"
    problem = listing.damaged[-1][1] if listing.damaged else None
    whole = [
        CheckpointEvidence(m.id, m.created_s, m.timesteps, m.stage, m.kind) for m in listing.whole
    ]
    return tuple(whole), problem


def backups_of(paths: StatePaths, config: Config, evidence: Evidence) -> BackupEvidence:
    """Uses names only, except for the newest: reading thousands of records takes too long."""
    directory = backup_directory(config, paths)
    if evidence.run_id is None:
        return BackupEvidence(0, None, None, 0.0)
    folder = directory / evidence.run_id
    try:
        copied = {path.name for path in list_folders(folder) if is_checkpoint_id(path.name)}
        missing = [
            c
            for c in evidence.checkpoints
            if c.kind in config.backup.automatic and c.id not in copied
        ]
        if missing:
            removed = read_pruned(directory, evidence.run_id)
            missing = [c for c in missing if c.id not in removed]
        # By their digests, of the newest ones: a run restored by hand can reuse the ids of others.
        run = paths.run(evidence.run_id)
        for checkpoint in evidence.checkpoints[-COMPARED:]:
            if checkpoint.id in copied and _is_of_another(
                folder / checkpoint.id, run.checkpoints / checkpoint.id
            ):
                missing.append(checkpoint)
        damaged = read_verified(folder).damaged
        problem = next(iter(damaged.values()), "")
        newest_s = None
        if copied:
            # Ids sort by sequence, up to a million.
            newest_s = read_backup(folder / max(copied)).created_s
    except DamagedCheckpointError as error:
        problem = str(error)
    except OSError as error:
        problem = f"{error.filename}: {os.strerror(error.errno or 0)}"
        return BackupEvidence(0, None, None, 0.0, problem)
    return BackupEvidence(
        count=len(copied),
        newest_s=newest_s,
        missing_id=missing[0].id if missing else None,
        missing_s=missing[0].created_s if missing else 0.0,
        problem=problem,
    )


def _is_of_another(backup: Path, checkpoint: Path) -> bool:
    try:
        return is_of_another(backup, read_manifest(checkpoint))
    except DamagedCheckpointError:
        return False  # pruned since it was listed; else the check of checkpoints reports it


def leftovers_in(*folders: Path) -> tuple[Leftover, ...]:
    """Unfinished and half-removed files and folders."""
    found: list[Leftover] = []
    for folder in folders:
        # An unreadable folder is reported by the checks of checkpoints and backups.
        with suppress(OSError):
            paths = unfinished(folder) + half_removed(folder)
            found += [Leftover(str(path), path.stat().st_mtime) for path in paths]
    return tuple(found)
