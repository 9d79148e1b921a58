"""The steps at which trials pause to be compared. Pure."""

from __future__ import annotations

from daemon.sweeps.spec.schema import SweepSpec


def growing_rungs(spec: SweepSpec) -> list[int]:
    """first_rung_steps * reduction^k below limits.steps, then limits.steps."""
    rungs, steps = [], spec.scheduler.first_rung_steps
    while steps < spec.limits.steps:
        rungs.append(steps)
        steps *= spec.scheduler.reduction
    return [*rungs, spec.limits.steps]


def regular_rungs(spec: SweepSpec) -> list[int]:
    """Multiples of first_rung_steps below limits.steps, then limits.steps."""
    each, last = spec.scheduler.first_rung_steps, spec.limits.steps
    return [*range(each, last, each), last]
