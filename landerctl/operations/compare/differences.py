"""Whether two evaluated policies differ: the difference, its 95% interval and a test. Pure.

On the same seeds the episodes are paired: McNemar's exact test with Newcombe's paired interval for
the success rate, Student's paired t for what is measured of landings, over the seeds on which both
landed. Else they are independent: Fisher's exact test with Newcombe's interval, and Welch's t.
Against the first run, and by Holm's method adjusted for the number of runs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Literal

import msgspec

from daemon.runs.evaluations import EvaluationResult
from daemon.runs.statistics.intervals import Interval, student_p_value, student_t
from daemon.runs.statistics.paired import paired_interval, paired_rates
from daemon.runs.statistics.unpaired import fisher_p_value, holm, rates_interval, welch

SIGNIFICANCE = 0.05
FEWEST_PAIRS = 10  # of landings: with fewer, the interval of a mean says little
Quantity = Literal["success_rate", "touchdown_speed_m_s", "distance_m", "fuel_left"]
Method = Literal["mcnemar", "paired-t", "fisher", "welch"]


@dataclass(frozen=True)
class Ended:
    """An episode's end."""

    landed: bool
    touchdown_speed_m_s: float
    distance_m: float
    fuel_left: float  # share of the propellant at the start


Episodes = Mapping[int, Ended]  # by seed


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """A run against the first one, in one quantity."""

    run: int  # its place among the runs, from 0
    quantity: Quantity
    method: Method
    of_first: float
    of_run: float
    difference: Interval  # of_run minus of_first
    count: int  # of pairs; without pairs of values on the side with fewer
    p_value: float  # that there is none
    adjusted_p_value: float  # with all runs compared in this quantity
    differs: bool  # adjusted_p_value is below SIGNIFICANCE


@dataclass(frozen=True)
class Side:
    """An evaluation of a run. `episodes` None: they are not paired with the first one's."""

    result: EvaluationResult
    episodes: Episodes | None


@dataclass(frozen=True)
class _Mean:
    """A quantity of landings."""

    name: Quantity
    of_result: Callable[[EvaluationResult], Interval | None]
    of_episode: Callable[[Ended], float]


_MEANS = (
    _Mean("touchdown_speed_m_s", lambda r: r.touchdown_speed_m_s, lambda e: e.touchdown_speed_m_s),
    _Mean("distance_m", lambda r: r.distance_m, lambda e: e.distance_m),
    _Mean("fuel_left", lambda r: r.fuel_left, lambda e: e.fuel_left),
)


def differences(first: Side, others: Mapping[int, Side]) -> list[Difference]:
    """Each of the others against the first, quantity by quantity; `others` by their place."""
    found = [_success(first, place, other) for place, other in others.items()]
    for mean in _MEANS:
        found += [
            one
            for place, other in others.items()
            if (one := _of_landings(mean, first, place, other)) is not None
        ]
    return _adjusted(found)


def _adjusted(found: Sequence[Difference]) -> list[Difference]:
    """Adjusted within each quantity for the number of runs."""
    result = []
    for quantity in dict.fromkeys(one.quantity for one in found):
        family = [one for one in found if one.quantity == quantity]
        for one, p_value in zip(family, holm([o.p_value for o in family]), strict=True):
            differs = p_value < SIGNIFICANCE
            result.append(msgspec.structs.replace(one, adjusted_p_value=p_value, differs=differs))
    return result


def _difference(
    place: int,
    quantity: Quantity,
    method: Method,
    values: tuple[float, float],
    tested: tuple[Interval, float, int],
) -> Difference:
    difference, p_value, count = tested
    return Difference(
        run=place,
        quantity=quantity,
        method=method,
        of_first=values[0],
        of_run=values[1],
        difference=difference,
        count=count,
        p_value=p_value,
        adjusted_p_value=p_value,
        differs=False,
    )


def _success(first: Side, place: int, other: Side) -> Difference:
    if (pairs := _pairs(first, other)) is not None:
        ours = [run.landed for _, run in pairs]
        theirs = [base.landed for base, _ in pairs]
        rates = paired_rates(ours, theirs)
        values = fmean(theirs), fmean(ours)
        tested = rates.difference, rates.p_value, len(pairs)
        return _difference(place, "success_rate", "mcnemar", values, tested)
    base, run = first.result, other.result
    counts = _landed(run), run.episodes, _landed(base), base.episodes
    values = base.success_rate.mean, run.success_rate.mean
    tested = rates_interval(*counts), fisher_p_value(*counts), min(run.episodes, base.episodes)
    return _difference(place, "success_rate", "fisher", values, tested)


def _of_landings(mean: _Mean, first: Side, place: int, other: Side) -> Difference | None:
    if (pairs := _pairs(first, other)) is not None:
        both = [(base, run) for base, run in pairs if base.landed and run.landed]
        if len(both) < FEWEST_PAIRS:
            return None
        theirs = [mean.of_episode(base) for base, _ in both]
        ours = [mean.of_episode(run) for _, run in both]
        interval = paired_interval(ours, theirs)
        tested = interval, _paired_p_value(interval, len(both)), len(both)
        return _difference(place, mean.name, "paired-t", (fmean(theirs), fmean(ours)), tested)
    base, run = mean.of_result(first.result), mean.of_result(other.result)
    counts = _landed(first.result), _landed(other.result)
    if base is None or run is None or min(counts) < FEWEST_PAIRS:
        return None
    found = welch(run, counts[1], base, counts[0])
    if found is None:
        return None
    return _difference(place, mean.name, "welch", (base.mean, run.mean), (*found, min(counts)))


def _pairs(first: Side, other: Side) -> list[tuple[Ended, Ended]] | None:
    """The episodes of the seeds that both flew; None if they are not to be paired."""
    if first.episodes is None or other.episodes is None:
        return None
    seeds = sorted(first.episodes.keys() & other.episodes.keys())
    return [(first.episodes[seed], other.episodes[seed]) for seed in seeds] or None


def _paired_p_value(interval: Interval, count: int) -> float:
    assert interval.low is not None and interval.high is not None
    error = (interval.high - interval.low) / 2 / student_t(count - 1)
    if error == 0.0:
        return 1.0 if interval.mean == 0.0 else 0.0
    return student_p_value(interval.mean / error, count - 1)


def _landed(result: EvaluationResult) -> int:
    return result.outcomes.get("landed", 0)
