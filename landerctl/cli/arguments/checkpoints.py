"""Which checkpoint of the current run a verb means."""

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

# Names that stand for an id, and what the shell tells of them.
NEWEST = "newest"
BEST = "best"
WORDS = {NEWEST: "the newest whole checkpoint", BEST: "the one that landed best so far"}


def run_config(run: RunPaths) -> Config:
    """The configuration of a run. Raises Failure."""
    try:
        return read_run_config(run)
    except ConfigError as error:
        raise Failure(str(error), Exit.CONFIG) from None


def find_checkpoint(session: Session, run: RunPaths, id_: str) -> Path:
    """The folder of a checkpoint or backup: an id or one of WORDS. Raises Failure."""
    try:
        if id_ not in WORDS:
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
        text = f"holds no whole checkpoint of the kind best yet; {NEWEST!r} names the newest"
        raise Failure(f"{run.checkpoints}: {text}", Exit.NOT_FOUND)
    raise Failure(f"{run.checkpoints}: holds no whole checkpoint yet", Exit.NOT_FOUND)
