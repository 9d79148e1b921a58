"""Finds the run and the state that an argument names."""

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
from landerctl.operations.states.find_checkpoint import ALIASES, find_checkpoint_folder
from landerctl.operations.states.named_state import split_named_state

PILOTS = {REFERENCE: "classical guidance and control", **ALIASES}
STATE_HELP = "STATE of the current run ('newest', 'best' or an id), RUN or RUN/STATE"


def run_config(run: RunPaths) -> Config:
    """The run's frozen configuration. Raises Failure."""
    try:
        return read_run_config(run)
    except ConfigError as error:
        raise Failure(str(error), Exit.CONFIG) from None


def find_checkpoint(session: Session, run: RunPaths, id_: str) -> Path:
    """The folder of the checkpoint or backup `id_`, which may be one of ALIASES. Raises Failure."""
    return find_checkpoint_folder(run, _backups(session), id_)


def split_state(session: Session, text: str) -> tuple[RunPaths, str]:
    """The run and the state that STATE, RUN or RUN/STATE names. Raises Failure.

    As landerctl.operations.named_state.split_named_state.
    """
    return split_named_state(session.paths, _backups(session), text)


def _backups(session: Session) -> Path:
    return backup_directory(session.load_config(), session.paths)
