"""The recorded tracks of an evaluation's flights as one file's content."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from daemon.runs.trajectories import Trajectories
from daemon.trainer.evaluation.flight import Flown
from env.physics.guidance import reference_descent_m_s
from env.physics.vehicle import Vehicle
from env.state.track import TRACK_COLUMNS

REFERENCE_HEIGHTS_M = np.geomspace(0.1, 30_000.0, 400)


def trajectories_of(flown: Sequence[Flown], vehicle: Vehicle) -> Trajectories:
    """The trajectories of these recorded flights, in their order."""
    episodes = [one.episode for one in flown]
    tracks = [one.track for one in flown if one.track is not None]
    touched = [episode.touchdown_speed_m_s > 0.0 for episode in episodes]
    speeds = [episode.touchdown_speed_m_s for episode in episodes]
    tilts = [math.degrees(episode.touchdown_tilt_rad) for episode in episodes]
    return Trajectories(
        columns=np.array(TRACK_COLUMNS),
        rows=np.concatenate(tracks),
        offsets=np.concatenate([[0], np.cumsum([len(track) for track in tracks])]),
        seeds=np.array([episode.seed for episode in episodes], np.uint64),
        outcomes=np.array([episode.outcome.name.lower() for episode in episodes]),
        reward=np.array([episode.reward for episode in episodes]),
        roughness=np.array([episode.roughness for episode in episodes]),
        touchdown_speed_m_s=np.where(touched, speeds, np.nan),
        touchdown_tilt_deg=np.where(touched, tilts, np.nan),
        reference_height_m=REFERENCE_HEIGHTS_M,
        reference_descent_m_s=reference_descent_m_s(REFERENCE_HEIGHTS_M, *vehicle.braking),
    )
