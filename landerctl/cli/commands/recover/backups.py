"""`landerctl backups`."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from checks.wording import duration, number, percent, size
from daemon.backup.catalog import BackupListing, backup_directory, list_folders, scan
from daemon.backup.restorable import Restorable, restorables
from daemon.base.paths import StatePaths
from daemon.checkpoint.catalog import Listing, list_checkpoints
from daemon.config import Config
from daemon.runs.run_folder import current_run
from landerctl.cli.shared.session import ConfigFile, Home, Json, examples, open_session
from landerctl.exitcodes import Exit
from landerctl.failure import Failure

PIPE_COLUMNS = 200
ROOMY_COLUMNS = 100
SHOWN = 30  # in a terminal; a pipe gets all
_PLACES = {"checkpoint": "run only", "backup": "backup only", "both": "run, backup"}
EXAMPLES = examples(
    "landerctl backups",
    "landerctl backups --json | jq -r '.[-1].id'",
    "landerctl backups --all-runs | grep pinned",
)


class Entry(msgspec.Struct, frozen=True):
    """A state that `rollback` can return to, or the remains of one."""

    run_id: str
    id: str
    place: Literal["checkpoint", "backup", "both"]  # the run's own copy, the backup, or both
    state: Literal["newest", "whole", "damaged"]
    pinned: bool
    created_s: float | None  # Unix time
    stage: int | None
    timesteps: int | None
    success_rate: float | None
    reward_mean: float | None
    size_bytes: int | None
    note: str  # what is wrong with a damaged one


def collect(paths: StatePaths, config: Config) -> list[Entry]:
    """The current run's checkpoints and their backups, oldest first. Raises OSError."""
    run = current_run(paths)
    if run is None:
        return []
    checkpoints = list_checkpoints(run.checkpoints)
    return _entries(run.id, checkpoints, scan(backup_directory(config, paths), run.id))


def collect_others(paths: StatePaths, config: Config) -> list[Entry]:
    """The backups of all other runs, oldest first. Raises OSError."""
    directory = backup_directory(config, paths)
    found: list[Entry] = []
    for run_id in _other_runs(paths, directory):
        found += _entries(run_id, Listing([], []), scan(directory, run_id))
    return sorted(found, key=lambda entry: entry.created_s or 0.0)


def backups(
    context: typer.Context,
    *,
    everything: Annotated[
        bool, typer.Option("--all", help=f"More than the newest {SHOWN}, in a terminal too.")
    ] = False,
    all_runs: Annotated[
        bool, typer.Option("--all-runs", help="The backups of other runs as well.")
    ] = False,
    as_json: Json = False,
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """List the run's checkpoints and their backups: what `rollback` can return to."""
    session = open_session(context, home, config)
    settings = session.load_config()
    try:
        entries = collect_others(session.paths, settings) if all_runs else []
        entries += collect(session.paths, settings)
        others = "" if all_runs else _others(session.paths, settings)
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


def _other_runs(paths: StatePaths, directory: Path) -> list[str]:
    run = current_run(paths)
    return [path.name for path in list_folders(directory) if run is None or path.name != run.id]


def _others(paths: StatePaths, config: Config) -> str:
    """A line about other runs' backups, empty where there are none. Reads no record."""
    directory = backup_directory(config, paths)
    counts = [len(list_folders(directory / run_id)) for run_id in _other_runs(paths, directory)]
    if not sum(counts):
        return ""
    return f"{sum(counts)} backup(s) of {len(counts)} other run(s): --all-runs"


def _print_table(entries: list[Entry], run_id: str, now_s: float, everything: bool) -> None:
    console = Console(highlight=False)
    if not console.is_terminal:
        # Whole rows for grep and awk, whatever width a terminal would have had.
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
        # As Text: a note in square brackets is no markup.
        style = "red" if entry.state == "damaged" else ""
        table.add_row(*(Text(cell, style) for cell in row))
    console.print(table)


def _state(entry: Entry) -> str:
    words = [_PLACES[entry.place]] if entry.state != "damaged" else [entry.place, "damaged"]
    words += ["newest"] if entry.state == "newest" else []
    words += ["pinned"] if entry.pinned else []
    return f"{', '.join(words)}: {entry.note}" if entry.note else ", ".join(words)


def _entries(run_id: str, checkpoints: Listing, copies: BackupListing) -> list[Entry]:
    newest = checkpoints.whole[-1].id if checkpoints.whole else None
    entries = [_entry(item, newest) for item in restorables(run_id, checkpoints, copies)]
    entries += [_damaged(run_id, "checkpoint", *one) for one in checkpoints.damaged]
    return entries + [_damaged(run_id, "backup", *one) for one in copies.damaged]


def _entry(item: Restorable, newest: str | None) -> Entry:
    manifest = item.manifest
    source = f"rolled back to {manifest.restored_from}" if manifest.restored_from else ""
    return Entry(
        run_id=manifest.run_id,
        id=item.id,
        place=item.place,
        state="newest" if item.id == newest else "whole",
        pinned=item.tag.pinned,
        created_s=manifest.created_s,
        stage=manifest.stage,
        timesteps=manifest.timesteps,
        success_rate=manifest.success_rate,
        reward_mean=manifest.reward_mean,
        size_bytes=manifest.size_bytes,
        note=item.tag.note or source,
    )


def _damaged(run_id: str, place: Literal["checkpoint", "backup"], path: Path, text: str) -> Entry:
    return Entry(
        run_id, path.name, place, "damaged", False, None, None, None, None, None, None, text
    )
