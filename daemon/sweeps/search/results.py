"""What the groups of trials reached, as the samplers get it. Pure.

Of the trials only their values count, and whether they failed before the end of a leg: so that a
proposal can be made again later from the legs that had ended then.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from statistics import fmean
from typing import Any

from msgspec import Struct

from daemon.sweeps.records import Leg, Trial, TrialState


class GroupResult(Struct, frozen=True, kw_only=True):
    """One set of values, and what its trials reached at a number of steps that all of them have.

    `reached`: for each objective the mean over the seeds. None: it is not known yet; or, if
    `known`, some trial has no value there or never came so far, which is worse than any value.
    """

    values: dict[str, Any]
    steps: int
    reached: list[float] | None
    known: bool


def group_results(
    trials: Sequence[Trial], legs: Sequence[Leg], objectives: Sequence[str], *, first: bool
) -> list[GroupResult]:
    """The groups in order. `first`: what they reached at their first leg's end, not at their last.

    Trials that failed before the end of a leg are left out of their group's mean.
    """
    by_trial: dict[int, dict[int, Leg]] = defaultdict(dict)
    for leg in legs:
        by_trial[leg.trial][leg.steps] = leg
    groups: dict[int, list[Trial]] = defaultdict(list)
    for trial in trials:
        groups[trial.group].append(trial)
    return [
        _result(members, [by_trial[one.number] for one in members], objectives, first=first)
        for _, members in sorted(groups.items())
    ]


def _result(
    members: Sequence[Trial],
    legs: Sequence[dict[int, Leg]],
    objectives: Sequence[str],
    *,
    first: bool,
) -> GroupResult:
    counted = [
        found
        for one, found in zip(members, legs, strict=True)
        if found or one.state is not TrialState.FAILED
    ]
    common = set.intersection(*map(set, counted)) if counted else set[int]()
    steps = (min if first else max)(common, default=0)
    there = [found[steps].values for found in counted] if common else []
    whole = bool(there) and all(name in values for values in there for name in objectives)
    return GroupResult(
        values=members[0].values,
        steps=steps,
        reached=[fmean(values[name] for values in there) for name in objectives] if whole else None,
        known=bool(common) or not counted,
    )
