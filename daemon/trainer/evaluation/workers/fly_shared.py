"""Flies an evaluation's flights in several processes, with the same numbers as in one."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

import msgspec
import numpy as np

from daemon.base.cgroup import read_limits, usable_cpus
from daemon.trainer.evaluation.flight import Flight, Flown
from daemon.trainer.evaluation.fly import fly
from daemon.trainer.evaluation.shrinking import SMALLEST, ShrinkingFleet
from daemon.trainer.evaluation.workers.share import share
from daemon.trainer.evaluation.workers.shared_numbers import SharedNumbers
from env.fleet import Episode, FleetSettings, LanderFleet
from env.pilot.campaign import Pilot
from env.state.track import TRACK_COLUMNS

REPORT_S = 0.2  # between two reports of the steps flown


class _Ended(msgspec.Struct, tag=True, array_like=True):
    """A flight that ended."""

    number: int
    episode: Episode
    track: bytes | None


class _Steps(msgspec.Struct, tag=True, array_like=True):
    """The mean number of steps that each lander of a process has flown since the last report."""

    count: int


@dataclass(frozen=True)
class Crew:
    """How many fly at a time."""

    workers: int  # processes of one thread each
    landers: int  # of each

    @classmethod
    def of(cls, flights: int, *, landers: int, threads: int) -> Crew:
        """Of `landers` in all; a process for each of `threads` that has a processor.

        Each has at least SMALLEST landers, and where there are several, as many flights.
        """
        usable = min(threads, usable_cpus(read_limits()))
        workers = max(1, min(usable, flights // SMALLEST))
        each = -(-min(flights, landers) // workers)
        return cls(workers, max(each, SMALLEST))


Progress = Callable[[Sequence[Episode], float], object]
"""Called with the ended episodes, and how many steps each lander has flown."""


def fly_shared(
    make_pilot: Callable[[int], Pilot],
    settings: FleetSettings,
    flights: Sequence[Flight],
    crew: Crew,
    *,
    progress: Progress,
    record: bool = False,
) -> list[Flown]:
    """Fly each flight once; in their order.

    `make_pilot`: of a number of landers; `settings`: with the stage's own start. See
    daemon.trainer.evaluation.workers.share for what the caller must not have done before. Raises
    WorkerLostError.
    """
    numbers = SharedNumbers(len(flights))
    ours = replace(settings, n_envs=crew.landers, threads=1)

    def work(send: Callable[[bytes], None]) -> None:
        _work(make_pilot(crew.landers), ours, flights, numbers, send, record=record)

    flown: list[Flown] = []
    ended: list[Episode] = []
    steps = 0
    decoder = msgspec.msgpack.Decoder(_Ended | _Steps)
    try:
        with closing(share(work, crew.workers)) as messages:
            for message in map(decoder.decode, messages):
                if isinstance(message, _Steps):
                    steps += message.count
                    progress(ended, steps / crew.workers)
                else:
                    flown.append(_received(message))
                    ended.append(message.episode)
    finally:
        numbers.close()
    return sorted(flown)


def _work(
    pilot: Pilot,
    settings: FleetSettings,
    flights: Sequence[Flight],
    numbers: SharedNumbers,
    send: Callable[[bytes], None],
    *,
    record: bool,
) -> None:
    fleets = ShrinkingFleet(LanderFleet(settings))
    steps, reported_s = 0, time.monotonic()
    encode = msgspec.msgpack.Encoder().encode
    for ended in fly(pilot, fleets, settings.start, flights, waiting=iter(numbers), record=record):
        steps += 1
        for number, episode, track in ended:
            send(encode(_Ended(number, episode, None if track is None else track.tobytes())))
        if time.monotonic() - reported_s >= REPORT_S:
            send(encode(_Steps(steps)))
            steps, reported_s = 0, time.monotonic()


def _received(ended: _Ended) -> Flown:
    track = None
    if ended.track is not None:
        track = np.frombuffer(ended.track, np.float32).reshape(-1, len(TRACK_COLUMNS))
    return Flown(ended.number, ended.episode, track)
