"""Lets the last flights of an evaluation go on in a smaller fleet.

A fleet flies all of its landers: towards an evaluation's end most would fly what nobody asked for.
Of 100 powered descents flown at once by 100 landers, that was over a third of all steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from daemon.trainer.evaluation.flight import Flight
from env.fleet import LanderFleet
from env.state.snapshot import FleetSnapshot

SMALLEST = 8  # landers: below, Python takes longer than the flight


class ShrinkingFleet:
    """A fleet, and smaller ones of the same settings, built when they are first needed."""

    def __init__(self, fleet: LanderFleet) -> None:
        self.whole = fleet
        self._smaller: dict[int, LanderFleet] = {}

    def fitting(self, landers: int, current: int) -> int:
        """The size, `current` or halved, that `landers` go on in."""
        while (half := max(-(-current // 2), SMALLEST)) < current and landers <= half:
            current = half
        return current

    def move(
        self, fleet: LanderFleet, crafts: npt.NDArray[np.intp], flights: Sequence[Flight | None]
    ) -> tuple[LanderFleet, npt.NDArray[np.float32]]:
        """Let these craft of `fleet`, in this order, go on in the smaller fleet of their number.

        `flights` are theirs; None: one that nobody asked for. Returns that fleet and observations.
        """
        size = len(crafts)
        if size not in self._smaller:
            self._smaller[size] = LanderFleet(replace(fleet.settings, n_envs=size))
        smaller = self._smaller[size]
        for craft, flight in enumerate(flights):
            if flight is not None and flight.deviation is not None:  # no part of a snapshot
                smaller.deviate(craft, flight.deviation)
        taken = fleet.snapshot()
        rows = {name: array[crafts] for name, array in taken.arrays.items()}
        return smaller, smaller.restore(FleetSnapshot(taken.vehicle, rows))

    def close_smaller(self) -> None:
        """Free the smaller fleets' memory."""
        for fleet in self._smaller.values():
            fleet.close()
        self._smaller.clear()
