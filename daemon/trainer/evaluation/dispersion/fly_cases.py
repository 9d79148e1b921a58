"""Flies episodes that deviate, each lander its own, in one fleet."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from env.fleet import Episode, LanderFleet
from env.pilot.campaign import Pilot
from env.state.deviation import Deviation
from env.task.start import StartConditions


class Flight(NamedTuple):
    """An episode to fly."""

    seed: int
    deviation: Deviation


def begin_flight(
    fleet: LanderFleet, craft: int, start: StartConditions, flight: Flight
) -> npt.NDArray[np.float32]:
    """Begin this episode of a craft; returns its observation (D,)."""
    fleet.deviate(craft, flight.deviation)
    deviating = flight.deviation.start(start, fleet.settings.vehicle)
    fleet.set_start(deviating, slice(craft, craft + 1))
    fleet.set_next_seeds([craft], [flight.seed])
    return fleet.begin(craft)


def fly_flights(
    pilot: Pilot,
    fleet: LanderFleet,
    start: StartConditions,
    flights: Sequence[Flight],
    *,
    between_steps: Callable[[], object] = lambda: None,
    ended: Callable[[Episode], object] = lambda _: None,
) -> list[Episode]:
    """Fly each episode once, as many at a time as the fleet has landers; returns in their order.

    `start`: the stage's own conditions. `ended` gets each episode when it ends.
    """
    waiting: Iterator[int] = iter(range(len(flights)))
    flown_by: dict[int, int] = {}  # the flight of each craft; others fly what nobody asked for
    observations = fleet.reset()

    def begin(craft: int) -> None:
        flown_by.pop(craft, None)
        number = next(waiting, None)
        if number is not None:
            flown_by[craft] = number
            observations[craft] = begin_flight(fleet, craft, start, flights[number])

    for craft in range(fleet.num_envs):
        begin(craft)
    pilot.reset(np.arange(fleet.num_envs))
    episodes: dict[int, Episode] = {}
    while flown_by:
        between_steps()
        fleet.step_async(pilot.act(observations))
        observations, _, dones, infos = fleet.step_wait()
        over = np.flatnonzero(dones)
        for craft in over.tolist():
            if craft in flown_by:
                episode: Episode = infos[craft]["lander"]
                episodes[flown_by[craft]] = episode
                ended(episode)
                begin(craft)
        if len(over):
            pilot.reset(over)
    return [episodes[number] for number in range(len(flights))]
