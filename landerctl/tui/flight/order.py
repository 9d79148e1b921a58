"""Which episode is flown, as the arguments of its process and of the command that repeats it."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass

from checks.wording import short_number
from daemon.backup.restoring.restorable import Restorable
from daemon.base.paths import StatePaths
from daemon.config import ConfigError, find_sources
from daemon.protocol.flight import REFERENCE
from daemon.runs.evaluations import EvaluationResult
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.tui.data.snapshot import Snapshot


@dataclass(frozen=True)
class FlightOrder:
    """A pilot and an episode."""

    pilot: str  # a checkpoint's or backup's id, NEWEST of landerctl.operations, or REFERENCE
    seed: int
    difficulty: float | None = None  # a stage, or on the ramp to the next; None: the checkpoint's
    note: str = ""  # what the viewer must know, one line


def order_of_evaluation(
    result: EvaluationResult, seed: int, states: Sequence[Restorable]
) -> FlightOrder:
    """The flight of a seed of an evaluation, by the state that was evaluated.

    The training evaluates between checkpoints: then by the one of `states` that was saved nearest.
    """
    stage = float(result.stage)
    evaluated = re.fullmatch(r"(\d+)-steps", result.pilot)
    if result.pilot == REFERENCE:
        return FlightOrder(result.pilot, seed, stage)
    if evaluated is None or not states:
        return FlightOrder(result.pilot, seed, stage, "as in the evaluation")
    timesteps = int(evaluated[1])
    nearest = min(states, key=lambda one: abs(one.manifest.timesteps - timesteps))
    later = nearest.manifest.timesteps - timesteps
    if later == 0:
        note = "saved when it was evaluated"
    else:
        side = "after" if later > 0 else "before"
        note = f"saved {short_number(abs(later))} steps {side} the evaluation"
    return FlightOrder(nearest.id, seed, stage, f"{nearest.id}, {note}")


def process_arguments(order: FlightOrder, snapshot: Snapshot, paths: StatePaths) -> list[str]:
    """The arguments of `python -m daemon.trainer fly`. Reads the checkpoint. Raises Failure."""
    run = snapshot.status.run
    flown = [] if order.difficulty is None else _where(order.difficulty)
    if order.pilot == REFERENCE:
        daemon = snapshot.status.daemon
        try:
            sources = find_sources(
                (), paths.home, os.environ, recorded=daemon.sources if daemon else None
            ).without_variables()
        except ConfigError as error:
            raise Failure(str(error), Exit.CONFIG) from None
        return [*(flown or ["--stage", "1"]), *sources.arguments(), "--seed", str(order.seed)]
    if run is None:
        raise Failure(f"{paths.home}: no run, so no checkpoint to fly", Exit.NOT_FOUND)
    backups = snapshot.backups or paths.backups
    # Knows all about backups and their verification: for a flight only.
    from landerctl.operations.states.find_checkpoint import find_checkpoint_folder  # noqa: PLC0415

    folder = find_checkpoint_folder(paths.run(run.id), backups, order.pilot)
    who = ["--run", str(paths.run(run.id).folder), "--checkpoint", str(folder)]
    return [*who, *flown, "--seed", str(order.seed)]


def _where(difficulty: float) -> list[str]:
    stage = ["--stage", str(math.ceil(difficulty))]
    return stage if difficulty.is_integer() else [*stage, "--difficulty", repr(difficulty)]
