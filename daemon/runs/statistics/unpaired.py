"""Differences of two pilots on different seeds, from the summaries of both, with 95% intervals.

The p-values that several comparisons give are adjusted by `holm`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from daemon.runs.statistics.intervals import Interval, student_p_value, student_t, wilson_interval


def rates_interval(first: int, of_first: int, second: int, of_second: int) -> Interval:
    """The rate `first` of `of_first` minus the other one, both independent. Raises ValueError.

    Newcombe, Statistics in Medicine 17 (1998) 873, method 10: the hybrid score interval, which
    combines the rates' Wilson intervals; valid near rates of 0 and 1.
    """
    one, other = wilson_interval(first, of_first), wilson_interval(second, of_second)
    assert one.low is not None and one.high is not None
    assert other.low is not None and other.high is not None
    change = one.mean - other.mean
    low = change - math.hypot(one.mean - one.low, other.high - other.mean)
    high = change + math.hypot(one.high - one.mean, other.mean - other.low)
    return Interval(change, low, high)


def fisher_p_value(first: int, of_first: int, second: int, of_second: int) -> float:
    """The two-sided p-value of Fisher's exact test: that both rates are equal. Raises ValueError.

    Fisher, Journal of the Royal Statistical Society 98 (1935) 39: the probability, with the sums of
    the table as they are, of all tables that are at most as probable as this one. Conservative.
    """
    if not (0 <= first <= of_first and 0 <= second <= of_second):
        raise ValueError(f"{first} of {of_first} and {second} of {of_second} are no rates")
    successes, trials = first + second, of_first + of_second
    fewest = max(0, successes - of_second)

    def ways(of_the_first: int) -> int:
        return math.comb(of_first, of_the_first) * math.comb(of_second, successes - of_the_first)

    here = ways(first)
    # Of whole numbers: no rounding decides which tables are as probable.
    rarer = sum(
        number for k in range(fewest, min(successes, of_first) + 1) if (number := ways(k)) <= here
    )
    return rarer / math.comb(trials, successes)


def spread_of(interval: Interval, count: int) -> float | None:
    """The standard deviation of `count` values whose `mean_interval` this is; None of one value."""
    if interval.low is None or interval.high is None or count < 2:
        return None
    return (interval.high - interval.low) / 2 / student_t(count - 1) * math.sqrt(count)


def welch(
    first: Interval, of_first: int, second: Interval, of_second: int
) -> tuple[Interval, float] | None:
    """The first mean minus the second, and the p-value that both are equal.

    From two `mean_interval` of independent values and their numbers; None if either is of one
    value. Welch, Biometrika 34 (1947) 28, the degrees of freedom rounded down: values about normal,
    or many.
    """
    spreads = spread_of(first, of_first), spread_of(second, of_second)
    if spreads[0] is None or spreads[1] is None:
        return None
    errors = spreads[0] ** 2 / of_first, spreads[1] ** 2 / of_second
    change, error = first.mean - second.mean, sum(errors)
    if error == 0.0:
        return Interval(change, change, change), 1.0 if change == 0.0 else 0.0
    parts = errors[0] ** 2 / (of_first - 1) + errors[1] ** 2 / (of_second - 1)
    freedom = max(1, math.floor(error**2 / parts))
    half = student_t(freedom) * math.sqrt(error)
    interval = Interval(change, change - half, change + half)
    return interval, student_p_value(change / math.sqrt(error), freedom)


def holm(p_values: Sequence[float]) -> list[float]:
    """The adjusted p-values, in the same order: below 0.05 with at most 5% false ones of all.

    Holm, Scandinavian Journal of Statistics 6 (1979) 65; valid however the tests depend on each
    other.
    """
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    adjusted, largest = [0.0] * len(p_values), 0.0
    for rank, index in enumerate(order):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = largest
    return adjusted
