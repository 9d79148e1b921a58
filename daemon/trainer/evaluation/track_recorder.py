"""Records the tracks of a fleet: each episode's first and last state, and in between one state per
fixed interval of episode time, independent of craft and fleet size."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from env.fleet import LanderFleet

INTERVAL_S = 1.0

Rows = npt.NDArray[np.float32]


class TrackRecorder:
    """Call `begin` for craft that begin an episode to record, then `record` after each step."""

    def __init__(self, fleet: LanderFleet) -> None:
        self._fleet = fleet
        self._every = max(round(INTERVAL_S / fleet.settings.control_interval_s), 1)
        self._steps = np.zeros(fleet.num_envs, np.int64)  # of each craft's episode
        self._recorded = np.zeros(fleet.num_envs, bool)
        self._rows: list[list[Rows]] = [[] for _ in range(fleet.num_envs)]

    def begin(self, crafts: npt.NDArray[np.intp]) -> None:
        """Record the first state of these craft."""
        self._steps[crafts] = 0
        self._recorded[crafts] = True
        self._append(crafts)

    def record(self, ended: npt.NDArray[np.intp]) -> list[Rows]:
        """Record states due after a step; returns the tracks (M, K) of the craft that ended in it.

        Columns: env.state.track.TRACK_COLUMNS. Those craft are not recorded until they begin again.
        """
        self._steps += 1
        tracks = []
        for craft, last in zip(ended.tolist(), self._fleet.last_track(ended), strict=True):
            tracks.append(np.stack([*self._rows[craft], last]))
            self._rows[craft] = []
        self._recorded[ended] = False
        self._append(np.flatnonzero(self._recorded & (self._steps % self._every == 0)))
        return tracks

    def keep(self, fleet: LanderFleet, crafts: npt.NDArray[np.intp]) -> None:
        """Go on with these craft, which `fleet` now flies in this order."""
        self._fleet = fleet
        self._steps, self._recorded = self._steps[crafts], self._recorded[crafts]
        self._rows = [self._rows[craft] for craft in crafts.tolist()]

    def _append(self, crafts: npt.NDArray[np.intp]) -> None:
        if len(crafts):
            for craft, row in zip(crafts.tolist(), self._fleet.track(crafts), strict=True):
                self._rows[craft].append(row)
