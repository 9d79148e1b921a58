"""The interface of the schedulers: pure, so that each decision can be replayed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

from msgspec import Struct

from daemon.sweeps.records import Leg, Trial


class Verdict(Struct, frozen=True, kw_only=True):
    """What becomes of a paused trial."""

    trial: int
    steps: int  # the rung at which it is paused
    kind: Literal["continue", "stop", "fork"]
    target_steps: int = 0  # "continue": where the next leg ends
    parent: int | None = None  # "fork": whose state it takes on
    values: dict[str, object] = {}  # "fork": its perturbed settings
    reason: str


class Scheduler(Protocol):
    """Decides where trials pause, and what becomes of those that have."""

    rungs: Sequence[int]  # steps at which legs end; the last is limits.steps

    def first_target_steps(self) -> int:
        """Where a new trial's first leg ends."""
        ...

    def decide(
        self, trials: Sequence[Trial], legs: Sequence[Leg], *, all_proposed: bool
    ) -> Sequence[Verdict]:
        """Verdicts on paused trials that can be decided now, in the order of their numbers.

        `legs` in the order in which they ended; `all_proposed`: no more trials will come.
        """
        ...
