"""Marks on the horizontal axis: rungs, stages, rollbacks, alerts, checkpoints."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from daemon.backup.restoring.restorable import Restorable
from daemon.store.records import Event
from landerctl.tui.plotting.branches import StepClock
from landerctl.tui.plotting.choice import Marks


class MarkKind(Enum):
    """What a mark is of: its symbol, and its name in the legend. Later ones are above."""

    RUNG = ("┴", "rung")  # where a sweep compares its trials
    CHECKPOINT = ("◇", "checkpoint")
    STAGE = ("✓", "stage")
    ALERT = ("▲", "alert")
    ROLLBACK = ("↶", "rollback")

    @property
    def symbol(self) -> str:
        """One cell."""
        return self.value[0]

    @property
    def title(self) -> str:
        """Its name."""
        return self.value[1]


EVENTS = {
    "stage.passed": MarkKind.STAGE,
    "alert.firing": MarkKind.ALERT,
    "rollback.done": MarkKind.ROLLBACK,
}


@dataclass(frozen=True)
class Mark:
    """A mark at timesteps or at a Unix time, s."""

    kind: MarkKind
    x: float


def marks_of(
    events: Iterable[Event],
    checkpoints: Iterable[Restorable],
    clock: StepClock,
    *,
    which: Marks,
    by_time: bool,
) -> tuple[Mark, ...]:
    """The marks, in the order in which they are drawn; `events` are those of EVENTS."""
    if which == "none":
        return ()
    places: list[tuple[MarkKind, float | None]] = []
    if which == "all":
        for item in checkpoints:
            at = item.manifest.created_s if by_time else float(item.manifest.timesteps)
            places.append((MarkKind.CHECKPOINT, at))
    places += [
        (kind, event.time_s if by_time else _steps(event, kind, clock))
        for event in events
        if (kind := EVENTS.get(event.name)) is not None
    ]
    order = list(MarkKind)
    found = [Mark(kind, x) for kind, x in places if x is not None]
    return tuple(sorted(found, key=lambda mark: (order.index(mark.kind), mark.x)))


def _steps(event: Event, kind: MarkKind, clock: StepClock) -> float | None:
    """Where an event happened; a rollback's own timesteps are those to which it went back."""
    recorded = event.body.get("timesteps")
    if kind is MarkKind.STAGE and isinstance(recorded, int | float):
        return float(recorded)
    return clock.steps_at(event.time_s)
