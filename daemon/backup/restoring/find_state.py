"""Finding and verifying a state that can be restored."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from daemon.backup.identity import is_of_another
from daemon.backup.record import RECORD, is_checkpoint_id
from daemon.backup.verification.verify import verify_backup
from daemon.base.paths import RunPaths, StatePaths
from daemon.checkpoint.manifest import DamagedCheckpointError, Manifest, read_manifest, verify
from daemon.runs.metadata import read_metadata
from daemon.runs.run_folder import find_run


class UnknownIdError(Exception):
    """Neither a checkpoint of the run nor a backup has the id. The message is for the user."""


@dataclass(frozen=True)
class State:
    """A verified state of a run that can be restored: a checkpoint's folder, or a backup's."""

    folder: Path
    manifest: Manifest


def find_state(run: RunPaths, backups: Path, id_: str) -> State:
    """The run's checkpoint with this id, or else its backup, with every digest verified.

    Raises UnknownIdError, OSError, and DamagedCheckpointError if every copy is damaged.
    """
    faults = []
    checkpoint: Manifest | None = None
    for folder in (run.checkpoints / id_, backups / run.id / id_):
        # An invalid id could name a path outside.
        if folder.name != id_ or not folder.is_dir():
            continue
        try:
            if folder.parent == run.checkpoints:
                checkpoint = read_manifest(folder)
            elif checkpoint is not None and is_of_another(folder, checkpoint):
                faults.append(f"{folder}: is a backup of another checkpoint with this id")
                continue
            return verify_state(folder)
        except DamagedCheckpointError as error:
            faults.append(str(error))
    if faults:
        raise DamagedCheckpointError("; ".join(faults))
    advice = unknown_id_advice(run, id_)
    raise UnknownIdError(
        f"{id_}: run {run.id} has no checkpoint and no backup with this id; {advice}"
    )


def unknown_id_advice(run: RunPaths, id_: str) -> str:
    """What to do about an id that the run does not have: it may be of what it was forked from."""
    parent = read_metadata(run).parent
    older = None if parent is None else find_run(StatePaths(run.folder.parents[1]), parent.run_id)
    if older is not None and is_checkpoint_id(id_) and (older.checkpoints / id_).is_dir():
        return (
            f"run {older.id}, which it was forked from, has it: "
            f"`landerctl start --from {older.id}/{id_}` forks that again"
        )
    return "`landerctl backups` lists them"


def verify_state(folder: Path) -> State:
    """Verify the folder of a checkpoint or of a checkpoint's backup.

    Raises DamagedCheckpointError naming the file, OSError.
    """
    if not (folder / RECORD).exists():
        return State(folder, verify(folder))
    backup = verify_backup(folder)
    if backup.checkpoint is None:
        raise DamagedCheckpointError(f"{folder.name}: contains logs, not a checkpoint")
    return State(folder, backup.checkpoint)
