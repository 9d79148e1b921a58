"""Restoring: an older state is appended to a run as its newest checkpoint; nothing is deleted."""

from __future__ import annotations

from pathlib import Path

from daemon.backup.copy import copy_files
from daemon.checkpoint.commit import commit_checkpoint
from daemon.checkpoint.manifest import Manifest, verify
from daemon.paths import RunPaths


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
