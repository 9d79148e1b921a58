"""`landerctl backup export` and `import`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from checks.wording import size
from daemon.backup.archive import ArchiveError, export_backup, import_backup
from daemon.backup.catalog import backup_directory
from daemon.checkpoint.manifest import DamagedCheckpointError
from landerctl.cli.arguments.backups import BackupId, backup_errors_as_failures, find_backup
from landerctl.cli.shared.session import ConfigFile, Home, examples, named_path, open_session
from landerctl.exitcodes import Exit
from landerctl.failure import Failure

EXPORT_EXAMPLES = examples(
    "landerctl backup export 000012-600000-gate gate.tar",
    "landerctl backup export RUN/000012-600000-gate /mnt/stick/gate.tar",
)
IMPORT_EXAMPLES = examples("landerctl backup import gate.tar")


def export(
    context: typer.Context,
    id_: BackupId,
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="The tar file to write.", parser=named_path),
    ],
    *,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """Verify a backup and write it to one uncompressed tar file."""
    folder = find_backup(open_session(context, home, config), id_)
    try:
        with backup_errors_as_failures(file):
            made = export_backup(folder, file, overwrite=force)
    except DamagedCheckpointError as error:
        raise Failure(f"{error}; nothing was written", Exit.DAMAGED) from None
    except Failure:
        if file.exists() and not force:
            raise Failure(f"{file}: exists; replace it with --force", Exit.CANNOT_WRITE) from None
        raise
    print(f"{made.run_id}/{made.id} exported to {file} ({size(file.stat().st_size)})")
    return Exit.OK


def import_(
    context: typer.Context,
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="A tar file that export wrote.", parser=named_path),
    ],
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """Verify a backup in a tar file and copy it to the backups."""
    session = open_session(context, home, config)
    directory = backup_directory(session.load_config(), session.paths)
    if not file.is_file():
        raise Failure(f"{file}: no such file", Exit.NOT_FOUND)
    try:
        with backup_errors_as_failures(directory):
            made, is_new = import_backup(file, directory)
    except (ArchiveError, DamagedCheckpointError) as error:
        raise Failure(f"{file}: {error}; nothing was imported", Exit.DAMAGED) from None
    where = directory / made.run_id / made.id
    print(
        f"{where} imported; `landerctl backups --all-runs` lists it"
        if is_new
        else f"{where} exists already, identical and whole"
    )
    return Exit.OK
