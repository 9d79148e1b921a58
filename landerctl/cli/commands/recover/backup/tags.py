"""`landerctl backup pin` and `unpin`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from daemon.backup.catalog import read_tag, write_tag
from daemon.backup.lock import backups_lock
from daemon.backup.record import TAG, Tag, read_backup
from daemon.checkpoint.manifest import DamagedCheckpointError
from landerctl.cli.arguments.backups import BackupId, backup_errors_as_failures, find_backup
from landerctl.cli.shared.session import ConfigFile, Home, examples, open_session
from landerctl.exitcodes import Exit
from landerctl.failure import Failure

EXAMPLES = examples(
    "landerctl backup pin 000012-600000-gate --note 'the one in the paper'",
    "landerctl backup unpin 000012-600000-gate",
)


def pin(
    context: typer.Context,
    id_: BackupId,
    note: Annotated[str | None, typer.Option(help="A note to find it by.", metavar="TEXT")] = None,
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """Keep a backup permanently: it is never pruned."""
    folder = find_backup(open_session(context, home, config), id_)
    _tag(folder, pinned=True, note=note)
    print(f"{folder.name} of run {folder.parent.name} is pinned")
    return Exit.OK


def unpin(
    context: typer.Context, id_: BackupId, home: Home = None, config: ConfigFile = None
) -> int:
    """Allow a backup to be pruned again; its note stays."""
    folder = find_backup(open_session(context, home, config), id_)
    _tag(folder, pinned=False, note=None)
    print(f"{folder.name} of run {folder.parent.name} is not pinned")
    return Exit.OK


def _tag(folder: Path, *, pinned: bool, note: str | None) -> None:
    directory = folder.parent.parent
    try:
        with backup_errors_as_failures(directory), backups_lock(directory):
            backup = read_backup(folder)
            write_tag(directory, backup, Tag(note=_note(folder, note), pinned=pinned))
    except DamagedCheckpointError as error:
        raise Failure(f"{error}; a damaged backup cannot be changed", Exit.DAMAGED) from None


def _note(folder: Path, note: str | None) -> str:
    """The new note, else the existing one; empty if the tag cannot be read."""
    if note is not None:
        return note
    try:
        return read_tag(folder.with_name(f"{folder.name}{TAG}")).note
    except (FileNotFoundError, DamagedCheckpointError):
        return ""
