"""`landerctl evaluate`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from daemon.backup import UnknownIdError, backup_directory, find_source
from daemon.checkpoint.catalog import newest_whole
from daemon.checkpoint.manifest import DamagedCheckpointError
from daemon.config import Config, ConfigError
from daemon.paths import RunPaths
from daemon.runs import current_run, read_run_config
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
    stages = len(_run_config(run).curriculum.stages)
    if stage is not None and stage > stages:
        raise Failure(f"--stage {stage}: allowed 1 to {stages}", Exit.USAGE)
    folder = _choose(run, backup_directory(settings, session.paths), checkpoint)
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


def _run_config(run: RunPaths) -> Config:
    try:
        return read_run_config(run)
    except ConfigError as error:
        raise Failure(str(error), Exit.CONFIG) from None


def _choose(run: RunPaths, backups: Path, id_: str | None) -> Path:
    try:
        if id_ is not None:
            return find_source(run, backups, id_)
        newest = newest_whole(run.checkpoints)
    except UnknownIdError as error:
        raise Failure(str(error), Exit.NOT_FOUND) from None
    except DamagedCheckpointError as error:
        raise Failure(f"{error}; choose another, `landerctl backups` lists them") from None
    except OSError as error:
        raise Failure(f"{error.filename}: {error.strerror}") from None
    if newest is None:
        raise Failure(f"{run.checkpoints}: holds no whole checkpoint yet", Exit.NOT_FOUND)
    return run.checkpoints / newest.id
