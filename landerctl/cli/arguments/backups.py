"""Finds a backup by id, and converts the backup folder's errors to `Failure`."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from daemon.backup.catalog import backup_directory, list_folders, scan
from daemon.backup.lock import BackupsBusyError
from daemon.backup.restoring.restorable import restorables
from daemon.checkpoint.catalog import Listing
from daemon.config.judging.explain import suggestion
from daemon.rollback.selection.choose import choose
from daemon.rollback.selection.target import Best
from daemon.runs.references import CURRENT, SEPARATOR, UnknownRunError, parse_reference, resolve_run
from daemon.runs.run_folder import current_run
from landerctl.cli.arguments.completion import completer
from landerctl.cli.shared.session import Session
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.operations.states.find_checkpoint import ALIASES, BEST, NEWEST
from landerctl.operations.states.named_state import unknown_name

BackupId = Annotated[
    str,
    typer.Argument(
        metavar="ID",
        help="A backup of the current run: its id, 'newest' or 'best'; RUN or RUN/ID: of another.",
        autocompletion=completer("states", ALIASES),
    ),
]


def find_backup(session: Session, text: str) -> Path:
    """The folder of the backup that ID, RUN or RUN/ID names. Raises Failure.

    A run that was removed, or whose backups were imported, is known by its id.
    """
    directory = backup_directory(session.load_config(), session.paths)
    with backup_errors_as_failures(directory):
        run_id, id_ = _split(session, directory, text)
        folders = {folder.name: folder for folder in list_folders(directory / run_id)}
        if id_ in ALIASES:
            id_ = _of_alias(directory, run_id, id_) or id_
    if id_ in folders:
        return folders[id_]
    close = suggestion(id_, [*folders, *ALIASES])
    raise Failure(
        f"{text}: run {run_id} has no such backup in {directory}{close}; "
        f"`landerctl backups --run {run_id}` lists them",
        Exit.NOT_FOUND,
    )


def find_run_id_of_backups(session: Session, directory: Path, text: str) -> str:
    """The id of a run by its id or name, or of one with backups in `directory` only, by its id.

    Raises UnknownRunError, OSError.
    """
    try:
        return resolve_run(session.paths, text).id
    except UnknownRunError:
        if text in {folder.name for folder in list_folders(directory)}:
            return text
        raise


def _split(session: Session, directory: Path, text: str) -> tuple[str, str]:
    """The id of the run, and the id of the backup or one of ALIASES. Raises Failure, OSError."""
    current = current_run(session.paths)
    # Also the id of a backup of logs, which could be a name.
    if current is not None and (directory / current.id / text).is_dir() and SEPARATOR not in text:
        return current.id, text
    reference = parse_reference(text)
    try:
        run_id = find_run_id_of_backups(session, directory, reference.run or CURRENT)
    except UnknownRunError as error:
        if current is None or SEPARATOR in text:
            raise Failure(str(error), Exit.NOT_FOUND) from None
        ids = [folder.name for folder in list_folders(directory / current.id)]
        raise unknown_name(session.paths, current, text, [*ALIASES, *ids]) from None
    return run_id, reference.state or NEWEST


def _of_alias(directory: Path, run_id: str, alias: str) -> str | None:
    """The id of a run's newest or best backup of a checkpoint; None if it has none."""
    states = restorables(run_id, Listing([], []), scan(directory, run_id))
    if alias == BEST:
        states = list(choose(Best(), states, now_s=time.time(), tolerance=0.0).candidates)[:1]
    return states[-1].id if states else None


@contextmanager
def backup_errors_as_failures(directory: Path) -> Iterator[None]:
    """Convert errors of the backup folder `directory` to Failure."""
    try:
        yield
    except BackupsBusyError as error:
        raise Failure(f"{error}; try again", Exit.BUSY) from None
    except OSError as error:
        where = error.filename or directory
        raise Failure(
            f"{where}: {error.strerror or error}; free space or check the disk", Exit.CANNOT_WRITE
        ) from None
