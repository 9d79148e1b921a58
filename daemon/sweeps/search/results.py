"""What the groups of trials reached, as the samplers are told it. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from statistics import fmean
from typing import Any

from msgspec import Struct

from daemon.sweeps.records import ENDED, Leg, Trial, TrialState


class GroupResult(Struct, frozen=True, kw_only=True):
    """One set of values, and what its trials reached at a number of steps that all of them have.

    `reached`: for each objective the mean over the seeds; None: some trial has not come so far.
    """

    values: dict[str, Any]
    steps: int  # of `reached`; 0 without it
    reached: list[float] | None
    completed: bool  # every trial has trained all its steps
    failed: bool  # its trials have ended, and never reached anything


def group_results(
    trials: Sequence[Trial], legs: Sequence[Leg], objectives: Sequence[str], *, first: bool
) -> list[GroupResult]:
    """The groups in order. `first`: what they reached at their first leg's end, not at their last.

    Trials that have failed without any leg are left out of their group's mean.
    """
    by_trial: dict[int, dict[int, Leg]] = defaultdict(dict)
    for leg in legs:
        if all(name in leg.values for name in objectives):
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
    values = members[0].values
    counted = [
        found for one, found in zip(members, legs, strict=True) if found or one.state not in ENDED
    ]
    common = set.intersection(*map(set, counted)) if counted else set[int]()
    if not common:
        failed = not counted
        return GroupResult(values=values, steps=0, reached=None, completed=False, failed=failed)
    steps = min(common) if first else max(common)
    return GroupResult(
        values=values,
        steps=steps,
        reached=[fmean(found[steps].values[name] for found in counted) for name in objectives],
        completed=all(one.state in {TrialState.COMPLETED, TrialState.FAILED} for one in members),
        failed=False,
    )
