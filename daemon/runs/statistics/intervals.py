"""Estimates with their 95% confidence intervals: means and rates over independent episodes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from statistics import fmean, stdev

import msgspec

CONFIDENCE = 0.95
Z_95 = 1.959964  # two-sided 95% quantile of the normal distribution


class Interval(msgspec.Struct, frozen=True):
    """An estimate and its 95% confidence interval; None if there is only one value."""

    mean: float
    low: float | None
    high: float | None


def mean_interval(values: Sequence[float]) -> Interval:
    """A mean with Student's t interval, n - 1 degrees of freedom. Raises ValueError if empty.

    Exact for normal values; otherwise approximate, good for an evaluation's hundred episodes except
    for the rarest outcomes. It is not clipped to the values' range: an interval that reaches below
    zero means that there were too few values.
    """
    if not values:
        raise ValueError("no value to take the mean of")
    mean = fmean(values)
    if len(values) == 1:
        return Interval(mean, None, None)
    half = student_t(len(values) - 1) * stdev(values, mean) / math.sqrt(len(values))
    return Interval(mean, mean - half, mean + half)


def difference_interval(first: Sequence[float], second: Sequence[float]) -> Interval:
    """The mean of `first` minus that of `second`, both independent, with Welch's interval.

    Student's t with the degrees of freedom of Welch, Biometrika 34 (1947) 28, rounded down. Raises
    ValueError for fewer than two values in either.
    """
    if min(len(first), len(second)) < 2:
        raise ValueError("a difference needs at least two values on each side")
    errors = [stdev(values) ** 2 / len(values) for values in (first, second)]
    change, error = fmean(first) - fmean(second), sum(errors)
    if error == 0.0:
        return Interval(change, change, change)
    parts = zip(errors, (first, second), strict=True)
    freedom = error**2 / sum(part**2 / (len(values) - 1) for part, values in parts)
    half = student_t(max(1, math.floor(freedom))) * math.sqrt(error)
    return Interval(change, change - half, change + half)


def wilson_interval(successes: int, trials: int) -> Interval:
    """A rate with its Wilson score interval, also valid near 0 and 1. Raises ValueError.

    Wilson, JASA 22 (1927) 209.
    """
    if not 0 <= successes <= trials or trials == 0:
        raise ValueError(f"{successes} successes in {trials} trials")
    rate = successes / trials
    square = Z_95**2 / trials
    centre = (rate + square / 2) / (1 + square)
    half = Z_95 / (1 + square) * math.sqrt(rate * (1 - rate) / trials + square / (4 * trials))
    # Exactly 0 or 1 if none or all succeeded; rounding must not exceed them.
    return Interval(rate, max(centre - half, 0.0), min(centre + half, 1.0))


@cache
def student_t(freedom: int) -> float:
    """The two-sided 95% quantile of Student's t, for 1 or more degrees of freedom.

    Up to 100 by bisection of the closed form; above by an expansion about the normal quantile,
    with an error below 3e-6. Abramowitz and Stegun, 26.7.3 to 26.7.5.
    """
    if freedom > 100:
        first = (Z_95**3 + Z_95) / 4
        second = (5 * Z_95**5 + 16 * Z_95**3 + 3 * Z_95) / 96
        return Z_95 + first / freedom + second / freedom**2
    low, high = Z_95, 13.0  # one degree of freedom has 12.7
    while high - low > 1e-9:
        middle = (low + high) / 2
        if _within(middle, freedom) < CONFIDENCE:
            low = middle
        else:
            high = middle
    return high


def student_p_value(t: float, freedom: int) -> float:
    """The probability that Student's t is at least as far from 0; 0 for what rounding hides."""
    return max(0.0, 1.0 - _within(abs(t), freedom)) if math.isfinite(t) else 0.0


def _within(t: float, freedom: int) -> float:
    """The probability that Student's t is between -t and t. Closed form: A. and S., 26.7.3, 4."""
    angle = math.atan(t / math.sqrt(freedom))
    sine, cosine = math.sin(angle), math.cos(angle)
    odd = freedom % 2
    term = cosine if odd else 1.0
    total = 0.0
    for k in range(2 + odd, freedom + 1, 2):
        total += term
        term *= cosine**2 * (k - 1) / k
    return 2 / math.pi * (angle + sine * total) if odd else sine * total
