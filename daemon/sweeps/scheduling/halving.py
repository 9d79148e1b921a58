"""Synchronous successive halving: at each rung the best part continues, the others end.

Jamieson and Talwalkar, AISTATS 2016. A rung is decided when nothing more can arrive at it, so the
order in which trials end changes nothing. Of n groups at a rung max(1, floor(n / reduction))
continue; those whose trials all failed count in n, and as the worst. One bracket: Hyperband (Li et
al., JMLR 18 (2018)) and Ray Tune's HyperBandScheduler run several with different first rungs, and
Ray Tune's takes ceil(n / reduction).
"""

from __future__ import annotations

from collections.abc import Sequence

from daemon.sweeps.records import Leg, Trial
from daemon.sweeps.scheduling.rungs import growing_rungs
from daemon.sweeps.scheduling.scheduler import Verdict
from daemon.sweeps.scheduling.standing import Field, complete_rung
from daemon.sweeps.scheduling.verdicts import best_continue
from daemon.sweeps.spec.schema import SweepSpec


class Halving:
    """Decides a rung once all that reach it have ended it, or ended otherwise."""

    def __init__(self, spec: SweepSpec) -> None:
        self.rungs: Sequence[int] = growing_rungs(spec)
        self._spec = spec

    def first_target_steps(self) -> int:
        """The first rung."""
        return self.rungs[0]

    def decide(
        self, trials: Sequence[Trial], legs: Sequence[Leg], *, all_proposed: bool
    ) -> Sequence[Verdict]:
        """Verdicts on the lowest rung with paused trials, if no trial is under way to it."""
        steps = complete_rung(trials, all_proposed=all_proposed)
        if steps is None:
            return []
        field = Field(self._spec, trials, legs, all_proposed=True)
        order = field.sent_to(steps)
        continuing = max(1, len(order) // self._spec.scheduler.reduction)
        next_steps = self.rungs[self.rungs.index(steps) + 1]
        verdicts = best_continue(order, continuing, (steps, next_steps), field.objective)
        return sorted(verdicts, key=lambda one: one.trial)
