"""`landerctl episodes`."""

from __future__ import annotations

import math
import shlex
import time
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from checks.wording import duration, number, percent
from daemon.runs.run_folder import current_run, find_run
from daemon.store.episodes import StoredEpisode
from daemon.store.reader import StoreError, StoreReader
from landerctl.cli.arguments.completion import completer
from landerctl.cli.arguments.runs import RunId, find_run_id
from landerctl.cli.arguments.times import SINCE, UNTIL, moment
from landerctl.cli.shared.session import ConfigFile, Home, Json, examples, open_session
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.flight.summary import fly_arguments
from landerctl.operations.episode_summary import CAUSES, OutcomeSummary, summarize_outcomes
from landerctl.operations.states.find_checkpoint import NEWEST
from landerctl.operations.states.named_state import state_name
from landerctl.program import program

EXAMPLES = examples(
    "landerctl episodes",
    "landerctl episodes --failed --cause crashed --limit 50",
    "landerctl episodes --stage 3 --since 1h",
    "landerctl episodes --json | jq -r '.failed[-1].again'",
)


_HEADS = (
    "AGE",
    "STAGE",
    "CAUSE",
    "MISS m",
    "UP m",
    "DOWN m/s",
    "SIDE m/s",
    "TILT °",
    "SPIN °/s",
    "TOUCH m/s",
    "FUEL",
    "STEPS",
    "SEED",
)


class ListedEpisode(StoredEpisode, frozen=True, kw_only=True):
    """A failed episode, and the command that flies its start again."""

    distance_m: float | None
    again: str


class EpisodesOutput(msgspec.Struct, frozen=True):
    """The output of `landerctl episodes --json`. Times are Unix seconds."""

    run_id: str
    outcomes: list[OutcomeSummary]
    failed: list[ListedEpisode]  # in the order of their ends


def episodes(
    context: typer.Context,
    *,
    failed: Annotated[
        bool, typer.Option("--failed", help="Only list failed episodes, without the summary.")
    ] = False,
    stage: Annotated[
        int | None, typer.Option(min=1, help="Only episodes of this stage.", show_default=False)
    ] = None,
    cause: Annotated[
        str | None,
        typer.Option(
            metavar="CAUSE",
            help=f"Only failed episodes that ended so: {', '.join(CAUSES)}.",
            autocompletion=completer(words=dict.fromkeys(CAUSES, "")),
            show_default=False,
        ),
    ] = None,
    limit: Annotated[int, typer.Option(help="Number of newest failed episodes.", min=1)] = 20,
    since: Annotated[str | None, SINCE] = None,
    until: Annotated[str | None, UNTIL] = None,
    run_id: RunId = None,
    as_json: Json = False,
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """Show how training episodes ended, and the newest that failed: where, how fast, which seed."""
    session = open_session(context, home, config)
    if cause is not None and cause not in CAUSES:
        raise Failure(f"--cause {cause}: one of {', '.join(CAUSES)}", Exit.USAGE)
    now_s = time.time()
    since_s = moment(since, now_s) if since else 0.0
    until_s = moment(until, now_s) if until else now_s
    current = current_run(session.paths)
    try:
        with StoreReader.open(session.paths.store) as reader:
            if run_id is not None:
                run = find_run_id(session, run_id, [one.run_id for one in reader.sessions()])
            elif current is not None:
                run = current.id
            else:
                raise Failure(
                    f"{session.paths.home}: no run; `landerctl start` creates one", Exit.NOT_FOUND
                )
            counts = reader.outcomes(run, stage=stage, since_s=since_s, until_s=until_s)
            # The typical values of a cause are of all that are kept, not of those that are listed.
            kept = reader.failed_episodes(
                run, stage=stage, cause=None, since_s=since_s, until_s=until_s, limit=-1
            )
    except StoreError as error:
        raise Failure(str(error), Exit.UNKNOWN) from None
    if not counts:
        raise Failure(f"run {run}: no training episode has ended in that time", Exit.NOT_FOUND)
    newest = [one for one in kept if cause in (None, one.cause)][-limit:]
    outcomes = summarize_outcomes(counts, kept)
    # Given before or after the verb.
    named = home or context.find_root().params.get("home")
    folder = find_run(session.paths, run)
    pilot = NEWEST if folder is None else state_name(session.paths, folder, NEWEST)
    listed = [_listed(one, pilot, named) for one in newest]
    if as_json:
        print(msgspec.json.encode(EpisodesOutput(run, outcomes, listed)).decode())
        return Exit.OK
    console = Console(highlight=False)
    if not failed:
        console.print(_summary(outcomes))
        console.print()
    _print_failed(console, listed, now_s, flies=folder is not None)
    return Exit.OK


def _listed(one: StoredEpisode, pilot: str, home: Path | None) -> ListedEpisode:
    words = [program(), *fly_arguments(pilot, one.difficulty, one.seed)]
    words += [] if home is None else ["--home", str(home)]
    distance_m = None if one.x_m is None or one.y_m is None else math.hypot(one.x_m, one.y_m)
    return ListedEpisode(
        **msgspec.structs.asdict(one), distance_m=distance_m, again=shlex.join(words)
    )


def _summary(outcomes: list[OutcomeSummary]) -> Table:
    table = Table(
        "OUTCOME", "EPISODES", "SHARE", "TOUCHDOWN", "DISTANCE", "FUEL", box=None, pad_edge=False
    )
    for one in outcomes:
        table.add_row(
            one.outcome,
            number(one.count),
            percent(one.share),
            _with_unit(one.touchdown_speed_m_s, "m/s", 1),
            _with_unit(one.distance_m, "m"),
            "-" if one.fuel_fraction is None else percent(one.fuel_fraction),
        )
    return table


def _print_failed(
    console: Console, listed: list[ListedEpisode], now_s: float, *, flies: bool
) -> None:
    if not listed:
        console.print("no failed episode is kept of that time")
        return
    rows = [_HEADS, *(_cells(one, now_s) for one in listed)]
    widths = [max(len(row[k]) for row in rows) for k in range(len(_HEADS))]
    for row in rows:
        line = "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        console.print(line, soft_wrap=True)
    if flies:
        console.print(
            f"Fly the last one's start again, with the run's newest policy: {listed[-1].again}",
            style="dim",
            soft_wrap=True,
        )


def _cells(one: ListedEpisode, now_s: float) -> tuple[str, ...]:
    return (
        duration(now_s - one.time_s),
        f"{one.difficulty:.4g}",
        one.cause,
        _figure(one.distance_m),
        _figure(one.altitude_m),
        _figure(one.descent_rate_m_s, 1),
        _figure(one.horizontal_speed_m_s, 1),
        _figure(one.tilt_deg),
        _figure(one.spin_deg_s),
        _figure(one.touchdown_speed_m_s, 1),
        "-" if one.fuel_fraction is None else percent(one.fuel_fraction),
        str(one.steps),
        str(one.seed),
    )


def _figure(value: float | None, digits: int = 0) -> str:
    return "-" if value is None else number(value, digits)


def _with_unit(value: float | None, unit: str, digits: int = 0) -> str:
    return "-" if value is None else f"{number(value, digits)} {unit}"
