"""How trials stand against each other at a rung. Pure.

Compared are groups: trials that differ by their seed only, by the mean of the first objective. A
trial without it (it failed, or the objective could not be measured) is worse than any value: first
counts which share of a group's trials has none, then the mean, then which came first.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from statistics import fmean

from msgspec import Struct

from daemon.sweeps.records import ENDED, Leg, Trial, TrialState
from daemon.sweeps.spec.schema import SweepSpec


class Standing(Struct, frozen=True):
    """A group at a rung."""

    score: tuple[float, float]  # the smaller the better: share without a value, signed mean
    mean: float | None  # of its trials that have a value
    trials: tuple[Trial, ...]


class Field:
    """The groups of a sweep whose trials are all proposed, and what they reached."""

    def __init__(
        self, spec: SweepSpec, trials: Iterable[Trial], legs: Iterable[Leg], *, all_proposed: bool
    ) -> None:
        self.objective = spec.objectives[0]
        groups: dict[int, list[Trial]] = {}
        for trial in trials:
            groups.setdefault(trial.group, []).append(trial)
        self._group_of = {
            one.number: tuple(members)
            for members in groups.values()
            if all_proposed or len(members) >= spec.seeds.count
            for one in members
        }
        # By rung and trial, of those that have ended it; NaN without a value.
        self._ends: dict[int, dict[int, float]] = {}
        metric = self.objective.metric
        for leg in legs:
            self._ends.setdefault(leg.steps, {})[leg.trial] = leg.values.get(metric, math.nan)

    def standing(self, members: tuple[Trial, ...], steps: int) -> Standing:
        """A group at a rung, by the values that its trials have there."""
        ends = self._ends.get(steps, {})
        reached = (ends.get(one.number, math.nan) for one in members)
        values = [value for value in reached if math.isfinite(value)]
        if not values:
            return Standing((1.0, math.inf), None, members)
        mean = fmean(values)
        signed = -mean if self.objective.direction == "maximize" else mean
        return Standing((1.0 - len(values) / len(members), signed), mean, members)

    def sent_to(self, steps: int) -> list[Standing]:
        """The groups with a trial that was to reach a rung, best first."""
        return self._ranked(
            (
                number
                for number, group in self._group_of.items()
                if any(one.target_steps >= steps for one in group)
            ),
            steps,
        )

    def ended(self, steps: int) -> list[Standing]:
        """The groups that have ended a rung and of which nothing more is to come, best first."""
        ends = self._ends.get(steps, {})
        return self._ranked(
            (
                number
                for number in ends
                if all(
                    one.number in ends or one.state in ENDED
                    for one in self._group_of.get(number, ())
                )
            ),
            steps,
        )

    def _ranked(self, numbers: Iterable[int], steps: int) -> list[Standing]:
        """The groups of some trials."""
        groups = {
            group[0].number: group for number in numbers if (group := self._group_of.get(number))
        }
        standings = [self.standing(group, steps) for group in groups.values()]
        return sorted(standings, key=lambda one: (one.score, one.trials[0].number))


def paused_at(trials: Iterable[Trial], steps: int) -> list[Trial]:
    """Those that wait at a rung for a verdict."""
    return [one for one in trials if one.state is TrialState.PAUSED and one.target_steps == steps]


def under_way_to(trials: Iterable[Trial], steps: int) -> bool:
    """Whether any may still arrive at a rung, of those that are not paused."""
    return any(
        one.state in (TrialState.WAITING, TrialState.RUNNING) and one.target_steps <= steps
        for one in trials
    )


def complete_rung(trials: Sequence[Trial], *, all_proposed: bool) -> int | None:
    """The lowest rung with paused trials, if nothing more can arrive at it; else None."""
    paused = [one.target_steps for one in trials if one.state is TrialState.PAUSED]
    if not paused or not all_proposed or under_way_to(trials, steps := min(paused)):
        return None
    return steps
