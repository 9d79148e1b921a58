"""Finds a checkpoint or backup of the current run by id or alias."""

from __future__ import annotations

from pathlib import Path

from daemon.backup.catalog import backup_directory
from daemon.base.paths import RunPaths
from daemon.config import Config, ConfigError
from daemon.protocol.flight import REFERENCE
from daemon.runs.run_folder import read_run_config
from landerctl.cli.shared.session import Session
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.operations.find_checkpoint import ALIASES, find_checkpoint_folder

PILOTS = {REFERENCE: "classical guidance and control", **ALIASES}


def run_config(run: RunPaths) -> Config:
    """The run's frozen configuration. Raises Failure."""
    try:
        return read_run_config(run)
    except ConfigError as error:
        raise Failure(str(error), Exit.CONFIG) from None


def find_checkpoint(session: Session, run: RunPaths, id_: str) -> Path:
    """The folder of the checkpoint or backup `id_`, which may be one of ALIASES. Raises Failure."""
    return find_checkpoint_folder(run, backup_directory(session.load_config(), session.paths), id_)
