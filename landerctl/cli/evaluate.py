"""`landerctl evaluate`."""

from __future__ import annotations

from typing import Annotated

import typer

from daemon.runs import current_run
from landerctl.cli.checkpoint import find_checkpoint, run_config
from landerctl.cli.complete import complete_ids
from landerctl.cli.heavy import become_trainer
from landerctl.cli.session import ConfigFile, Home, Json, examples, open_session
from landerctl.exitcodes import Exit
from landerctl.failure import Failure

EXAMPLES = examples(
    "landerctl evaluate",
    "landerctl evaluate 000012-600000-gate --episodes 500 --stage 2 --json",
)


def evaluate(
    context: typer.Context,
    *,
    checkpoint: Annotated[
        str | None,
        typer.Argument(
            metavar="CHECKPOINT",
            help="A checkpoint or backup (default: the newest checkpoint).",
            autocompletion=complete_ids,
            show_default=False,
        ),
    ] = None,
    episodes: Annotated[
        int | None,
        typer.Option(min=1, help="Landings to fly (default: evaluation.episodes)."),
    ] = None,
    stage: Annotated[
        int | None, typer.Option(min=1, help="Stage to fly (default: the checkpoint's).")
    ] = None,
    as_json: Json = False,
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """Fly the policy's mean action on evaluation seeds and tell how often and how it lands."""
    session = open_session(context, home, config)
    settings = session.load_config()
    run = current_run(session.paths)
    if run is None:
        raise Failure(
            f"{session.paths.home}: there is no run to evaluate; `landerctl start` begins one",
            Exit.NOT_FOUND,
        )
    stages = len(run_config(run).curriculum.stages)
    if stage is not None and stage > stages:
        raise Failure(f"--stage {stage}: allowed 1 to {stages}", Exit.USAGE)
    folder = find_checkpoint(session, run, checkpoint)
    return become_trainer(
        session,
        [
            "evaluate",
            *("--run", str(run.folder)),
            *("--checkpoint", str(folder)),
            *("--episodes", str(episodes or settings.evaluation.episodes)),
            # The trainer knows which stage a run of one stage flies.
            *([] if stage is None else ["--stage", str(stage)]),
            *(["--json"] if as_json else []),
        ],
    )
