"""How the sets of values of a sweep stand, in order: the best first. Pure.

A set of values is trained with one or more seeds, its group of trials. Groups are ranked by the
steps that all their trials reached, then by the mean of the first objective there: a value at a
rung says nothing against one at the end. A group with a failed trial comes after the whole ones of
its steps; a value that is missing, as that of a gate which was not passed, is worse than any.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean
from typing import Any

from msgspec import Struct

from daemon.runs.statistics.intervals import Interval, mean_interval
from daemon.sweeps.records import Leg, Trial, TrialState
from daemon.sweeps.spec.schema import Objective, SweepSpec


class SeedResult(Struct, frozen=True, kw_only=True):
    """What one trial of a group reached at the group's steps."""

    seed: int
    trial: int
    state: TrialState
    values: dict[str, float]  # by objective; those that are missing are left out


class Standing(Struct, frozen=True, kw_only=True):
    """A set of values, and what its trials reached."""

    group: int
    settings: dict[str, Any]
    steps: int  # that every trial which did not fail has reached
    results: tuple[SeedResult, ...]  # at these steps, by trial
    failed: int  # trials that failed before these steps
    means: dict[str, Interval]  # by objective, over the trials that have it; Student's t

    def values(self, objective: str) -> dict[int, float]:
        """Seed -> value, of the trials that have it."""
        return {one.seed: one.values[objective] for one in self.results if objective in one.values}


def standings(
    spec: SweepSpec, trials: Sequence[Trial], legs: Sequence[Leg]
) -> tuple[Standing, ...]:
    """Every group that can be judged, the best first; ties by the group's number."""
    reached = results_by_steps(legs)
    groups: dict[int, list[Trial]] = defaultdict(list)
    for trial in trials:
        groups[trial.group].append(trial)
    found = [
        standing_at(spec, group, members, reached, _steps(members, reached))
        for group, members in groups.items()
    ]
    judged = [one for one in found if one is not None]
    return tuple(sorted(judged, key=lambda one: (*_rank(spec, one), one.group)))


def results_by_steps(legs: Iterable[Leg]) -> dict[int, dict[int, Leg]]:
    """Trial -> steps -> the leg that ended there."""
    found: dict[int, dict[int, Leg]] = defaultdict(dict)
    for leg in legs:
        found[leg.trial][leg.steps] = leg
    return found


def standing_at(
    spec: SweepSpec,
    group: int,
    members: Sequence[Trial],
    reached: Mapping[int, Mapping[int, Leg]],
    steps: int,
) -> Standing | None:
    """The group at given steps; None if none of its trials ended a leg there."""
    ended = [trial for trial in members if steps in reached.get(trial.number, {})]
    if not ended:
        return None
    results = tuple(
        SeedResult(
            seed=trial.seed,
            trial=trial.number,
            state=trial.state,
            values=reached[trial.number][steps].values,
        )
        for trial in sorted(ended, key=lambda one: one.number)
    )
    return Standing(
        group=group,
        settings=members[0].values,
        steps=steps,
        results=results,
        failed=sum(trial.state is TrialState.FAILED and trial not in ended for trial in members),
        means={
            name: mean_interval(values)
            for name in (objective.metric for objective in spec.objectives)
            if (values := [one.values[name] for one in results if name in one.values])
        },
    )


def badness(objective: Objective, standing: Standing) -> tuple[int, float]:
    """Sorts: how many trials lack the value, then the mean, smaller is better."""
    values = standing.values(name := objective.metric)
    lacking = sum(name not in one.values for one in standing.results)
    if not values:
        return lacking, math.inf
    mean = fmean(values.values())
    return lacking, -mean if objective.direction == "maximize" else mean


def _steps(members: Sequence[Trial], reached: Mapping[int, Mapping[int, Leg]]) -> int:
    """The most that every trial which did not fail has reached; 0 if one has not ended a leg."""
    most = [
        max(reached.get(trial.number, {}), default=0)
        for trial in members
        if trial.state is not TrialState.FAILED
    ]
    return min(most, default=0)


def _rank(spec: SweepSpec, one: Standing) -> tuple[int, bool, tuple[int, float]]:
    return -one.steps, one.failed > 0, badness(spec.objectives[0], one)
