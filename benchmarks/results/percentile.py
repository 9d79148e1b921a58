"""Percentiles with confidence intervals that suppose nothing of how the values are distributed."""

from __future__ import annotations

import math
from collections.abc import Sequence

from daemon.runs.statistics.intervals import CONFIDENCE, Interval


def percentile(values: Sequence[float], share: float) -> float:
    """Linear between the values next to it, as numpy's. Raises ValueError if there is none."""
    if not values:
        raise ValueError("no value to take the percentile of")
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])


def percentile_interval(values: Sequence[float], share: float) -> Interval:
    """A percentile with its 95% interval between two of the values; None where too few reach it.

    How many of n values lie below the true percentile is binomial, whatever their distribution: the
    interval ends at the ranks that this number leaves on each side with at most 2.5% (Conover,
    Practical Nonparametric Statistics, 3rd ed., 3.2). Raises ValueError if there is no value.
    """
    found = percentile(values, share)
    ordered, count = sorted(values), len(values)
    tail = (1.0 - CONFIDENCE) / 2.0
    below = _binomial(count, share)
    total, low, high = 0.0, None, None
    for rank, probability in enumerate(below):  # `rank` values are below the percentile
        if total <= tail < total + probability:
            low = rank - 1  # with at most `tail` fewer than `rank` are below
        if total < 1.0 - tail <= total + probability:
            high = rank
        total += probability
    return Interval(
        found,
        None if low is None or low < 0 else ordered[low],
        None if high is None or high >= count else ordered[high],
    )


def _binomial(count: int, share: float) -> list[float]:
    """The probabilities of 0 to `count` successes."""
    whole = math.lgamma(count + 1)
    return [
        math.exp(
            whole
            - math.lgamma(k + 1)
            - math.lgamma(count - k + 1)
            + k * math.log(share)
            + (count - k) * math.log1p(-share)
        )
        for k in range(count + 1)
    ]
