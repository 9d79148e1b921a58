"""Whether a backup is of a checkpoint: decided by its digests, not by its id.

A run whose folder was lost and restored from an older backup trains again from there: its new
checkpoints can have ids of backups that hold other contents.
"""

from __future__ import annotations

from pathlib import Path

from daemon.backup.record import is_checkpoint_id, read_backup
from daemon.base.files import fsync_path
from daemon.base.paths import RunPaths
from daemon.checkpoint.commit import next_sequence
from daemon.checkpoint.manifest import DamagedCheckpointError, Manifest, sequence_of


def is_of_another(folder: Path, checkpoint: Manifest) -> bool:
    """Whether a backup's folder has the checkpoint's id but other contents.

    False if the backup's record is damaged: its verification reports that. Raises OSError.
    """
    try:
        return read_backup(folder).checkpoint != checkpoint
    except DamagedCheckpointError:
        return False


def reserve_sequences(run: RunPaths, directory: Path) -> None:
    """Keep the run's next checkpoints from taking the ids of its backups in `directory`.

    Where those are ahead, a plain file in the run's checkpoints occupies their highest sequence.
    Raises OSError.
    """
    backups = directory / run.id
    if not (backups.is_dir() and run.checkpoints.is_dir()):
        return
    names = (path.name for path in backups.iterdir())
    highest = max((sequence_of(name) for name in names if is_checkpoint_id(name)), default=0)
    if highest >= next_sequence(run.checkpoints):
        (run.checkpoints / f"{highest:06d}-in-backups").touch(mode=0o600)
        fsync_path(run.checkpoints)
