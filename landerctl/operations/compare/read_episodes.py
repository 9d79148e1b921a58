"""What single episodes of an evaluation came to, by seed. Imports numpy: slow."""

from __future__ import annotations

import math

from daemon.runs.evaluations import Evaluation
from daemon.runs.trajectories import TrajectoriesError, read_trajectories
from landerctl.operations.compare.differences import Ended


def read_episodes(evaluation: Evaluation) -> dict[int, Ended] | None:
    """The episodes by seed; None if their file is missing or damaged."""
    try:
        found = read_trajectories(evaluation.trajectories)
        x_m, y_m = found.last("x_m"), found.last("y_m")
        fuel_left = found.last("propellant_fraction")
    except (TrajectoriesError, KeyError):
        return None
    return {
        int(seed): Ended(
            landed=str(found.outcomes[index]) == "landed",
            touchdown_speed_m_s=float(found.touchdown_speed_m_s[index]),
            distance_m=math.hypot(x_m[index], y_m[index]),
            fuel_left=float(fuel_left[index]),
        )
        for index, seed in enumerate(found.seeds)
    }
