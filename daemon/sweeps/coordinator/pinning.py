"""The immutable backup of a paused trial, which others are forked from."""

from __future__ import annotations

import time
from pathlib import Path

from daemon.backup.catalog import write_tag
from daemon.backup.make import find_or_make_backup
from daemon.backup.record import Tag
from daemon.base.paths import StatePaths
from daemon.checkpoint.catalog import newest_whole
from daemon.checkpoint.manifest import DamagedCheckpointError
from daemon.sweeps.records import Trial


def pin_newest(trial: Trial) -> str:
    """``HOME:RUN/STATE`` of the newest checkpoint of a trial whose leg has ended.

    It is backed up and pinned, once. Raises DamagedCheckpointError and OSError.
    """
    paths = StatePaths(Path(trial.place))
    run = paths.run(trial.run_id)
    newest = newest_whole(run.checkpoints)
    if newest is None:
        raise DamagedCheckpointError(f"{run.checkpoints}: no whole checkpoint")
    backup, _ = find_or_make_backup(paths, run, newest.id, paths.backups, created_s=time.time())
    note = f"trials are forked from it at {trial.target_steps:,} steps"
    write_tag(paths.backups, backup, Tag(note=note, pinned=True))
    return f"{paths.home}:{run.id}/{backup.id}"
