"""Flies a best model and the reference pilot on the fresh seeds, by landerctl's own commands."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import msgspec
import numpy as np

from benchmarks.results.flights import Descent, Flights
from benchmarks.results.making.home import Training
from daemon.protocol.flight import REFERENCE
from daemon.runs.dispersion.record import DispersedResult
from daemon.runs.evaluations import EvaluationResult, list_evaluations
from daemon.runs.trajectories import Trajectories, read_trajectories

FRESH_SEED = 500_000_003  # not used by training or by the evaluations that chose the model
DESCENTS = 4  # seeds whose whole descents are kept
_EVERY_S = 2.0  # of those
COMMAND = str(Path(sys.executable).with_name("landerctl"))


def fly(training: Training, stage: int, episodes: int, *, reference: bool = False) -> Flights:
    """The flights of the best model or of the reference pilot; those that the run stored already.

    Raises OSError, TrajectoriesError, and CalledProcessError when the command fails.
    """
    pilot = REFERENCE if reference else training.best.id
    asked = pilot, stage, episodes, FRESH_SEED
    for stored in reversed(list_evaluations(training.run.evaluations).whole):
        result = stored.result
        if (result.pilot, result.stage, result.episodes, result.first_seed) == asked:
            return of_trajectories(result, read_trajectories(stored.trajectories))
    who = "--pilot=reference" if reference else f"{training.run.id}/{pilot}"
    text = landerctl(
        training.home,
        "evaluate",
        who,
        *("--stage", str(stage), "--episodes", str(episodes)),
        *("--first-seed", str(FRESH_SEED), "--json"),
    )
    result = msgspec.convert(json.loads(text), EvaluationResult)
    stored = next(
        one for one in list_evaluations(training.run.evaluations).whole if one.result == result
    )
    return of_trajectories(result, read_trajectories(stored.trajectories))


def fly_dispersed(training: Training, stage: int, episodes: int) -> DispersedResult:
    """The best model and the reference pilot under the default dispersions.

    Raises CalledProcessError when the command fails.
    """
    text = landerctl(
        training.home,
        "evaluate",
        f"{training.run.id}/{training.best.id}",
        "--disperse",
        *("--stage", str(stage), "--episodes", str(episodes)),
        *("--first-seed", str(FRESH_SEED), "--json"),
    )
    return msgspec.json.decode(text, type=DispersedResult)


def of_trajectories(result: EvaluationResult, flown: Trajectories) -> Flights:
    """What an evaluation's trajectories say of each flight, rounded."""
    return Flights(
        result=result,
        outcomes=[str(outcome) for outcome in flown.outcomes],
        reward=_rounded(flown.reward, 1),
        x_m=_rounded(flown.last("x_m"), 2),
        y_m=_rounded(flown.last("y_m"), 2),
        touchdown_speed_m_s=_rounded_or_none(flown.touchdown_speed_m_s, 3),
        touchdown_tilt_deg=_rounded_or_none(flown.touchdown_tilt_deg, 2),
        fuel_left=_rounded(flown.last("propellant_fraction"), 5),
        descents=[_descent(flown, k) for k in range(min(DESCENTS, len(flown.seeds)))],
    )


def _descent(flown: Trajectories, episode: int) -> Descent:
    rows = flown.flight(episode)
    column = {name: flown.column(name)[rows].astype(float) for name in flown.columns}
    touched = np.flatnonzero(column["feet_down"] > 0)
    airborne = int(touched[0]) if len(touched) else len(column["time_s"])
    # Of what is stored a row each second, and the end.
    kept = np.unique([*range(0, airborne, round(_EVERY_S)), airborne - 1])
    speed = np.hypot(column["descent_rate_m_s"], column["horizontal_speed_m_s"])
    return Descent(
        time_s=_rounded(column["time_s"][kept], 1),
        distance_m=_rounded(np.hypot(column["x_m"], column["y_m"])[kept], 1),
        height_m=_rounded((column["height_m"] + column["ground_height_m"])[kept], 1),
        speed_m_s=_rounded(speed[kept], 2),
        used=_rounded(1.0 - column["propellant_fraction"][kept], 4),
    )


def _rounded(values: np.ndarray, digits: int) -> list[float]:
    return [round(float(value), digits) for value in values]


def _rounded_or_none(values: np.ndarray, digits: int) -> list[float | None]:
    return [round(float(value), digits) if np.isfinite(value) else None for value in values]


def landerctl(home: Path, *arguments: str) -> str:
    """Run the command on a state folder; what it printed. Raises CalledProcessError."""
    command = [COMMAND, *arguments, "--home", str(home)]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
