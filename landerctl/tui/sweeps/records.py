"""What the page of sweeps shows, as it was read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from daemon.sweeps.records import Decision, Leg, Trial
from daemon.sweeps.spec.schema import SweepSpec
from landerctl.operations.compare.lines import RunLines
from landerctl.operations.sweeps.status import SweepStatus, TrialRow


@dataclass(frozen=True, eq=False)
class Sweep:
    """One sweep as of one read. By trial, its legs and decisions, in order."""

    spec: SweepSpec
    status: SweepStatus
    rows: Mapping[int, TrialRow]  # of all trials, by number
    trials: Mapping[int, Trial]
    legs: Mapping[int, list[Leg]]
    decisions: Mapping[int, list[Decision]]


@dataclass(frozen=True)
class SweepName:
    """A sweep that can be chosen, and a few words about it."""

    name: str
    words: str


@dataclass(frozen=True)
class FoundSweeps:
    """The sweeps of a state folder, the newest first, and the one that is shown."""

    names: tuple[SweepName, ...] = ()
    sweep: Sweep | None = None
    # Of the trials that are plotted, those that have recorded some.
    curves: Mapping[int, RunLines] = field(default_factory=dict)
