"""`landerctl fly`."""

from __future__ import annotations

import math
import secrets
import shlex
import sys
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console

from daemon.base.text.counted import counted
from daemon.protocol.flight import REFERENCE
from daemon.runs.run_folder import all_runs
from landerctl.cli.arguments.checkpoints import (
    PILOTS,
    STATE_HELP,
    find_checkpoint,
    run_config,
    split_state,
)
from landerctl.cli.arguments.completion import completer
from landerctl.cli.arguments.dispersions import Disperse, Only, dispersed
from landerctl.cli.shared.session import (
    ConfigFile,
    Home,
    Session,
    examples,
    named_path,
    open_session,
)
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.flight.player import Flight, print_lines, show_live
from landerctl.flight.screen import report
from landerctl.flight.source import flight_process
from landerctl.flight.summary import FlightSummary, fly_arguments, summarize, summary_lines
from landerctl.flight.trajectory import check_target, save
from landerctl.operations.states.named_state import state_name
from landerctl.program import program

EXAMPLES = examples(
    "landerctl fly --stage 3",
    "landerctl fly --stage 5 --speed 8 --save descent.csv",
    "landerctl fly --pilot best",
    "landerctl fly --pilot 000012-600000-gate --stage 2 --seed 7",
    "landerctl fly --pilot quiet-crater --stage 2",
    "landerctl fly --stage 4 --json | jq .touchdown_speed_m_s",
    "landerctl fly --pilot best --stage 2 --seed 7 --disperse --only thrust",
)
REAL_TIME = 1.0
SEEDS = 2**32  # range of random seeds; --seed accepts any 64-bit one


def fly(
    context: typer.Context,
    *,
    pilot: Annotated[
        str,
        typer.Option(
            metavar="PILOT",
            help=f"'{REFERENCE}', or a checkpoint or backup, which flies its mean action: "
            f"{STATE_HELP}. RUN/{REFERENCE}: in that run's environment.",
            autocompletion=completer("states", PILOTS),
        ),
    ] = REFERENCE,
    stage: Annotated[
        int | None,
        typer.Option(
            min=1, help="Stage to fly (default: the checkpoint's, else 1).", show_default=False
        ),
    ] = None,
    difficulty: Annotated[
        float | None,
        typer.Option(
            min=1.0,
            help="Fly on the ramp between two stages: 2.5 is half-way from stage 2 to stage 3.",
            show_default=False,
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=2**64 - 1,
            help="Seed of start state and terrain (default: random).",
            show_default=False,
        ),
    ] = None,
    disperse: Disperse = None,
    only: Only = None,
    speed: Annotated[
        str | None,
        typer.Option(
            metavar="FACTOR",
            help="Factor of real time; 'max' or 0: as fast as possible "
            "(default: 1 on a terminal, else max).",
            show_default=False,
        ),
    ] = None,
    save_to: Annotated[
        Path | None,
        typer.Option(
            "--save",
            metavar="FILE",
            help="Write the trajectory: .csv or .npz.",
            show_default=False,
            parser=named_path,
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print only the summary, as one JSON object.")
    ] = False,
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """Fly one episode and show it: live on a terminal, else as text lines."""
    session = open_session(context, home, config)
    console = Console(highlight=False)
    live = console.is_terminal and not console.is_dumb_terminal and not as_json
    pace = _pace(speed, REAL_TIME if live else None)
    if save_to is not None:
        check_target(save_to, force=force)
    number = secrets.randbelow(SEEDS) if seed is None else seed
    if difficulty is not None:
        if stage is not None:
            raise Failure("--stage and --difficulty: give only one of them", Exit.USAGE)
        if not math.isfinite(difficulty):
            raise Failure(f"--difficulty {difficulty}: must be a number", Exit.USAGE)
        stage = math.ceil(difficulty)
    if pilot == REFERENCE:
        name, who = REFERENCE, _reference(session, stage)
    else:
        name, who = _of_run(session, pilot, stage)
    if difficulty is not None:
        who += ["--difficulty", repr(difficulty)]
    deviating = dispersed(disperse, only)
    who += deviating
    with flight_process([*who, "--seed", str(number)], session.paths.operator_log) as process:
        if live:
            flight, ended = show_live(process, console, pace)
        else:
            flight, ended = print_lines(process, None if as_json else console, pace)
    if save_to is not None:
        check_target(save_to, force=force)
        save(save_to, flight.began, flight.samples)
    summary = summarize(flight.began, ended, str(save_to.resolve()) if save_to else None)
    if as_json:
        print(msgspec.json.encode(summary).decode())
    else:
        _print(console, flight, summary)
        before = context.find_root().params  # given before the verb
        options = shlex.join(
            [
                *fly_arguments(name, difficulty or float(summary.stage), summary.seed),
                *deviating,
                *_given("--config", *(config or before.get("config") or ())),
                *_given("--home", home or before.get("home")),
            ]
        )
        console.print(f"Again: {program()} {options}", style="dim", soft_wrap=True)
    sys.stdout.flush()
    return Exit.OK


def _pace(named: str | None, default: float | None) -> float | None:
    if named is None:
        return default
    if named == "max":
        return None
    try:
        factor = float(named)
    except ValueError:
        factor = -1.0
    if not 0.0 <= factor <= 1e6:
        raise Failure(f"--speed {named}: must be a number of at least 0, or max", Exit.USAGE)
    return factor or None


def _reference(session: Session, stage: int | None) -> list[str]:
    sources = session.sources().without_variables()
    stages = len(session.load_config().curriculum.stages)
    number = 1 if stage is None else stage
    _check_stage(number, stages)
    return ["--stage", str(number), *sources.arguments()]


def _of_run(session: Session, pilot: str, stage: int | None) -> tuple[str, list[str]]:
    """The pilot's full name, and the arguments of its process."""
    if not any(all_runs(session.paths)):
        raise Failure(
            f"--pilot {pilot}: no run in {session.paths.home}, so no checkpoint to fly; "
            f"the pilot {REFERENCE!r} needs none",
            Exit.NOT_FOUND,
        )
    run, state = split_state(session, pilot)
    if stage is not None:
        _check_stage(stage, len(run_config(run).curriculum.stages))
    if state == REFERENCE:
        return f"{run.id}/{REFERENCE}", ["--run", str(run.folder), "--stage", str(stage or 1)]
    folder = find_checkpoint(session, run, state)
    named = [] if stage is None else ["--stage", str(stage)]
    who = ["--run", str(run.folder), "--checkpoint", str(folder), *named]
    return state_name(session.paths, run, folder.name), who


def _check_stage(stage: int, stages: int) -> None:
    if stage > stages:
        raise Failure(f"--stage {stage}: allowed 1 to {stages}", Exit.USAGE)


def _print(console: Console, flight: Flight, summary: FlightSummary) -> None:
    lines = summary_lines(flight.began, summary)
    if console.is_terminal:
        columns, rows = console.size
        console.print(report(flight.began, flight.samples, lines, columns=columns, rows=rows))
    else:
        for line in lines:
            console.print(line, soft_wrap=True)
    if summary.drawn:
        console.print(f"Dispersed: {summary.drawn}", soft_wrap=True)
    if summary.saved is not None:
        console.print(
            f"{counted(len(flight.samples), 'sample')} saved in {summary.saved}", soft_wrap=True
        )


def _given(option: str, *values: Path | None) -> list[str]:
    return [word for value in values if value is not None for word in (option, str(value))]
