"""Every trial is trained to its end."""

from __future__ import annotations

from collections.abc import Sequence

from daemon.sweeps.records import Leg, Trial
from daemon.sweeps.scheduling.scheduler import Verdict
from daemon.sweeps.spec.schema import SweepSpec


class NoScheduler:
    """No rungs: a trial has one leg."""

    def __init__(self, spec: SweepSpec) -> None:
        self.rungs: Sequence[int] = [spec.limits.steps]

    def first_target_steps(self) -> int:
        """Where a new trial's only leg ends."""
        return self.rungs[0]

    def decide(
        self, trials: Sequence[Trial], legs: Sequence[Leg], *, all_proposed: bool
    ) -> Sequence[Verdict]:
        """Nothing: no trial pauses."""
        return []
