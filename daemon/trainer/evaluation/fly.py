"""Flies the flights of an evaluation, as many at a time as a fleet has landers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from daemon.trainer.evaluation.flight import Flight, Flown, begin_flight
from daemon.trainer.evaluation.shrinking import ShrinkingFleet
from daemon.trainer.evaluation.track_recorder import TrackRecorder
from env.pilot.campaign import Pilot
from env.task.start import StartConditions

NOTHING = -1  # the number of a flight that nobody asked for


def fly(
    pilot: Pilot,
    fleets: ShrinkingFleet,
    start: StartConditions,
    flights: Sequence[Flight],
    *,
    waiting: Iterator[int] | None = None,
    record: bool = False,
) -> Iterator[list[Flown]]:
    """Fly each flight once; yields after each step of the fleet those that ended in it.

    `start`: the stage's own conditions. `waiting`: numbers of the flights to begin, in turn, by
    default all; it may be shared with others that fly. `record`: tracks as well. How a flight ends
    does not depend on the fleet nor on the flights beside it, if the pilot's actions do not.
    """
    if waiting is None:
        waiting = iter(range(len(flights)))
    fleet = fleets.whole
    observations = fleet.reset()
    pilot.reset(np.arange(fleet.num_envs))
    numbers = np.full(fleet.num_envs, NOTHING)  # the flight of each craft
    recorder = TrackRecorder(fleet) if record else None

    def begin(crafts: npt.NDArray[np.intp]) -> None:
        for craft in crafts.tolist():
            numbers[craft] = number = next(waiting, NOTHING)
            if number != NOTHING:
                observations[craft] = begin_flight(fleet, craft, start, flights[number])
        if recorder is not None:
            recorder.begin(crafts[numbers[crafts] != NOTHING])

    begin(np.arange(fleet.num_envs))
    while landers := int(np.count_nonzero(numbers != NOTHING)):
        size = fleets.fitting(landers, fleet.num_envs)
        if size < fleet.num_envs:
            # Those with a flight, and as many others as the smaller fleet has room for.
            crafts = np.argsort(numbers == NOTHING, kind="stable")[:size]
            numbers = numbers[crafts]
            going = [None if number == NOTHING else flights[number] for number in numbers.tolist()]
            fleet, observations = fleets.move(fleet, crafts, going)
            pilot.keep(crafts)
            if recorder is not None:
                recorder.keep(fleet, crafts)
        fleet.step_async(pilot.act(observations))
        observations, _, dones, infos = fleet.step_wait()
        over = np.flatnonzero(dones)
        ended = over[numbers[over] != NOTHING]
        tracks = [None] * len(ended) if recorder is None else recorder.record(ended)
        flown = [
            Flown(number, infos[craft]["lander"], track)
            for craft, number, track in zip(ended, numbers[ended].tolist(), tracks, strict=True)
        ]
        if len(over):
            begin(ended)
            pilot.reset(over)
        yield flown
