"""`landerctl backups`."""

from __future__ import annotations

import sys
import time
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from checks.wording import duration, number, percent, size
from daemon.backup.catalog import backup_directory, list_folders
from daemon.base.paths import StatePaths
from daemon.base.text.counted import counted
from daemon.base.text.one_line import one_line
from daemon.config import Config
from daemon.runs.references import UnknownRunError
from daemon.runs.run_folder import current_run
from landerctl.cli.arguments.backups import find_run_id_of_backups
from landerctl.cli.arguments.runs import RunId
from landerctl.cli.shared.session import ConfigFile, Home, Json, Session, examples, open_session
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.operations.states.state_listing import Entry, collect, collect_others, other_runs

PIPE_COLUMNS = 200
ROOMY_COLUMNS = 100
SHOWN = 30  # on a terminal; a pipe gets all
_PLACES = {"checkpoint": "run only", "backup": "backup only", "both": "run, backup"}
EXAMPLES = examples(
    "landerctl backups",
    "landerctl backups --json | jq -r '.[-1].id'",
    "landerctl backups --run quiet-crater",
    "landerctl backups --all-runs | grep pinned",
)


def backups(
    context: typer.Context,
    *,
    everything: Annotated[
        bool, typer.Option("--all", help=f"List all, not only the newest {SHOWN}, on a terminal.")
    ] = False,
    all_runs: Annotated[
        bool, typer.Option("--all-runs", help="List the backups of other runs too.")
    ] = False,
    run_id: RunId = None,
    as_json: Json = False,
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """List a run's checkpoints and their backups: what `rollback` can return to."""
    session = open_session(context, home, config)
    settings = session.load_config()
    if all_runs and run_id is not None:
        raise Failure("--run and --all-runs: give only one of them", Exit.USAGE)
    try:
        named = None if run_id is None else _run_id(session, settings, run_id)
        entries = collect_others(session.paths, settings) if all_runs else []
        entries += collect(session.paths, settings, named)
        others = "" if all_runs or named is not None else _others(session.paths, settings)
    except OSError as error:
        raise Failure(f"{error.filename}: {error.strerror}") from None
    if as_json:
        print(msgspec.json.encode(entries).decode())
        return Exit.OK
    if not entries:
        print("No checkpoints and no backups yet")
    else:
        run = current_run(session.paths)
        _print_table(entries, run.id if run else "", time.time(), everything)
    if others:
        print(others, file=sys.stderr)
    return Exit.OK


def _run_id(session: Session, config: Config, text: str) -> str:
    try:
        return find_run_id_of_backups(session, backup_directory(config, session.paths), text)
    except UnknownRunError as error:
        raise Failure(f"--run {error}", Exit.NOT_FOUND) from None


def _others(paths: StatePaths, config: Config) -> str:
    """A line with the number of other runs' backups; empty if there are none."""
    directory = backup_directory(config, paths)
    counts = [len(list_folders(directory / run_id)) for run_id in other_runs(paths, directory)]
    if not sum(counts):
        return ""
    return f"{counted(sum(counts), 'backup')} of {counted(len(counts), 'other run')}: --all-runs"


def _print_table(entries: list[Entry], run_id: str, now_s: float, everything: bool) -> None:
    console = Console(highlight=False)
    if not console.is_terminal:
        # Full rows for grep and awk, independent of any terminal's width.
        console = Console(highlight=False, width=PIPE_COLUMNS)
    elif len(entries) > SHOWN and not everything:
        console.print(f"{len(entries) - SHOWN} older ones: --all")
        entries = entries[-SHOWN:]
    roomy = console.width >= ROOMY_COLUMNS
    table = Table(box=None, pad_edge=False)
    table.add_column("ID", no_wrap=True)
    for name in ("AGE", "STAGE", "SUCCESS", *(["REWARD"] if roomy else []), "SIZE"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("STATE", overflow="fold", min_width=10)
    for entry in entries:
        row = [
            entry.id if entry.run_id == run_id else f"{entry.run_id}/{entry.id}",
            "-" if entry.created_s is None else duration(now_s - entry.created_s),
            "-" if entry.stage is None else str(entry.stage),
            "-" if entry.success_rate is None else percent(entry.success_rate),
            *(["-" if entry.reward_mean is None else number(entry.reward_mean)] if roomy else []),
            "-" if entry.size_bytes is None else size(entry.size_bytes),
            _state(entry),
        ]
        # As Text: square brackets in a note are not markup.
        style = "red" if entry.state == "damaged" else ""
        table.add_row(*(Text(one_line(cell), style) for cell in row))
    console.print(table)


def _state(entry: Entry) -> str:
    parts = [_PLACES[entry.place]] if entry.state != "damaged" else [entry.place, "damaged"]
    parts += ["newest"] if entry.state == "newest" else []
    parts += ["pinned"] if entry.pinned else []
    parts += ["imported" if entry.accepted else "imported, not accepted"] if entry.imported else []
    return f"{', '.join(parts)}: {entry.note}" if entry.note else ", ".join(parts)
