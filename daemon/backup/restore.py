"""Restoring: an older state is appended to a run as its newest checkpoint; nothing is deleted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from daemon.backup.record import RECORD
from daemon.backup.verify import extract, verify_backup
from daemon.checkpoint.commit import commit_checkpoint
from daemon.checkpoint.manifest import DamagedCheckpointError, Manifest, verify
from daemon.paths import RunPaths


class UnknownIdError(Exception):
    """Neither a checkpoint of the run nor a backup has the id. The message is for the user."""


@dataclass(frozen=True)
class State:
    """A verified state of a run that can be restored: a checkpoint's folder, or a backup's."""

    folder: Path
    manifest: Manifest


def find_state(run: RunPaths, backups: Path, id_: str) -> State:
    """The run's checkpoint with this id, or else its backup, with every digest verified.

    Raises UnknownIdError, OSError, and DamagedCheckpointError where no copy is whole.
    """
    faults = []
    for folder in (run.checkpoints / id_, backups / run.id / id_):
        # What is no id can name another place.
        if folder.name != id_ or not folder.is_dir():
            continue
        try:
            return verify_state(folder)
        except DamagedCheckpointError as error:
            faults.append(str(error))
    if faults:
        raise DamagedCheckpointError("; ".join(faults))
    raise UnknownIdError(
        f"{id_}: no checkpoint of run {run.id} and no backup of it has this id; "
        "`landerctl backups` lists them"
    )


def verify_state(folder: Path) -> State:
    """Verify the folder of a checkpoint or of a checkpoint's backup.

    Raises DamagedCheckpointError naming the file, OSError.
    """
    if not (folder / RECORD).exists():
        return State(folder, verify(folder))
    backup = verify_backup(folder)
    if backup.checkpoint is None:
        raise DamagedCheckpointError(f"{folder.name}: holds logs, not a checkpoint")
    return State(folder, backup.checkpoint)


def restore(state: State, run: RunPaths, *, created_s: float, after_sequence: int = 0) -> Manifest:
    """Copy a state into a run as a checkpoint of kind 'rollback'; every copy is verified.

    The copy's `restored_from` is the state's id, its sequence beyond `after_sequence`. Raises
    DamagedCheckpointError and OSError; then nothing visible is left.
    """
    manifest = state.manifest
    return commit_checkpoint(
        run.checkpoints,
        build=lambda folder: extract(manifest, state.folder, folder),
        run_id=run.id,
        kind="rollback",
        created_s=created_s,
        algorithm=manifest.algorithm,
        timesteps=manifest.timesteps,
        stage=manifest.stage,
        ramp_step=manifest.ramp_step,
        episodes=manifest.episodes,
        versions=manifest.versions,
        success_rate=manifest.success_rate,
        reward_mean=manifest.reward_mean,
        restored_from=manifest.id,
        after_sequence=after_sequence,
    )
