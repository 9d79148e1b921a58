"""Whether the best set of values is better than another: difference, 95% interval, test. Pure.

A value is that of one trial, that is of one seed: the seeds are the independent repetitions, not
the flights of an evaluation. Trials of the same seed are paired where both sets have two or more of
the same seeds: Student's t of the differences. Else Welch's t. Values without spread, as gates
often are, have no t: then Fisher's exact permutation test (The Design of Experiments, 1935, section
21), which of values that all agree gives twice the probability of one arrangement of signs or
labels.

Both sets are compared at the same steps: the most that both have reached.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import comb
from statistics import fmean
from typing import Literal

import msgspec

from daemon.runs.statistics.intervals import (
    Interval,
    mean_interval,
    student_p_value,
    student_t,
)
from daemon.runs.statistics.paired import paired_interval
from daemon.runs.statistics.unpaired import holm, welch
from daemon.sweeps.records import Leg, Trial
from daemon.sweeps.spec.schema import Objective, SweepSpec
from landerctl.operations.sweeps.results.standings import (
    Standing,
    results_by_steps,
    standing_at,
)

SIGNIFICANCE = 0.05
Method = Literal["paired-t", "welch", "permutation", "one-seed", "not-measured"]
_Tested = tuple[Method, Interval | None, float | None]


class SetDifference(msgspec.Struct, frozen=True, kw_only=True):
    """The best set of values against another one, in one objective.

    `difference` is the best's mean minus the other's over `seeds`, None with none on one side; its
    bounds are None without spread; p-values are None too where `method` is no test.
    """

    objective: str
    group: int
    best: int  # group
    steps: int  # of both
    method: Method
    seeds: int  # of pairs; without pairs on the side with fewer
    best_mean: float | None
    mean: float | None
    difference: Interval | None
    p_value: float | None = None  # that there is none
    adjusted_p_value: float | None = None  # with all sets that were tested
    differs: bool = False  # adjusted_p_value is below SIGNIFICANCE


def differences(
    spec: SweepSpec,
    trials: Sequence[Trial],
    legs: Sequence[Leg],
    ordered: Sequence[Standing],
) -> list[SetDifference]:
    """The first standing against each of the others, objective by objective.

    P-values are adjusted within an objective, by Holm's method, for the number of sets tested.
    """
    if not ordered:
        return []
    members: dict[int, list[Trial]] = {}
    for trial in trials:
        members.setdefault(trial.group, []).append(trial)
    reached = results_by_steps(legs)
    best, *others = ordered
    found: list[SetDifference] = []
    for objective in spec.objectives:
        family = []
        for other in others:
            steps = min(best.steps, other.steps)
            pair = [
                standing_at(spec, one.group, members[one.group], reached, steps)
                for one in (best, other)
            ]
            family.append(_difference(objective, (best.group, other.group), steps, pair))
        found += _adjusted(family)
    return found


def _difference(
    objective: Objective, groups: tuple[int, int], steps: int, pair: Sequence[Standing | None]
) -> SetDifference:
    name = objective.metric
    ours, theirs = ({} if one is None else one.values(name) for one in pair)
    both = sorted(ours.keys() & theirs.keys())
    if len(both) >= 2:
        ours, theirs = ({seed: one[seed] for seed in both} for one in (ours, theirs))
        method, interval, p_value = _paired(list(ours.values()), list(theirs.values()))
    else:
        method, interval, p_value = _unpaired(list(ours.values()), list(theirs.values()))
    return SetDifference(
        objective=name,
        best=groups[0],
        group=groups[1],
        steps=steps,
        method=method,
        seeds=min(len(ours), len(theirs)),
        best_mean=fmean(ours.values()) if ours else None,
        mean=fmean(theirs.values()) if theirs else None,
        difference=interval,
        p_value=p_value,
        adjusted_p_value=p_value,
    )


def _paired(ours: Sequence[float], theirs: Sequence[float]) -> _Tested:
    interval = paired_interval(ours, theirs)
    if not _spread([a - b for a, b in zip(ours, theirs, strict=True)], (*ours, *theirs)):
        untested = Interval(interval.mean, None, None)
        return "permutation", untested, 2.0 ** (1 - len(ours)) if interval.mean else 1.0
    assert interval.low is not None and interval.high is not None
    freedom = len(ours) - 1
    error = (interval.high - interval.low) / 2 / student_t(freedom)
    return "paired-t", interval, student_p_value(interval.mean / error, freedom)


def _unpaired(ours: Sequence[float], theirs: Sequence[float]) -> _Tested:
    if not ours or not theirs:
        return "not-measured", None, None
    first, second = mean_interval(ours), mean_interval(theirs)
    untested = Interval(first.mean - second.mean, None, None)
    tested = welch(first, len(ours), second, len(theirs))
    if tested is None:
        return "one-seed", untested, None
    if not (_spread(ours, ours) or _spread(theirs, theirs)):
        arrangements = comb(len(ours) + len(theirs), len(ours))
        return "permutation", untested, 2 / arrangements if untested.mean else 1.0
    return "welch", *tested


def _spread(values: Sequence[float], sizes: Sequence[float]) -> bool:
    """Whether values differ by more than rounding: a t of values that do not is no evidence."""
    return max(values) - min(values) > 1e-9 * max(map(abs, sizes))


def _adjusted(family: Sequence[SetDifference]) -> list[SetDifference]:
    tested = [one.p_value for one in family if one.p_value is not None]
    adjusted = iter(holm(tested))
    return [
        one
        if one.p_value is None
        else msgspec.structs.replace(
            one, adjusted_p_value=(p_value := next(adjusted)), differs=p_value < SIGNIFICANCE
        )
        for one in family
    ]
