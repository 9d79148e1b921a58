"""`landerctl backups`."""

from __future__ import annotations

import time
from typing import Literal

import msgspec
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from checks.wording import duration, number, percent, size
from daemon.backup.catalog import backup_directory, scan
from daemon.backup.restorable import Restorable, restorables
from daemon.checkpoint.catalog import list_checkpoints
from daemon.config import Config
from daemon.paths import StatePaths
from daemon.runs import current_run
from landerctl.cli.session import ConfigFile, Home, Json, examples, open_session
from landerctl.exitcodes import Exit
from landerctl.failure import Failure

PIPE_COLUMNS = 200
ROOMY_COLUMNS = 100
_PLACES = {"checkpoint": "run only", "backup": "backup only", "both": "run, backup"}
EXAMPLES = examples("landerctl backups", "landerctl backups --json | jq -r '.[-1].id'")


class Entry(msgspec.Struct, frozen=True):
    """A state that `rollback` can return to, or the remains of one."""

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
    copies = scan(backup_directory(config, paths), run.id)
    newest = checkpoints.whole[-1].id if checkpoints.whole else None
    entries = [_entry(item, newest) for item in restorables(run.id, checkpoints, copies)]
    entries += [_damaged("checkpoint", path.name, text) for path, text in checkpoints.damaged]
    return entries + [_damaged("backup", path.name, text) for path, text in copies.damaged]


def backups(
    context: typer.Context, as_json: Json = False, home: Home = None, config: ConfigFile = None
) -> int:
    """List the run's checkpoints and their backups: what `rollback` can return to."""
    session = open_session(context, home, config)
    try:
        entries = collect(session.paths, session.load_config())
    except OSError as error:
        raise Failure(f"{error.filename}: {error.strerror}") from None
    if as_json:
        print(msgspec.json.encode(entries).decode())
    elif not entries:
        print("No checkpoints and no backups yet")
    else:
        _print_table(entries, time.time())
    return Exit.OK


def _print_table(entries: list[Entry], now_s: float) -> None:
    console = Console(highlight=False)
    if not console.is_terminal:
        # Whole rows for grep and awk, whatever width a terminal would have had.
        console = Console(highlight=False, width=PIPE_COLUMNS)
    roomy = console.width >= ROOMY_COLUMNS
    table = Table(box=None, pad_edge=False)
    table.add_column("ID", no_wrap=True)
    for name in ("AGE", "STAGE", "SUCCESS", *(["REWARD"] if roomy else []), "SIZE"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("STATE", overflow="fold", min_width=10)
    for entry in entries:
        row = [
            entry.id,
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


def _entry(item: Restorable, newest: str | None) -> Entry:
    manifest = item.manifest
    source = f"rolled back to {manifest.restored_from}" if manifest.restored_from else ""
    return Entry(
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


def _damaged(place: Literal["checkpoint", "backup"], id_: str, text: str) -> Entry:
    return Entry(id_, place, "damaged", False, None, None, None, None, None, None, text)
