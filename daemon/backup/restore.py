"""Restoring: an older state is appended to a run as its newest checkpoint; nothing is deleted."""

from __future__ import annotations

from pathlib import Path

from daemon.backup.catalog import scan
from daemon.backup.copy import copy_files
from daemon.checkpoint.catalog import list_checkpoints
from daemon.checkpoint.commit import commit_checkpoint
from daemon.checkpoint.manifest import DamagedCheckpointError, Manifest, verify
from daemon.paths import RunPaths


class UnknownIdError(Exception):
    """Neither a checkpoint of the run nor a backup has the id. The message is for the user."""


def find_source(run: RunPaths, backups: Path, id_: str) -> Path:
    """The folder of the run's checkpoint, or of the backup in `backups`, with this id.

    Raises UnknownIdError, OSError, and DamagedCheckpointError if it is there but cannot be read.
    """
    listing = list_checkpoints(run.checkpoints)
    if any(manifest.id == id_ for manifest in listing.whole):
        return run.checkpoints / id_
    copies = scan(backups)
    if any(backup.id == id_ for backup in copies.whole):
        return backups / id_
    for folder, text in (*listing.damaged, *copies.damaged):
        if folder.name == id_:
            raise DamagedCheckpointError(text)
    raise UnknownIdError(
        f"{id_}: no checkpoint of run {run.id} and no backup has this id; "
        "`landerctl backups` lists them"
    )


def restore(source: Path, run: RunPaths, *, created_s: float) -> Manifest:
    """Copy a checkpoint's or a backup's folder into a run as a checkpoint of kind 'rollback'.

    The copy's `restored_from` is the source folder's name. Every digest is verified, before and
    after the copy. Raises DamagedCheckpointError and OSError; then nothing visible is left.
    """
    manifest = verify(source)
    return commit_checkpoint(
        run.checkpoints,
        build=lambda folder: copy_files(source, folder, manifest),
        run_id=run.id,
        kind="rollback",
        created_s=created_s,
        algorithm=manifest.algorithm,
        timesteps=manifest.timesteps,
        stage=manifest.stage,
        versions=manifest.versions,
        success_rate=manifest.success_rate,
        reward_mean=manifest.reward_mean,
        restored_from=source.name,
    )
