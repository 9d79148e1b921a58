"""Population-based training: at each rung poor trials end, and forks of good ones take their place.

Jaderberg et al., arXiv:1711.09846 (2017), with truncation selection: when all trials of the
population have ended a rung (multiples of first_rung_steps), each of the worst exploit_share takes
on the state of one of the best exploit_share, drawn at random, with perturbed settings. A poor
trial is not changed: it ends, and a new trial begins as a fork, so that the sweep's record stays
true. A trial that is no worse than the one drawn continues instead.

Ray Tune's PopulationBasedTraining does not wait for a rung unless told so (`synch`) and also draws
settings anew (`resample_probability`, a quarter of them); here only perturbations are made.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from daemon.sweeps.records import Leg, Trial, TrialState
from daemon.sweeps.scheduling.perturbation import perturbed
from daemon.sweeps.scheduling.rungs import regular_rungs
from daemon.sweeps.scheduling.scheduler import Verdict
from daemon.sweeps.scheduling.standing import Field, Standing, complete_rung
from daemon.sweeps.scheduling.verdicts import measured, ordinal
from daemon.sweeps.spec.schema import SweepSpec


class Population:
    """Decides a rung once the whole population has ended it; failed trials are not replaced."""

    def __init__(self, spec: SweepSpec) -> None:
        self.rungs: Sequence[int] = regular_rungs(spec)
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
        order = field.ended(steps)
        part = min(max(1, int(len(order) * self._spec.scheduler.exploit_share)), len(order) // 2)
        verdicts = [
            self._verdict(
                field,
                one,
                f"{ordinal(rank)} of {len(order)} at {steps:,} steps: "
                f"{measured(one, field.objective)}",
                order[:part] if rank > len(order) - part else [],
                steps,
            )
            for rank, one in enumerate(order, start=1)
            if one.trials[0].state is TrialState.PAUSED
        ]
        return sorted(verdicts, key=lambda one: one.trial)

    def _verdict(
        self, field: Field, one: Standing, reason: str, good: list[Standing], steps: int
    ) -> Verdict:
        """On a trial that continues unless it is worse than one of `good`, drawn at random."""
        (trial,) = one.trials  # a population has one seed
        next_steps = self.rungs[self.rungs.index(steps) + 1]
        draw = random.Random(f"{self._spec.search.seed}/{trial.number}/{steps}")
        parent = draw.choice(good) if good else one
        if one.score <= parent.score:
            return Verdict(
                trial=trial.number,
                steps=steps,
                kind="continue",
                target_steps=next_steps,
                reason=f"{reason}, continues",
            )
        origin = parent.trials[0]
        return Verdict(
            trial=trial.number,
            steps=steps,
            kind="fork",
            target_steps=next_steps,
            parent=origin.number,
            values=perturbed(self._spec, origin.values, draw),
            reason=f"{reason}, a fork of trial {origin.number} takes its place "
            f"({measured(parent, field.objective)})",
        )
