"""Median stopping: a group ends that is worse than the median of the others at its rung.

Golovin et al., "Google Vizier", KDD 2017, at rungs that are multiples of
first_rung_steps: a group ends if its best score up to the rung is strictly worse than the median of
the scores that the other groups have at this rung, of which there must be grace_trials.

Vizier and Ray Tune's MedianStoppingRule take the median of the others' running averages up to the
step, Vizier of completed trials only; Optuna's MedianPruner, as here, that of their values at the
step, of completed trials only (here of all that have ended the rung, also of those that go on). Of
an even number of others the worse middle one is the median: so a missing value needs no number.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from daemon.sweeps.records import Leg, Trial, TrialState
from daemon.sweeps.scheduling.rungs import regular_rungs
from daemon.sweeps.scheduling.scheduler import Verdict
from daemon.sweeps.scheduling.standing import Field, Standing, paused_at
from daemon.sweeps.scheduling.verdicts import measured
from daemon.sweeps.spec.schema import SweepSpec


class MedianStopping:
    """Decides about each group when it has ended a rung, by those that have ended it by then."""

    def __init__(self, spec: SweepSpec) -> None:
        self.rungs: Sequence[int] = regular_rungs(spec)
        self._grace_trials = spec.scheduler.grace_trials
        self._spec = spec

    def first_target_steps(self) -> int:
        """The first rung."""
        return self.rungs[0]

    def decide(
        self, trials: Sequence[Trial], legs: Sequence[Leg], *, all_proposed: bool
    ) -> Sequence[Verdict]:
        """Verdicts on all groups that have ended the rung at which they are paused."""
        paused = {one.target_steps for one in trials if one.state is TrialState.PAUSED}
        if not paused:
            return []
        field = Field(self._spec, trials, legs, all_proposed=all_proposed)
        verdicts: list[Verdict] = []
        for steps in paused:
            order = field.ended(steps)
            for place, one in enumerate(order):
                verdicts += self._verdicts(field, one, _median_of_others(order, place), steps)
        return sorted(verdicts, key=lambda verdict: verdict.trial)

    def _verdicts(self, field: Field, one: Standing, others: _Others, steps: int) -> list[Verdict]:
        waiting = paused_at(one.trials, steps)
        if not waiting:
            return []
        place = self.rungs.index(steps)
        so_far = (field.standing(one.trials, rung) for rung in self.rungs[: place + 1])
        best = min(so_far, key=lambda at: at.score)
        reason, worse = f"{measured(best, field.objective)} by {steps:,} steps", False
        if others.median is None or others.number < self._grace_trials:
            reason += f": too few others to compare with ({others.number})"
        else:
            worse = best.score > others.median.score
            reason += (
                f", {'' if worse else 'not '}worse than the median of {others.number} others: "
            )
            reason += measured(others.median, field.objective)
        return [
            Verdict(
                trial=trial.number,
                steps=steps,
                kind="stop" if worse else "continue",
                target_steps=0 if worse else self.rungs[place + 1],
                reason=reason,
            )
            for trial in waiting
        ]


class _Others(NamedTuple):
    """Those with whom a group is compared."""

    number: int
    median: Standing | None


def _median_of_others(order: list[Standing], place: int) -> _Others:
    """Of `order` without the one at `place`; of an even number the worse middle one."""
    count = len(order) - 1
    middle = count // 2
    if not count:
        return _Others(0, None)
    return _Others(count, order[middle if place > middle else middle + 1])
