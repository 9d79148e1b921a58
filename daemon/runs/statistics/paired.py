"""Differences of two pilots, runs or conditions on the same seeds, with 95% confidence intervals.

Pairing removes what the seeds' starts and terrains contribute to both sides, so that far fewer
episodes show a difference. Each function gets the values of one side and those of the other in the
same order of the seeds, and returns the first minus the second.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec

from daemon.runs.statistics.intervals import Interval, mean_interval, wilson_interval


class PairedRates(msgspec.Struct, frozen=True):
    """Two success rates on the same seeds: the four counts, and the difference of the rates."""

    both: int
    first_only: int
    second_only: int
    neither: int
    difference: Interval  # of the first rate minus the second
    p_value: float  # that both rates are equal: `mcnemar_p_value`


def paired_rates(first: Sequence[bool], second: Sequence[bool]) -> PairedRates:
    """Count and compare. Raises ValueError for none, or an unequal number."""
    if len(first) != len(second):
        raise ValueError(f"{len(first)} values are not paired with {len(second)}")
    both = sum(a and b for a, b in zip(first, second, strict=True))
    first_only, second_only = sum(first) - both, sum(second) - both
    neither = len(first) - both - first_only - second_only
    return PairedRates(
        both,
        first_only,
        second_only,
        neither,
        newcombe_interval(both, first_only, second_only, neither),
        mcnemar_p_value(first_only, second_only),
    )


def newcombe_interval(both: int, first_only: int, second_only: int, neither: int) -> Interval:
    """The difference of two paired rates. Raises ValueError for counts that are none.

    Newcombe, Statistics in Medicine 17 (1998) 2635, method 10: the rates' Wilson intervals, squared
    and added with the correlation that the counts show, its numerator corrected for continuity. It
    needs no normal approximation, and is valid near rates of 0 and 1.
    """
    if min(both, first_only, second_only, neither) < 0:
        raise ValueError(f"negative counts: {both}, {first_only}, {second_only}, {neither}")
    count = both + first_only + second_only + neither
    first, second = both + first_only, both + second_only
    product = float(both * neither - first_only * second_only)
    if product > 0.0:
        product = max(product - count / 2, 0.0)
    scale = math.sqrt(first * (count - first)) * math.sqrt(second * (count - second))
    correlation = product / scale if scale else 0.0
    below_first, above_first = _margins(first, count)
    below_second, above_second = _margins(second, count)
    difference = (first_only - second_only) / count
    low = difference - _added(below_first, above_second, correlation)
    high = difference + _added(above_first, below_second, correlation)
    return Interval(difference, max(low, -1.0), min(high, 1.0))


def mcnemar_p_value(first_only: int, second_only: int) -> float:
    """The two-sided p-value of McNemar's exact test: that a discordant pair is as likely each way.

    McNemar, Psychometrika 12 (1947) 153, by the binomial distribution: twice the smaller tail, at
    most 1; 1 without a discordant pair. Raises ValueError for a negative count.
    """
    if min(first_only, second_only) < 0:
        raise ValueError(f"negative counts: {first_only}, {second_only}")
    pairs = first_only + second_only
    tail = sum(math.comb(pairs, k) for k in range(min(first_only, second_only) + 1))
    return min(2 * tail / (1 << pairs), 1.0)  # of whole numbers: exact, whatever their size


def paired_interval(first: Sequence[float], second: Sequence[float]) -> Interval:
    """The mean of the paired differences with Student's t interval, n - 1 degrees of freedom.

    Its assumption: the differences are independent and about normal, or many. Raises ValueError for
    none, or an unequal number.
    """
    return mean_interval([a - b for a, b in zip(first, second, strict=True)])


def _margins(successes: int, trials: int) -> tuple[float, float]:
    """How far a rate's Wilson interval reaches below and above the rate."""
    interval = wilson_interval(successes, trials)
    assert interval.low is not None and interval.high is not None
    return interval.mean - interval.low, interval.high - interval.mean


def _added(one: float, other: float, correlation: float) -> float:
    square = one**2 - 2 * correlation * one * other + other**2
    return math.sqrt(max(square, 0.0))  # rounding must not make it negative
