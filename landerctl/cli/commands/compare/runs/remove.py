"""`landerctl runs rm`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from checks.wording import size
from daemon.backup.catalog import backup_directory, list_folders
from daemon.base.paths import RunPaths
from daemon.base.text.counted import counted
from landerctl.cli.arguments.completion import completer
from landerctl.cli.arguments.named_run import named_run
from landerctl.cli.shared.prompt import confirm
from landerctl.cli.shared.session import ConfigFile, Home, Json, Session, examples, open_session
from landerctl.exitcodes import Exit
from landerctl.failure import Failure, interruption
from landerctl.operations.runs.recording import record_removal
from landerctl.operations.runs.removal import (
    PlannedRemoval,
    Removed,
    finish_removals,
    plan_removal,
    remove_backups_of,
    remove_run,
)

EXAMPLES = examples(
    "landerctl runs rm slow-ramp --dry-run        what would be removed, and what stays",
    "landerctl runs rm slow-ramp wide-ramp --yes",
    "landerctl runs rm slow-ramp --backups        its backups too, but the pinned ones",
    "landerctl runs rm                            finish a removal that was killed",
)


class RemovalOutput(msgspec.Struct, frozen=True):
    """What `--json` prints: what was planned, and what is done; nothing with `--dry-run`."""

    planned: list[PlannedRemoval]
    removed: list[Removed]


def remove(
    context: typer.Context,
    runs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[RUN]...", help="Runs: ids or names.", autocompletion=completer("runs")
        ),
    ] = None,
    *,
    backups: Annotated[
        bool, typer.Option("--backups", help="Remove their backups too, but the pinned ones.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Remove nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: Json = False,
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """Remove runs with their checkpoints, evaluations and logs.

    It asks first. Backups are kept: `landerctl restore` brings such a run back. The current run is
    refused, one whose trainer runs, and one that another run was forked from unless that is removed
    too.
    """
    session = open_session(context, home, config)
    directory = backup_directory(session.load_config(), session.paths)
    finished = [] if dry_run else finish_removals(session.paths, directory)
    _record(session, finished, as_json=as_json)
    known = {text for one in finished for text in (one.run_id, one.name)}
    wanted = [text for text in dict.fromkeys(runs or []) if text not in known]
    gone = [text for text in wanted if backups and _has_only_backups(session, text, directory)]
    found = [named_run(session, text) for text in wanted if text not in gone]
    try:
        planned = plan_removal(
            session.paths, list(dict.fromkeys(found)), directory, with_backups=backups
        )
    except OSError as error:
        raise Failure(f"{error.filename}: {error.strerror}", Exit.CANNOT_WRITE) from None
    if not as_json:
        _show(planned, gone, directory)
    removed = list(finished)
    if not dry_run and (planned or gone):
        if not yes:
            _confirm()
        with interruption("what was begun is finished by the next `landerctl runs rm`"):
            for one in planned:
                run = RunPaths(session.paths.runs / one.run_id)
                done = remove_run(session.paths, run, directory, with_backups=backups)
                _record(session, [done], as_json=as_json)
                removed.append(done)
            for run_id in gone:
                done = remove_backups_of(session.paths, run_id, directory)
                _record(session, [done], as_json=as_json)
                removed.append(done)
    if as_json:
        print(msgspec.json.encode(RemovalOutput(planned, removed)).decode())
    elif not wanted and not finished:
        print("no removal to finish")
    return Exit.OK


def _has_only_backups(session: Session, text: str, directory: Path) -> bool:
    folders = {folder.name for folder in list_folders(directory)}
    return text in folders and not session.paths.run(text).folder.exists()


def _show(planned: Sequence[PlannedRemoval], gone: Sequence[str], directory: Path) -> None:
    for one in planned:
        use = one.disk
        print(
            f"{one.name} ({one.run_id}): {size(one.bytes_removed)}: checkpoints "
            f"{size(use.checkpoints)}, TensorBoard {size(use.tensorboard)}, evaluations "
            f"{size(use.evaluations)}, other {size(use.other)}"
        )
        total = one.backups_removed + one.backups_kept
        if one.backups_removed:
            print(f"  {one.backups_removed} of {counted(total, 'backup')} too, {one.pinned} pinned")
        if one.backups_kept:
            print(
                f"  {counted(one.backups_kept, 'backup')} kept, {one.pinned} pinned: `landerctl "
                f"restore {directory} --run {one.run_id}` brings the run back"
            )
    for run_id in gone:
        print(f"{run_id}: only its backups are left; those that are not pinned")


def _confirm() -> None:
    if not sys.stdin.isatty():
        raise Failure("not a terminal; confirm the removal with --yes", Exit.USAGE)
    confirm("Remove this for good?")


def _record(session: Session, removed: Sequence[Removed], *, as_json: bool) -> None:
    for one in removed:
        fault = record_removal(session.paths, one)
        if fault is not None:
            print(f"{one.run_id}: no event was recorded: {fault}", file=sys.stderr)
        if not as_json:
            what = f"{size(one.bytes)}" if one.name else "backups"
            too = f", and {counted(one.backups, 'backup')}" if one.backups and one.name else ""
            print(f"{one.name or one.run_id} removed ({what}{too})")
