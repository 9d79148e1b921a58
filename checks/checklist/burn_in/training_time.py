"""Dates samples by the training time instead of the wall clock, which may be set. Pure."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence

from daemon.store.records import Sample

EDGE_S = 120.0  # a sample counts this long before the first and after the last known time


class TrainingTime:
    """The training time (s) at a date, from samples of `time/trained_s`, ascending in date.

    Training time only grows within a process. Where it does not, by date, the clock was set back:
    these dates are of two times, and nothing is dated by them.
    """

    def __init__(self, known: Sequence[Sample], from_s: float, to_s: float) -> None:
        own = [one for one in known if from_s <= one.value <= to_s]
        self._dates_s = [one.time_s for one in own]
        self._trained_s = [one.value for one in own]
        lowest = math.inf
        self._certain = [True] * len(own)
        for index in range(len(own) - 1, -1, -1):
            self._certain[index] = self._trained_s[index] <= lowest
            lowest = min(lowest, self._trained_s[index])
        highest = -math.inf
        for index, trained_s in enumerate(self._trained_s):
            self._certain[index] &= trained_s >= highest
            highest = max(highest, trained_s)

    def at(self, date_s: float) -> float | None:
        """The training time at a date (Unix); None if it is not known."""
        after = bisect_right(self._dates_s, date_s)
        before = after - 1
        ends = [index for index in (before, after) if 0 <= index < len(self._dates_s)]
        if not ends or not all(self._certain[index] for index in ends):
            return None
        if len(ends) == 1:
            [end] = ends
            near = abs(date_s - self._dates_s[end]) <= EDGE_S
            return self._trained_s[end] if near else None
        gap_s = self._dates_s[after] - self._dates_s[before]
        share = (date_s - self._dates_s[before]) / gap_s
        return self._trained_s[before] + share * (self._trained_s[after] - self._trained_s[before])

    def dated(self, samples: Iterable[Sample]) -> tuple[tuple[float, float], ...]:
        """Finite samples as (training time, value), ascending; without those not datable."""
        found = [(self.at(one.time_s), one.value) for one in samples if math.isfinite(one.value)]
        return tuple(sorted((time_s, value) for time_s, value in found if time_s is not None))
