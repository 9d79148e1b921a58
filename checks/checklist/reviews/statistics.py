"""Means of correlated samples with their intervals, and differences of two. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean

from daemon.runs.statistics.intervals import Interval, mean_interval

BATCHES = 20  # Schmeiser, Operations Research 30 (1982) 556: 10 to 30 lose little


def batch_interval(values: Sequence[float]) -> Interval:
    """The mean of a time series with its 95% interval by the method of batch means.

    Neighbouring samples resemble each other (a success rate is of the last 100 episodes), so the
    interval is Student's t over the means of at most BATCHES batches of equal length, each of two
    or more samples; what does not fill a batch counts in the mean only. With fewer than two batches
    there is no interval. Raises ValueError if empty. Law, Simulation Modeling and Analysis, 9.5.3.
    """
    mean = fmean(values)
    count = min(BATCHES, len(values) // 2)
    if count < 2:
        return Interval(mean, None, None)
    length = len(values) // count
    means = [fmean(values[i * length : (i + 1) * length]) for i in range(count)]
    found = mean_interval(means)
    half = _half(found) or 0.0
    return Interval(mean, mean - half, mean + half)


def difference(now: Interval, before: Interval) -> Interval:
    """`now` minus `before`; the half widths of independent estimates add as squares."""
    change = now.mean - before.mean
    first, second = _half(now), _half(before)
    if first is None or second is None:
        return Interval(change, None, None)
    half = math.hypot(first, second)
    return Interval(change, change - half, change + half)


def direction(change: Interval) -> str:
    """ "up", "down", or "no clear change" if the interval contains 0 or there is none."""
    if change.low is not None and change.low > 0.0:
        return "up"
    if change.high is not None and change.high < 0.0:
        return "down"
    return "no clear change"


def _half(interval: Interval) -> float | None:
    """Half the width; of an interval that is not symmetric the mean of both sides."""
    if interval.low is None or interval.high is None:
        return None
    return (interval.high - interval.low) / 2.0
