"""Samples as branches of the training, over timesteps or over time."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from daemon.store.records import Sample

_LARGEST = 1e300  # beyond it the differences of an axis overflow


@dataclass(frozen=True)
class Branch:
    """A part of the training with increasing timesteps; a rollback ends one and starts the next."""

    xs: tuple[float, ...]  # timesteps, or Unix times in s
    values: tuple[float, ...]
    abandoned: bool  # a rollback went back to before its end


class StepClock:
    """Converts times to timesteps by samples that have both."""

    def __init__(self, samples: Sequence[Sample]) -> None:
        known = [(s.time_s, float(s.timesteps)) for s in samples if s.timesteps is not None]
        self._times_s = [time_s for time_s, _ in known]
        self._steps = [steps for _, steps in known]

    def steps_at(self, time_s: float) -> float | None:
        """Timesteps at a time (Unix, s), interpolated; None before the first and if none is known.

        After the last sample: its timesteps. Across a rollback, to which interpolation does not
        apply: those before it.
        """
        after = bisect_right(self._times_s, time_s)
        if after == 0:
            return None
        begin, steps = self._times_s[after - 1], self._steps[after - 1]
        if after == len(self._times_s) or self._steps[after] < steps:
            return steps
        share = (time_s - begin) / (self._times_s[after] - begin)
        return steps + share * (self._steps[after] - steps)

    def times_between(self, low: float, high: float) -> tuple[float, float] | None:
        """The first and the last time (Unix, s) at which timesteps were from `low` to `high`."""
        spans = [
            (begin_s, end_s)
            for (begin_s, begin), (end_s, end) in pairwise(
                zip(self._times_s, self._steps, strict=True)
            )
            if min(begin, end) <= high and max(begin, end) >= low
        ]
        return (spans[0][0], spans[-1][1]) if spans else None


def branches_of(
    samples: Sequence[Sample], scale: float, clock: StepClock, *, by_time: bool
) -> tuple[Branch, ...]:
    """The branches of a series, without values that are not finite.

    Samples without timesteps (of the machine) get those of `clock`; by time they are one branch.
    """
    points: list[tuple[float, float, float]] = []  # timesteps, place on the axis, value
    for sample in samples:
        value = sample.value * scale
        if not math.isfinite(value) or abs(value) > _LARGEST:
            continue
        steps = None if sample.timesteps is None else float(sample.timesteps)
        if steps is None:
            steps = sample.time_s if by_time else clock.steps_at(sample.time_s)
        if steps is not None:
            points.append((steps, sample.time_s if by_time else steps, value))
    return split_branches(points)


def split_branches(points: Sequence[tuple[float, float, float]]) -> tuple[Branch, ...]:
    """Split (timesteps, x, value) where the timesteps decrease; all but the last are abandoned."""
    runs: list[list[tuple[float, float, float]]] = []
    for point in points:
        if not runs or point[0] < runs[-1][-1][0]:
            runs.append([])
        runs[-1].append(point)
    return tuple(
        Branch(tuple(x for _, x, _ in run), tuple(y for _, _, y in run), run is not runs[-1])
        for run in runs
    )
