"""Sweeps as facts: trials and legs built in the test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from daemon.sweeps.records import Leg, Trial, TrialState
from daemon.sweeps.spec.schema import Limits, Objective, SeedSettings, SweepSpec

STEPS = 300_000
Group = tuple[Mapping[str, Any], Sequence[float | None]]


def spec(*objectives: Objective, seeds: int = 3) -> SweepSpec:
    return SweepSpec(
        limits=Limits(steps=STEPS),
        seeds=SeedSettings(count=seeds),
        objectives=list(objectives) or [Objective(metric="success")],
    )


def trial(number: int, group: int, seed: int = 1, **changed: Any) -> Trial:
    facts: dict[str, Any] = {
        "values": {},
        "state": TrialState.COMPLETED,
        "target_steps": STEPS,
        "steps": STEPS,
    }
    return Trial(number=number, group=group, seed=seed, **(facts | changed))


def leg(
    of: int, values: Mapping[str, float], steps: int = STEPS, machine: str = "x86, 1 thread"
) -> Leg:
    return Leg(
        trial=of, steps=steps, values=dict(values), running_s=60.0, time_s=1e9, machine=machine
    )


def finished(*groups: Group, metric: str = "success") -> tuple[list[Trial], list[Leg]]:
    """Groups of trials with the seeds 1, 2, ... that ended, each with its value; None: without."""
    trials: list[Trial] = []
    legs: list[Leg] = []
    for group, (values, reached) in enumerate(groups):
        for seed, value in enumerate(reached, 1):
            number = len(trials)
            trials.append(trial(number, group, seed, values=dict(values)))
            legs.append(leg(number, {} if value is None else {metric: value}))
    return trials, legs
