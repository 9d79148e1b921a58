"""Asynchronous successive halving (ASHA): the best part so far continues, without waiting.

Li et al., "A System for Massively Parallel Hyperparameter Tuning", MLSys 2020, Algorithm 2, the
promotion type: a paused group continues as soon as it is among the best floor(n / reduction) of the
n groups that have ended the rung, and waits until then. When nothing more can arrive at a rung, its
best continues even if n < reduction, and those that still wait end. Groups that failed before the
rung have not ended it and are not in n.

Optuna's SuccessiveHalvingPruner and Ray Tune's AsyncHyperBandScheduler are of the stopping type:
they do not pause, a trial is judged once, when it arrives, against those that came before it, so
the first to arrive continues whatever it is worth. Syne Tune offers both types.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from daemon.sweeps.records import Leg, Trial, TrialState
from daemon.sweeps.scheduling.rungs import growing_rungs
from daemon.sweeps.scheduling.scheduler import Verdict
from daemon.sweeps.scheduling.standing import Field, under_way_to
from daemon.sweeps.scheduling.verdicts import best_continue
from daemon.sweeps.spec.schema import SweepSpec


class Asha:
    """Decides about each paused group by those that have ended its rung so far."""

    def __init__(self, spec: SweepSpec) -> None:
        self.rungs: Sequence[int] = growing_rungs(spec)
        self._spec = spec

    def first_target_steps(self) -> int:
        """The first rung."""
        return self.rungs[0]

    def decide(
        self, trials: Sequence[Trial], legs: Sequence[Leg], *, all_proposed: bool
    ) -> Sequence[Verdict]:
        """Verdicts on the groups that may continue now, and on those that never will."""
        if not any(one.state is TrialState.PAUSED for one in trials):
            return []
        field = Field(self._spec, trials, legs, all_proposed=all_proposed)
        verdicts: list[Verdict] = []
        closed = all_proposed  # nothing more can arrive at the rung
        for steps, next_steps in pairwise(self.rungs):
            closed = closed and not under_way_to(trials, steps)
            order = field.ended(steps)
            continuing = len(order) // self._spec.scheduler.reduction
            if closed:
                continuing = max(1, continuing)
            here = best_continue(order, continuing, (steps, next_steps), field.objective)
            verdicts += here if closed else [one for one in here if one.kind == "continue"]
            closed = closed and all(one.kind == "stop" for one in here)
        return sorted(verdicts, key=lambda one: one.trial)
