"""`landerctl film`."""

from __future__ import annotations

import math
import re
import secrets
from pathlib import Path
from typing import Annotated

import typer

from daemon.protocol.flight import REFERENCE
from landerctl.cli.arguments.checkpoints import (
    PILOTS,
    STATE_HELP,
    find_checkpoint,
    run_config,
    split_state,
)
from landerctl.cli.arguments.completion import completer
from landerctl.cli.shared.exec_trainer import become_trainer
from landerctl.cli.shared.session import (
    ConfigFile,
    Home,
    Json,
    Session,
    examples,
    named_path,
    open_session,
)
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.new_file import check_new_file

EXAMPLES = examples(
    "landerctl film --out landing.gif",
    "landerctl film best --seed 7 --out landing.mp4",
    "landerctl film quiet-crater/newest --stage 5 --speed 4 --out descent.mp4",
    "landerctl film best --size 640x360 --out landing.gif --json | jq .outcome",
)
SUFFIXES = (".mp4", ".gif")
SEEDS = 2**32  # range of random seeds; --seed accepts any 64-bit one
LEAST_SIZE, MOST_SIZE = (320, 180), (3840, 2160)
FASTEST = 100.0


def film(
    context: typer.Context,
    *,
    pilot: Annotated[
        str,
        typer.Argument(
            metavar="PILOT",
            help=f"'{REFERENCE}', or a checkpoint or backup: {STATE_HELP}.",
            autocompletion=completer("states", PILOTS),
        ),
    ] = REFERENCE,
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            metavar="FILE",
            help="The film: .mp4 (extra 'film') or .gif.",
            parser=named_path,
        ),
    ],
    seed: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=2**64 - 1,
            help="Seed of start state and terrain (default: random).",
            show_default=False,
        ),
    ] = None,
    stage: Annotated[
        int | None,
        typer.Option(
            min=1, help="Stage to fly (default: the checkpoint's, else 1).", show_default=False
        ),
    ] = None,
    speed: Annotated[
        float, typer.Option(metavar="FACTOR", help="How much faster than the flight.")
    ] = 1.0,
    size: Annotated[
        str, typer.Option(metavar="WxH", help="Width and height in pixels, even.")
    ] = "960x540",
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
    as_json: Json = False,
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """Film one episode: terrain, craft, plume, figures and how it ended."""
    session = open_session(context, home, config)
    if not (math.isfinite(speed) and 0.0 < speed <= FASTEST):
        raise Failure(f"--speed {speed:g}: must be above 0, at most {FASTEST:g}", Exit.USAGE)
    width, height = _size(size)
    if out.suffix not in SUFFIXES:
        raise Failure(f"--out {out}: must be a {' or '.join(SUFFIXES)} file", Exit.USAGE)
    check_new_file(out, force=force, option="--out")
    return become_trainer(
        session,
        [
            "film",
            *_who(session, pilot, stage),
            *("--seed", str(secrets.randbelow(SEEDS) if seed is None else seed)),
            *([] if stage is None else ["--stage", str(stage)]),
            *("--speed", repr(speed), "--width", str(width), "--height", str(height)),
            f"--out={out}",  # one argument: Path makes "-x.mp4" of "./-x.mp4"
            *(["--json"] if as_json else []),
        ],
    )


def _who(session: Session, pilot: str, stage: int | None) -> list[str]:
    if pilot == REFERENCE:
        _check_stage(stage, len(session.load_config().curriculum.stages))
        return session.sources().without_variables().arguments()
    run, state = split_state(session, pilot)
    _check_stage(stage, len(run_config(run).curriculum.stages))
    if state == REFERENCE:
        return ["--run", str(run.folder)]
    return ["--run", str(run.folder), "--checkpoint", str(find_checkpoint(session, run, state))]


def _check_stage(stage: int | None, stages: int) -> None:
    if stage is not None and stage > stages:
        raise Failure(f"--stage {stage}: allowed 1 to {stages}", Exit.USAGE)


def _size(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d{1,5})x(\d{1,5})", text)
    size = (int(match[1]), int(match[2])) if match else (0, 0)
    fits = all(
        low <= side <= high and side % 2 == 0
        for low, side, high in zip(LEAST_SIZE, size, MOST_SIZE, strict=True)
    )
    if not fits:
        raise Failure(
            f"--size {text}: must be two even numbers like 960x540, "
            f"{LEAST_SIZE[0]}x{LEAST_SIZE[1]} to {MOST_SIZE[0]}x{MOST_SIZE[1]}",
            Exit.USAGE,
        )
    return size
