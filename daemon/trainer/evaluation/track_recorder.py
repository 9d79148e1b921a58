"""Records the trajectories of a fleet: each episode's first and last state, and in between one
state per fixed interval of episode time, independent of craft and fleet size."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from daemon.runs.trajectories import Trajectories
from env.fleet import Episode, LanderFleet
from env.physics.guidance import reference_descent_m_s
from env.state.track import TRACK_COLUMNS

INTERVAL_S = 1.0
REFERENCE_HEIGHTS_M = np.geomspace(0.1, 30_000.0, 400)


class TrackRecorder:
    """Call `begin` after the fleet's reset, then `record` after each step."""

    def __init__(self, fleet: LanderFleet) -> None:
        self._fleet = fleet
        self._every = max(round(INTERVAL_S / fleet.settings.control_interval_s), 1)
        self._steps = np.zeros(fleet.num_envs, np.int64)  # of each craft's episode
        # Flights are numbered in the order of their start. Rows are stored in the order recorded,
        # with their flight's number, and sorted at the end.
        self._flight = np.arange(fleet.num_envs)
        self._begun = fleet.num_envs
        self._rows: list[npt.NDArray[np.float32]] = []
        self._flights: list[npt.NDArray[np.int64]] = []
        self._of_seed: dict[int, int] = {}

    def begin(self) -> None:
        """Record the first state of all craft."""
        self._append(self._fleet.track(), self._flight)

    def record(self, ended: npt.NDArray[np.intp], seeds: list[int]) -> None:
        """Record states due after a step that ended the episodes of these craft and seeds."""
        self._steps += 1
        if len(ended):
            self._append(self._fleet.last_track(ended), self._flight[ended])
            for craft, seed in zip(ended, seeds, strict=True):
                self._of_seed.setdefault(seed, int(self._flight[craft]))
            self._steps[ended] = 0
            self._flight[ended] = np.arange(self._begun, self._begun + len(ended))
            self._begun += len(ended)
        due = np.flatnonzero(self._steps % self._every == 0)
        if len(due):
            self._append(self._fleet.track(due), self._flight[due])

    def _append(self, rows: npt.NDArray[np.float32], flights: npt.NDArray[np.int64]) -> None:
        self._rows.append(rows)
        self._flights.append(flights.copy())

    def trajectories(self, episodes: list[Episode]) -> Trajectories:
        """The recorded trajectories of these ended episodes."""
        wanted = np.array([self._of_seed[episode.seed] for episode in episodes])
        place = np.full(self._begun, -1)
        place[wanted] = np.arange(len(wanted))
        places = place[np.concatenate(self._flights)]
        order = np.argsort(places, kind="stable")[np.count_nonzero(places < 0) :]
        counts = np.bincount(places[places >= 0], minlength=len(wanted))
        touched = [episode.touchdown_speed_m_s > 0.0 for episode in episodes]
        speeds = [episode.touchdown_speed_m_s for episode in episodes]
        tilts = [math.degrees(episode.touchdown_tilt_rad) for episode in episodes]
        return Trajectories(
            columns=np.array(TRACK_COLUMNS),
            rows=np.concatenate(self._rows)[order],
            offsets=np.concatenate([[0], np.cumsum(counts)]),
            seeds=np.array([episode.seed for episode in episodes], np.uint64),
            outcomes=np.array([episode.outcome.name.lower() for episode in episodes]),
            reward=np.array([episode.reward for episode in episodes]),
            roughness=np.array([episode.roughness for episode in episodes]),
            touchdown_speed_m_s=np.where(touched, speeds, np.nan),
            touchdown_tilt_deg=np.where(touched, tilts, np.nan),
            reference_height_m=REFERENCE_HEIGHTS_M,
            reference_descent_m_s=reference_descent_m_s(
                REFERENCE_HEIGHTS_M, *self._fleet.settings.vehicle.braking
            ),
        )
