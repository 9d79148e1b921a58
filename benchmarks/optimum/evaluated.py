"""What a stored evaluation's landings used, as a ratio of the least possible."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec
import numpy as np

from benchmarks.optimum.compare import optima_of, report_ratios
from benchmarks.optimum.starts import NamedStart, read_starts
from daemon.config.load import load_config
from daemon.runs.evaluations import EvaluationResult
from daemon.runs.trajectories import Trajectories, read_trajectories
from daemon.trainer.fleets import build_fleet
from env.physics.vehicles import VEHICLES

_SAME_M = 0.5  # positions are stored in single precision


def report_evaluation(path: Path, most: int) -> None:
    """Print the ratios of at most `most` of its seeds, the first ones. `path`: its JSON.

    Exits with a message if it began elsewhere than the default configuration's stage does.
    """
    result = msgspec.json.decode(path.read_bytes(), type=EvaluationResult)
    flown = read_trajectories(path.with_suffix(".npz"))
    count = min(most, len(flown.seeds))
    vehicle = VEHICLES[result.vehicle]
    config = load_config(None, {"fleet": {"vehicle": vehicle.name}}).config
    stage = config.curriculum.stages[result.stage - 1]
    fleet = build_fleet(config, stage, count)
    starts = read_starts(fleet, vehicle, result.first_seed)
    if not all(_began_there(flown, k, named) for k, named in enumerate(starts)):
        sys.exit(f"{path}: flown from other starts than those of the default stage {result.stage}")
    left = flown.last("propellant_fraction")
    used_kg = [
        named.propellant_kg * (1.0 - float(left[k])) if flown.outcomes[k] == "landed" else None
        for k, named in enumerate(starts)
    ]
    optima = [optima_of(named, vehicle, stage.time_limit_s) for named in starts]
    fleet.close()
    report_ratios(f"{vehicle.name}, stage {result.stage}: {result.pilot}", used_kg, optima)


def _began_there(flown: Trajectories, k: int, named: NamedStart) -> bool:
    first = flown.flight(k).start
    seen = np.array([flown.column(name)[first] for name in ("x_m", "y_m")])
    return bool(np.abs(seen - named.feet_m[:2]).max() < _SAME_M)
