"""Finds a backup by id, and converts the backup folder's errors to `Failure`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from daemon.backup.catalog import backup_directory, list_folders
from daemon.backup.lock import BackupsBusyError
from daemon.runs.run_folder import current_run
from landerctl.cli.arguments.completion import completer
from landerctl.cli.shared.session import Session
from landerctl.exitcodes import Exit
from landerctl.failure import Failure

BackupId = Annotated[
    str,
    typer.Argument(
        metavar="ID",
        help="A backup's id; RUN/ID for a backup of another run.",
        autocompletion=completer("ids"),
    ),
]


def find_backup(session: Session, id_: str) -> Path:
    """The folder of the backup ID (of the current run) or RUN/ID. Raises Failure."""
    directory = backup_directory(session.load_config(), session.paths)
    run_id, slash, name = id_.rpartition("/")
    if not slash:
        run = current_run(session.paths)
        run_id = run.id if run else ""
    with backup_errors_as_failures(directory):
        for run_folder in list_folders(directory):
            for folder in list_folders(run_folder):
                if (folder.parent.name, folder.name) == (run_id, name):
                    return folder
    raise Failure(
        f"{id_}: no backup in {directory} has this id; `landerctl backups --all-runs` lists them",
        Exit.NOT_FOUND,
    )


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
