"""States that can be restored: found and verified."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from daemon.backup.record import RECORD
from daemon.backup.verification.verify import verify_backup
from daemon.base.paths import RunPaths
from daemon.checkpoint.manifest import DamagedCheckpointError, Manifest, verify


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
