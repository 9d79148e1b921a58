"""How trials stand against each other at a rung. Pure.

Compared are groups: trials that differ by their seed only, by the mean of the first objective. A
trial without it (it failed, or the objective could not be measured) is worse than any value: first
counts which share of a group's trials has none, then the mean, then which came first.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
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
        self, spec: SweepSpec, trials: Iterable[Trial], legs: Sequence[Leg], *, all_proposed: bool
    ) -> None:
        self.objective = spec.objectives[0]
        groups: dict[int, list[Trial]] = {}
        for trial in trials:
            groups.setdefault(trial.group, []).append(trial)
        self._groups = [
            tuple(members)
            for members in groups.values()
            if all_proposed or len(members) >= spec.seeds.count
        ]
        self._ended = {(leg.trial, leg.steps) for leg in legs}
        values = ((leg, leg.values.get(self.objective.metric)) for leg in legs)
        self._values = {
            (leg.trial, leg.steps): value
            for leg, value in values
            if value is not None and math.isfinite(value)
        }

    def standing(self, members: tuple[Trial, ...], steps: int) -> Standing:
        """A group at a rung, by the values that its trials have there."""
        known = ((one.number, steps) for one in members if (one.number, steps) in self._values)
        values = [self._values[one] for one in known]
        if not values:
            return Standing((1.0, math.inf), None, members)
        mean = fmean(values)
        signed = -mean if self.objective.direction == "maximize" else mean
        return Standing((1.0 - len(values) / len(members), signed), mean, members)

    def sent_to(self, steps: int) -> list[Standing]:
        """The groups with a trial that was to reach a rung, best first."""
        return self._ranked(
            steps, lambda members: any(one.target_steps >= steps for one in members)
        )

    def ended(self, steps: int) -> list[Standing]:
        """The groups that have ended a rung and of which nothing more is to come, best first."""
        return self._ranked(
            steps,
            lambda members: (
                any((one.number, steps) in self._ended for one in members)
                and all(one.state in ENDED or (one.number, steps) in self._ended for one in members)
            ),
        )

    def _ranked(self, steps: int, counts: Callable[[tuple[Trial, ...]], bool]) -> list[Standing]:
        standings = [self.standing(members, steps) for members in self._groups if counts(members)]
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
