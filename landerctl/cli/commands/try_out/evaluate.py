"""`landerctl evaluate`."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from daemon.base.paths import RunPaths
from daemon.config import Config
from daemon.protocol.flight import REFERENCE
from daemon.runs.metadata import read_metadata
from daemon.runs.references import SEPARATOR
from daemon.runs.run_folder import all_runs, current_run
from landerctl.cli.arguments.checkpoints import (
    PILOTS,
    STATE_HELP,
    find_checkpoint,
    run_config,
    split_state,
)
from landerctl.cli.arguments.completion import completer
from landerctl.cli.arguments.dispersions import Disperse, dispersed
from landerctl.cli.shared.exec_trainer import become_trainer
from landerctl.cli.shared.session import ConfigFile, Home, Json, Session, examples, open_session
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.operations.states.find_checkpoint import NEWEST
from landerctl.program import program

EXAMPLES = examples(
    "landerctl evaluate",
    "landerctl evaluate best --episodes 500 --stage 5 --json",
    "landerctl evaluate 000012-600000-gate --stage 2",
    "landerctl evaluate quiet-crater/newest --stage 2",
    "landerctl evaluate --pilot reference --episodes 500 --stage 5",
    "landerctl evaluate best quiet-crater/best --episodes 500",
    "landerctl evaluate best reference --json | jq .success",
    "landerctl evaluate best --disperse --episodes 200",
    "landerctl evaluate best --disperse mine.toml --json",
)


def evaluate(
    context: typer.Context,
    *,
    state: Annotated[
        str | None,
        typer.Argument(
            metavar="STATE",
            help=f"A checkpoint or backup: {STATE_HELP} (default: 'newest').",
            autocompletion=completer("states", PILOTS),
            show_default=False,
        ),
    ] = None,
    other: Annotated[
        str | None,
        typer.Argument(
            metavar="OTHER",
            help="Compare STATE with this one, on the same seeds and in its run's environment.",
            autocompletion=completer("states", PILOTS),
            show_default=False,
        ),
    ] = None,
    pilot: Annotated[
        str | None,
        typer.Option(
            metavar="PILOT",
            help=f"The pilot: '{REFERENCE}', or a state as above.",
            autocompletion=completer("states", PILOTS),
            show_default=False,
        ),
    ] = None,
    episodes: Annotated[
        int | None,
        typer.Option(min=1, help="Number of episodes (default: evaluation.episodes)."),
    ] = None,
    stage: Annotated[
        int | None, typer.Option(min=1, help="Stage to fly (default: the checkpoint's).")
    ] = None,
    first_seed: Annotated[
        int | None,
        typer.Option(min=0, help="Seed of the first episode (default: evaluation.seed)."),
    ] = None,
    disperse: Disperse = None,
    as_json: Json = False,
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """Fly deterministic episodes on evaluation seeds; compare two states seed by seed.

    Result and trajectories are saved in the run's folder, where `landerctl plot` finds them. With
    --disperse the episodes are flown nominal, with each parameter dispersed alone and with all of
    them, beside the reference pilot, and compared seed by seed.
    """
    if state is not None and pilot is not None:
        raise Failure(f"{state} and --pilot {pilot}: give only one of them", Exit.USAGE)
    session = open_session(context, home, config)
    settings = session.load_config()
    named_home = home or context.find_root().params.get("home")
    again = shlex.join([program(), "fly", *(["--home", str(named_home)] if named_home else [])])
    run: RunPaths | None
    if state is not None and other is not None:
        if disperse is not None:
            raise Failure(
                f"{state} and {other}: --disperse flies one state, beside the reference pilot",
                Exit.USAGE,
            )
        run, named = _pair(session, state, other, again)
    else:
        run, named = _of_run(session, pilot or state or NEWEST)
    _check_stage(stage, settings if run is None else run_config(run))
    return become_trainer(
        session,
        [
            *named,
            *("--episodes", str(episodes or settings.evaluation.episodes)),
            # By default the trainer chooses the run's stage.
            *([] if stage is None else ["--stage", str(stage)]),
            *([] if first_seed is None else ["--first-seed", str(first_seed)]),
            *([] if disperse is None else [*dispersed(disperse), "--again", again]),
            *(["--json"] if as_json else []),
        ],
    )


def _of_run(session: Session, who: str) -> tuple[RunPaths | None, list[str]]:
    """The run in whose environment to fly, if it is one's, and what. Raises Failure."""
    if who == REFERENCE and current_run(session.paths) is None:
        return None, [
            "evaluate",
            "--reference",
            *session.sources().without_variables().arguments(),
        ]
    if not any(all_runs(session.paths)):
        raise Failure(
            f"{session.paths.home}: no run to evaluate; `landerctl start` creates one, and "
            f"`landerctl evaluate --pilot {REFERENCE}` needs none",
            Exit.NOT_FOUND,
        )
    run, state = split_state(session, who)
    named = ["evaluate", "--run", str(run.folder)]
    if state == REFERENCE:
        return run, [*named, "--reference"]
    return run, [*named, "--checkpoint", str(find_checkpoint(session, run, state))]


def _pair(session: Session, first: str, second: str, again: str) -> tuple[RunPaths, list[str]]:
    """The run in whose environment to fly, and which two. Raises Failure."""
    sides = [split_state(session, text) for text in (first, second)]
    states = [
        REFERENCE if state == REFERENCE else str(find_checkpoint(session, run, state))
        for run, state in sides
    ]
    if states[0] == states[1]:
        raise Failure(f"{first} and {second}: are the same; give two states", Exit.USAGE)
    (run, _), (others, _) = sides
    if first == REFERENCE:  # of no run
        run = others
    elif second == REFERENCE:
        others = run
    vehicles = [run_config(one).fleet.vehicle for one in (run, others)]
    if vehicles[0] != vehicles[1]:
        raise Failure(
            f"{first} flies {vehicles[0]}, {second} {vehicles[1]}: one environment has one "
            "vehicle; evaluate each by itself",
            Exit.USAGE,
        )
    named = ["evaluate-pair", "--run", str(run.folder)]
    for side, state in zip((run, others), states, strict=True):
        # The folder of a state, or REFERENCE.
        name = f"{read_metadata(side).name}{SEPARATOR}{Path(state).name}"
        named += ["--side", name, str(side.folder), state]
    return run, [*named, "--again", again]


def _check_stage(stage: int | None, config: Config) -> None:
    stages = len(config.curriculum.stages)
    if stage is not None and stage > stages:
        raise Failure(f"--stage {stage}: allowed 1 to {stages}", Exit.USAGE)
