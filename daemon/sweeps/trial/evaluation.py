"""Objectives of a fresh evaluation: `python -m daemon.trainer evaluate` on fixed seeds."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from threading import Event as Stop

import msgspec

from daemon.base.malformed import MALFORMED
from daemon.base.paths import RunPaths
from daemon.runs.evaluations import EvaluationResult
from daemon.sweeps.spec.schema import Objective
from daemon.sweeps.trial.errors import TrialError
from daemon.sweeps.trial.objectives import EVALUATED, SUCCESS

POLL_S = 0.2
Flight = tuple[int | None, int, int]  # stage (None: the checkpoint's), episodes, first seed


def evaluated_values(
    run: RunPaths,
    checkpoint: Path,
    objectives: Sequence[Objective],
    *,
    command: Callable[[RunPaths, Path, Flight], Sequence[str]],
    environment: Mapping[str, str],
    log: Path,
    stop: Stop,
) -> dict[str, float] | None:
    """The values of the objectives that need an evaluation, by metric; None if `stop` was set.

    ``success``: the share of landings; ``success_low``: the lower end of its 95% Wilson score
    interval (Wilson, JASA 22 (1927) 209). Objectives of the same flights are flown once. Raises
    TrialError, OSError.
    """
    values: dict[str, float] = {}
    flown: dict[Flight, EvaluationResult] = {}
    for objective in objectives:
        if objective.metric not in EVALUATED:
            continue
        flight = (objective.stage, objective.episodes, objective.seed)
        if flight not in flown:
            output = _fly(command(run, checkpoint, flight), environment, log, stop)
            if output is None:
                return None
            flown[flight] = _decoded(output)
        values[objective.metric] = _value(flown[flight], objective.metric)
    return values


def _value(result: EvaluationResult, metric: str) -> float:
    rate = result.success_rate
    return rate.mean if metric == SUCCESS or rate.low is None else rate.low


def evaluation_command(run: RunPaths, checkpoint: Path, flight: Flight) -> list[str]:
    """The command line of an evaluation; it prints `EvaluationResult`."""
    stage, episodes, seed = flight
    return [
        *(sys.executable, "-m", "daemon.trainer", "--end-with-input", "evaluate"),
        *("--run", str(run.folder), "--checkpoint", str(checkpoint), "--json"),
        *("--episodes", str(episodes), "--first-seed", str(seed)),
        *(() if stage is None else ("--stage", str(stage))),
    ]


def _fly(
    command: Sequence[str], environment: Mapping[str, str], log: Path, stop: Stop
) -> bytes | None:
    """What the evaluation prints; None if it was stopped. Raises TrialError, OSError."""
    lifeline, held = os.pipe()
    try:
        with log.open("ab") as errors:
            process = subprocess.Popen(
                command,
                stdin=lifeline,  # it ends with us
                stdout=subprocess.PIPE,
                stderr=errors,
                env=dict(environment),
                cwd="/",
            )
        os.close(lifeline)
        while True:
            try:
                output, _ = process.communicate(timeout=POLL_S)
                break
            except subprocess.TimeoutExpired:
                if stop.is_set():
                    process.kill()
                    process.communicate()
                    return None
    finally:
        os.close(held)
    if process.returncode:
        raise TrialError(f"the evaluation ended with code {process.returncode}; see {log}")
    return output


def _decoded(output: bytes) -> EvaluationResult:
    try:
        return msgspec.json.decode(output, type=EvaluationResult)
    except MALFORMED as error:
        raise TrialError(f"the evaluation printed no result: {error}") from None
