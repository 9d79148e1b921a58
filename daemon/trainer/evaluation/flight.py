"""One flight of an evaluation, and how a lander begins it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from env.fleet import Episode, LanderFleet
from env.state.deviation import Deviation
from env.task.start import StartConditions


class Flight(NamedTuple):
    """An episode to fly. Without a deviation its start is drawn from the fleet's own ranges."""

    seed: int
    deviation: Deviation | None = None


class Flown(NamedTuple):
    """A flight that ended."""

    number: int  # its place among the flights
    episode: Episode
    track: npt.NDArray[np.float32] | None  # (M, K), as TrackRecorder returns it


def begin_flight(
    fleet: LanderFleet, craft: int, start: StartConditions, flight: Flight
) -> npt.NDArray[np.float32]:
    """Begin this episode of a craft; returns its observation (D,).

    `start`: the ranges that a deviation deviates from.
    """
    if flight.deviation is not None:
        fleet.deviate(craft, flight.deviation)
        deviating = flight.deviation.start(start, fleet.settings.vehicle)
        fleet.set_start(deviating, slice(craft, craft + 1))
    fleet.set_next_seeds([craft], [flight.seed])
    return fleet.begin(craft)
