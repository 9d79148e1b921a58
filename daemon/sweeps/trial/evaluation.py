"""Objectives of a fresh evaluation: `python -m daemon.trainer evaluate` on fixed seeds."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from daemon.base.malformed import MALFORMED
from daemon.base.paths import RunPaths
from daemon.runs.evaluations import EvaluationResult
from daemon.sweeps.spec.schema import Objective
from daemon.sweeps.trial.below import Surroundings, run_below
from daemon.sweeps.trial.errors import TrialError
from daemon.sweeps.trial.objectives import EVALUATED, SUCCESS

Flight = tuple[int | None, int, int]  # stage (None: the checkpoint's), episodes, first seed


def evaluated_values(
    run: RunPaths,
    checkpoint: Path,
    objectives: Sequence[Objective],
    *,
    command: Callable[[RunPaths, Path, Flight], Sequence[str]],
    around: Surroundings,
) -> dict[str, float]:
    """The values of the objectives that need an evaluation, by metric.

    ``success``: the share of landings; ``success_low``: the lower end of its 95% Wilson score
    interval (Wilson, JASA 22 (1927) 209). Objectives of the same flights are flown once. Raises
    TrialError, StoppedError, OSError.
    """
    values: dict[str, float] = {}
    flown: dict[Flight, EvaluationResult] = {}
    for objective in objectives:
        if objective.metric not in EVALUATED:
            continue
        flight = (objective.stage, objective.episodes, objective.seed)
        if flight not in flown:
            ended = run_below(command(run, checkpoint, flight), around)
            if ended.code:
                raise TrialError(f"the evaluation ended with code {ended.code}; see {around.log}")
            flown[flight] = _decoded(ended.output)
        values[objective.metric] = _value(flown[flight], objective.metric)
    return values


def _value(result: EvaluationResult, metric: str) -> float:
    rate = result.success_rate
    return rate.mean if metric == SUCCESS or rate.low is None else rate.low


def evaluation_command(run: RunPaths, checkpoint: Path, flight: Flight) -> list[str]:
    """The command line of an evaluation; it prints `EvaluationResult`."""
    stage, episodes, seed = flight
    return [
        *(sys.executable, "-P", "-m", "daemon.trainer", "evaluate"),
        *("--run", str(run.folder), "--checkpoint", str(checkpoint), "--json"),
        *("--episodes", str(episodes), "--first-seed", str(seed)),
        *(() if stage is None else ("--stage", str(stage))),
    ]


def _decoded(output: bytes) -> EvaluationResult:
    try:
        return msgspec.json.decode(output, type=EvaluationResult)
    except MALFORMED as error:
        raise TrialError(f"the evaluation printed no result: {error}") from None
