"""`landerctl backup verify`."""

from __future__ import annotations

import math
import sys
import time
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from daemon.backup.catalog import backup_directory, list_folders
from daemon.backup.verification.inspection import read_faults, record_faults
from daemon.backup.verification.verified import read_verified
from daemon.base.text.one_line import one_line
from daemon.runs.run_folder import current_run
from landerctl.cli.arguments.backups import backup_errors_as_failures, find_backup
from landerctl.cli.arguments.completion import completer
from landerctl.cli.shared.session import ConfigFile, Home, Json, Session, examples, open_session
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.operations.states.find_checkpoint import ALIASES

EXAMPLES = examples(
    "landerctl backup verify                      all of the current run",
    "landerctl backup verify 000012-600000-gate",
    "landerctl backup verify --sample 5           the 5 verified longest ago",
    "landerctl backup verify --all --json | jq '.[] | select(.faults != [])'",
)


class Found(msgspec.Struct, frozen=True):
    """The result for one backup, as `--json` prints it."""

    run_id: str
    id: str
    faults: list[str]  # one line per damaged file


def verify(
    context: typer.Context,
    ids: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[ID]...",
            help="Backups, as ID, RUN or RUN/ID.",
            autocompletion=completer("states", ALIASES),
        ),
    ] = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="All backups of every run.")] = False,
    sample: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Of all runs the N backups verified longest ago."),
    ] = None,
    as_json: Json = False,
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """Verify every byte of backups and list each damaged file."""
    if sum((bool(ids), everything, sample is not None)) > 1:
        raise Failure("use only one of: backup ids, --all, --sample", Exit.USAGE)
    session = open_session(context, home, config)
    found: list[Found] = []
    unrecorded = ""
    for folder in _chosen(session, ids or [], everything, sample):
        with backup_errors_as_failures(folder.parent.parent):
            faults = read_faults(folder)
        try:
            faults = record_faults(folder, faults, time.time())
        except OSError as error:
            # Backups on a read-only or a full disk are verified all the same.
            unrecorded = f"{error.filename or folder}: {error.strerror or error}"
        found.append(Found(folder.parent.name, folder.name, faults))
        if not as_json:
            for fault in faults:
                print(one_line(f"{folder.parent.name}/{fault}"), flush=True)
    if unrecorded:
        print(f"landerctl: the result is not recorded: {unrecorded}", file=sys.stderr)
    damaged = [one for one in found if one.faults]
    if as_json:
        print(msgspec.json.encode(found).decode())
    elif damaged:
        print(
            f"{len(damaged)} of {len(found)} damaged: move them away; those whose checkpoint still "
            "exists are copied again"
        )
    else:
        print(f"{len(found)} verified, no damage" if found else "No backups yet")
    return Exit.DAMAGED if damaged else Exit.OK


def _chosen(session: Session, ids: list[str], everything: bool, sample: int | None) -> list[Path]:
    if ids:
        return [find_backup(session, id_) for id_ in ids]
    directory = backup_directory(session.load_config(), session.paths)
    run = current_run(session.paths)
    with backup_errors_as_failures(directory):
        runs = list_folders(directory)
        if not everything and sample is None:
            runs = [folder for folder in runs if run is not None and folder.name == run.id]
        if sample is None:
            return [folder for one in runs for folder in list_folders(one)]
        known = {one: read_verified(one).whole for one in runs}
        folders = [folder for one in runs for folder in list_folders(one)]
        folders.sort(key=lambda folder: known[folder.parent].get(folder.name, -math.inf))
        return folders[:sample]
