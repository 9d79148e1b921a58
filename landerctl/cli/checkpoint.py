"""Which checkpoint of the current run a verb means."""

from __future__ import annotations

from pathlib import Path

from daemon.backup import UnknownIdError, backup_directory, find_source
from daemon.checkpoint.catalog import newest_whole
from daemon.checkpoint.manifest import DamagedCheckpointError
from daemon.config import Config, ConfigError
from daemon.paths import RunPaths
from daemon.runs import read_run_config
from landerctl.cli.session import Session
from landerctl.exitcodes import Exit
from landerctl.failure import Failure


def run_config(run: RunPaths) -> Config:
    """The configuration of a run. Raises Failure."""
    try:
        return read_run_config(run)
    except ConfigError as error:
        raise Failure(str(error), Exit.CONFIG) from None


def find_checkpoint(session: Session, run: RunPaths, id_: str | None) -> Path:
    """The folder of a checkpoint or backup (None: the newest checkpoint). Raises Failure."""
    try:
        if id_ is not None:
            backups = backup_directory(session.load_config(), session.paths)
            return find_source(run, backups, id_)
        newest = newest_whole(run.checkpoints)
    except UnknownIdError as error:
        raise Failure(str(error), Exit.NOT_FOUND) from None
    except DamagedCheckpointError as error:
        raise Failure(f"{error}; choose another, `landerctl backups` lists them") from None
    except OSError as error:
        raise Failure(f"{error.filename}: {error.strerror}") from None
    if newest is None:
        raise Failure(f"{run.checkpoints}: holds no whole checkpoint yet", Exit.NOT_FOUND)
    return run.checkpoints / newest.id
