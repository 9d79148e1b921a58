"""`landerctl runs` and `landerctl runs list`."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from daemon.backup.catalog import backup_directory
from daemon.base.malformed import MALFORMED
from daemon.base.text.counted import counted
from daemon.config import load_config
from daemon.config.differing import frozen_settings, settings_by_name
from landerctl.cli.arguments.completion import completer
from landerctl.cli.commands.compare.runs.listing import show
from landerctl.cli.shared.session import ConfigFile, Home, Json, Session, examples, open_session
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.operations.runs.disk import disk_use
from landerctl.operations.runs.fields import (
    FIELDS,
    ConditionError,
    ordered,
    parse_condition,
    selected,
)
from landerctl.operations.runs.summary import RunSummary, list_runs

EXAMPLES = examples(
    "landerctl runs",
    "landerctl runs list --tag baseline --where 'stage>=3' --where 'success>80%' --sort steps",
    "landerctl runs list --where 'ppo.clip_range=0.1'",
    "landerctl runs list --disk --all",
    "landerctl runs --json | jq '.[].id'",
)
_MEANINGS = {name: field.meaning for name, field in FIELDS.items()}


def list_(
    context: typer.Context,
    *,
    tags: Annotated[
        list[str] | None,
        typer.Option("--tag", metavar="TAG", help="Only runs with this tag; repeatable."),
    ] = None,
    where: Annotated[
        list[str] | None,
        typer.Option(
            "--where",
            metavar="CONDITION",
            help="Only runs for which it holds, such as stage>=3 or ppo.gamma<0.99; repeatable. "
            f"Fields: {', '.join(FIELDS)}, and each setting. Operators: = != < <= > >=, ~ for "
            "contains.",
        ),
    ] = None,
    sort: Annotated[
        str | None,
        typer.Option(
            metavar="FIELD",
            help="Numbers from the highest, texts from A (default: the newest first).",
            autocompletion=completer(words=_MEANINGS),
            show_default=False,
        ),
    ] = None,
    reverse: Annotated[bool, typer.Option("--reverse", help="In the opposite order.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="Archived ones too.")] = False,
    disk: Annotated[bool, typer.Option("--disk", help="What each uses on the disk.")] = False,
    wide: Annotated[
        bool, typer.Option("--wide", help="All columns, on a narrow terminal too.")
    ] = False,
    as_json: Json = False,
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """List the runs of this state folder, the newest first."""
    if context.invoked_subcommand is not None:
        return Exit.OK
    session = open_session(context, home, config)
    now_s = time.time()
    try:
        runs = list_runs(session.paths)
        found = runs if everything else [one for one in runs if one.metadata.archived_s is None]
        hidden = len(runs) - len(found)
        found = [run for run in found if set(tags or ()) <= set(run.metadata.tags)]
        found = _matching(session, found, where or [], now_s)
        if sort:
            found = ordered(found, sort, now_s, reverse=reverse)
        elif reverse:
            found.reverse()
        if disk:
            directory = backup_directory(session.load_config(), session.paths)
            found = [_measured(session, run, directory) for run in found]
    except ConditionError as error:
        raise Failure(str(error), Exit.USAGE) from None
    except OSError as error:
        raise Failure(f"{error.filename}: {error.strerror}", Exit.CANNOT_WRITE) from None
    if as_json:
        print(msgspec.json.encode(found).decode())
    elif found:
        names = {run.id: run.name for run in runs}
        show(found, names, now_s, disk=disk, wide=wide)
        if hidden:
            print(f"{counted(hidden, 'archived run')}: --all", file=sys.stderr)
    else:
        print(f"{session.paths.home}: {_why_none(runs, hidden)}", file=sys.stderr)
    return Exit.OK


def _matching(
    session: Session, runs: list[RunSummary], where: list[str], now_s: float
) -> list[RunSummary]:
    """Those for which all conditions hold. Raises ConditionError, OSError."""
    if not where:
        return runs

    @cache
    def defaults() -> dict[str, Any]:
        return frozen_settings(load_config(None).config)

    def settings_of(run: RunSummary) -> Mapping[str, Any]:
        # Not the whole check of a configuration: that takes 10 ms a run.
        try:
            content = session.paths.run(run.id).config.read_bytes()
            return defaults() | settings_by_name(msgspec.json.decode(content, type=dict))
        except (FileNotFoundError, *MALFORMED):
            return {}

    conditions = [parse_condition(text, lambda: list(defaults())) for text in where]
    return selected(runs, conditions, now_s, settings_of)


def _measured(session: Session, run: RunSummary, backups: Path) -> RunSummary:
    use = disk_use(session.paths.run(run.id), backups)
    return msgspec.structs.replace(run, disk=use)


def _why_none(runs: list[RunSummary], hidden: int) -> str:
    if not runs:
        return "no run yet; `landerctl start` creates one"
    if hidden == len(runs):
        return "all runs are archived; `landerctl runs list --all` lists them"
    return "no run matches"
