"""Reads an evaluation's trajectories into plain numbers. Imports numpy: load it when needed."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from daemon.runs.trajectories import Trajectories, TrajectoriesError, read_trajectories
from landerctl.tui.landings.records import Flight, worst_first

PATH_POINTS = 240  # of a flight; more than a drawing has dots across 120 columns


def read_flights(path: Path) -> tuple[Flight, ...]:
    """The flights of a trajectory file, the worst first. Raises TrajectoriesError."""
    trajectories = read_trajectories(path)
    try:
        return worst_first([_flight(trajectories, e) for e in range(len(trajectories.seeds))])
    except KeyError as error:
        raise TrajectoriesError(f"{path}: the column {error} is missing") from None


def _flight(of: Trajectories, episode: int) -> Flight:
    rows = of.flight(episode)
    x_m, y_m = of.column("x_m")[rows], of.column("y_m")[rows]
    height_m = of.column("height_m")[rows] + of.column("ground_height_m")[rows]
    time_s, left = of.column("time_s")[rows], of.column("propellant_fraction")[rows]
    bearing_rad = math.atan2(y_m[0], x_m[0])
    downrange_m = x_m * math.cos(bearing_rad) + y_m * math.sin(bearing_rad)
    kept = np.unique(np.linspace(0, len(x_m) - 1, PATH_POINTS).astype(int))
    return Flight(
        seed=int(of.seeds[episode]),
        outcome=str(of.outcomes[episode]),
        reward=float(of.reward[episode]),
        x_m=float(x_m[-1]),
        y_m=float(y_m[-1]),
        touchdown_speed_m_s=_finite(of.touchdown_speed_m_s[episode]),
        touchdown_tilt_deg=_finite(of.touchdown_tilt_deg[episode]),
        propellant_left=_finite(left[-1]),
        flown_s=float(time_s[-1] - time_s[0]),
        path=tuple(zip(downrange_m[kept].tolist(), height_m[kept].tolist(), strict=True)),
    )


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
