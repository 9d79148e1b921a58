"""The best sets of values: one, or with several objectives a Pareto front. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from daemon.runs.statistics.intervals import Interval
from daemon.sweeps.records import Leg, Trial
from daemon.sweeps.spec.schema import SweepSpec
from landerctl.operations.sweeps.results.standings import (
    Standing,
    badness,
    standings,
)


class RankedSet(Struct, frozen=True, kw_only=True):
    """A set of values in its place."""

    standing: Standing
    best: bool  # none is better: with several objectives, it is on the front
    # A group that is as good in every objective and better in one; None: best, or of fewer steps.
    dominated_by: int | None = None
    # By objective, with its bootstrap interval; of those that a comparison shows.
    interquartile: dict[str, Interval] = {}


def best_trials(spec: SweepSpec, trials: Sequence[Trial], legs: Sequence[Leg]) -> list[Trial]:
    """The trial with the best first objective of each best set of values, the best set first.

    Empty before a trial has ended a leg. Of several seeds the best one's value is partly luck: the
    mean over the seeds says what the settings do.
    """
    numbered = {trial.number: trial for trial in trials}
    objective = spec.objectives[0]
    name, sign = objective.metric, -1.0 if objective.direction == "maximize" else 1.0
    found = []
    for one in ranked(spec, standings(spec, trials, legs)):
        if one.best:
            having = [result for result in one.standing.results if name in result.values]
            chosen = min(
                having or one.standing.results,
                key=lambda result: (sign * result.values.get(name, 0.0), result.trial),
            )
            found.append(numbered[chosen.trial])
    return found


def ranked(spec: SweepSpec, ordered: Sequence[Standing]) -> list[RankedSet]:
    """Standings as `standings` orders them, each with whether it is among the best.

    Only groups that reached the most steps can be: the others were not trained as long.
    """
    most = max((one.steps for one in ordered), default=0)
    whole = [one for one in ordered if one.steps == most]
    by = _dominated(spec, whole) if len(spec.objectives) > 1 else _after_the_first(whole)
    return [
        RankedSet(
            standing=one,
            best=one.steps == most and one.group not in by,
            dominated_by=by.get(one.group),
        )
        for one in ordered
    ]


def _after_the_first(whole: Sequence[Standing]) -> dict[int, int]:
    return {one.group: whole[0].group for one in whole[1:]}


def _dominated(spec: SweepSpec, whole: Sequence[Standing]) -> dict[int, int]:
    """Group -> the group of the front that dominates it; missing values are worst.

    In lexicographic order a group comes after all that dominate it, so that each need only be
    compared with the front so far.
    """

    def vector(one: Standing) -> tuple[tuple[int, float], ...]:
        return tuple(badness(objective, one) for objective in spec.objectives)

    front: list[tuple[int, tuple[tuple[int, float], ...]]] = []
    found: dict[int, int] = {}
    for values, group in sorted((vector(one), one.group) for one in whole):
        by = next((other for other, better in front if _as_good(better, values)), None)
        if by is None:
            front.append((group, values))
        else:
            found[group] = by
    return found


def _as_good(one: Sequence[tuple[int, float]], other: Sequence[tuple[int, float]]) -> bool:
    """At least as good everywhere, and better somewhere."""
    return one != other and all(a <= b for a, b in zip(one, other, strict=True))
