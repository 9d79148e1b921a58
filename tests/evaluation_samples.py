"""An evaluation such as `landerctl evaluate` keeps, with no simulation behind it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from daemon.runs.evaluations import Evaluation, EvaluationResult, save_evaluation
from daemon.runs.statistics.intervals import mean_interval, wilson_interval
from daemon.runs.trajectories import Trajectories, encode_trajectories

COLUMNS = (
    "time_s",
    "x_m",
    "y_m",
    "height_m",
    "ground_height_m",
    "descent_rate_m_s",
    "horizontal_speed_m_s",
    "tilt_deg",
    "propellant_fraction",
    "engine_thrust",
    "landing_thrust",
    "feet_down",
)


def trajectories(outcomes: tuple[str, ...], miss_m: float = 1.0) -> Trajectories:
    """Straight descents from 50 m, one a second longer than the one before; each ends on the
    ground `miss_m` or, where it did not land, ten times as far from the pad. A craft that ran out
    of time or was aborted touches nothing."""
    rows = []
    for episode, outcome in enumerate(outcomes):
        count = 12 + episode
        share = np.linspace(0.0, 1.0, count)
        touched = outcome not in ("timeout", "aborted")
        end_m = miss_m if outcome == "landed" else 10.0 * miss_m
        table = np.zeros((count, len(COLUMNS)), np.float32)
        table[:, 0] = np.arange(count)
        distance_m = 40.0 + (end_m - 40.0) * share
        table[:, 1] = distance_m * np.cos(episode)
        table[:, 2] = distance_m * np.sin(episode)
        table[:, 3] = 50.0 * (1.0 - share) + (0.0 if touched else 5.0)
        table[:, 5] = 5.0 * (1.0 - share) + 0.5
        table[:, 8] = 1.0 - 0.1 * share
        table[-1, 11] = 4.0 if touched else 0.0
        rows.append(table)
    touches = np.array([outcome not in ("timeout", "aborted") for outcome in outcomes])
    heights_m = np.geomspace(0.1, 1000.0, 20)
    return Trajectories(
        columns=np.array(COLUMNS),
        rows=np.concatenate(rows),
        offsets=np.cumsum([0, *(len(table) for table in rows)]),
        seeds=np.arange(500, 500 + len(outcomes), dtype=np.uint64),
        outcomes=np.array(outcomes),
        reward=np.full(len(outcomes), 1200.0),
        roughness=np.full(len(outcomes), 0.01),
        touchdown_speed_m_s=np.where(touches, 0.5, np.nan),
        touchdown_tilt_deg=np.where(touches, 1.0, np.nan),
        reference_height_m=heights_m,
        reference_descent_m_s=np.sqrt(0.5 + 2.4 * heights_m),
    )


def keep_evaluation(
    folder: Path, flown: Trajectories, pilot: str = "000012-600000-gate", created_s: float = 1e9
) -> Evaluation:
    """Kept as the trainer does."""
    names = [str(name) for name in flown.outcomes]
    landed = names.count("landed")
    figure = mean_interval([1.0, 2.0, 3.0])
    result = EvaluationResult(
        run_id="run-1",
        pilot=pilot,
        created_s=created_s,
        vehicle="starship-hls",
        stage=2,
        stage_name="approach",
        episodes=len(names),
        first_seed=500,
        outcomes={name: names.count(name) for name in dict.fromkeys(names)},
        success_rate=wilson_interval(landed, len(names)),
        reward=figure,
        episode_steps=figure,
        roughness=figure,
        soft_landings=wilson_interval(landed, landed) if landed else None,
        distance_m=figure if landed else None,
        touchdown_speed_m_s=figure if landed else None,
        touchdown_tilt_deg=figure if landed else None,
        fuel_left=figure if landed else None,
    )
    return save_evaluation(folder, result, encode_trajectories(flown))
