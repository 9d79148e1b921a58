"""Finds a checkpoint or backup of the current run by id or alias."""

from __future__ import annotations

from pathlib import Path

from daemon.backup.catalog import backup_directory
from daemon.backup.restoring.find_state import UnknownIdError, find_state
from daemon.base.paths import RunPaths
from daemon.checkpoint.catalog import newest_whole
from daemon.checkpoint.manifest import DamagedCheckpointError
from daemon.config import Config, ConfigError
from daemon.runs.run_folder import read_run_config
from landerctl.cli.shared.session import Session
from landerctl.exitcodes import Exit
from landerctl.failure import Failure

# Names that can replace an id, and their description in the shell's completion.
NEWEST = "newest"
BEST = "best"
ALIASES = {NEWEST: "the newest whole checkpoint", BEST: "the checkpoint with the best success rate"}


def run_config(run: RunPaths) -> Config:
    """The run's frozen configuration. Raises Failure."""
    try:
        return read_run_config(run)
    except ConfigError as error:
        raise Failure(str(error), Exit.CONFIG) from None


def find_checkpoint(session: Session, run: RunPaths, id_: str) -> Path:
    """The folder of the checkpoint or backup `id_`, which may be one of ALIASES. Raises Failure."""
    try:
        if id_ not in ALIASES:
            backups = backup_directory(session.load_config(), session.paths)
            return find_state(run, backups, id_).folder
        found = newest_whole(run.checkpoints, "best" if id_ == BEST else None)
    except UnknownIdError as error:
        raise Failure(str(error), Exit.NOT_FOUND) from None
    except DamagedCheckpointError as error:
        raise Failure(f"{error}; choose another, `landerctl backups` lists them") from None
    except OSError as error:
        raise Failure(f"{error.filename}: {error.strerror}") from None
    if found is not None:
        return run.checkpoints / found.id
    if id_ == BEST:
        text = f"no whole checkpoint of kind best yet; use {NEWEST!r} for the newest"
        raise Failure(f"{run.checkpoints}: {text}", Exit.NOT_FOUND)
    raise Failure(f"{run.checkpoints}: no whole checkpoint yet", Exit.NOT_FOUND)
