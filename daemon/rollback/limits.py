"""Rate limits of automatic rollbacks, so that they cannot loop. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from daemon.config.schema import RollbackSettings
from daemon.store.records import Body, Event

MAX_KEPT = 1000


@dataclass(frozen=True)
class StartedRollback:
    """A rollback that started at `time_s`, by any one clock that is never set."""

    time_s: float
    automatic: bool


class StartedRollbacks:
    """The rollbacks so far, from the events that record their start."""

    def __init__(self, events: Iterable[tuple[Event, float]] = ()) -> None:
        """`events`: those of earlier sessions, each with its time by this session's clock."""
        self.all: list[StartedRollback] = []
        for event, time_s in events:
            self.note(event.name, time_s, event.body)

    def note(self, name: str, time_s: float, body: Body | None) -> None:
        """Note an event that happened at `time_s` (monotonic)."""
        if name == "rollback.started":
            automatic = (body or {}).get("automatic") is True
            self.all = [*self.all[-MAX_KEPT:], StartedRollback(time_s, automatic)]


def limit_reached(
    earlier: Sequence[StartedRollback], now_s: float, settings: RollbackSettings
) -> str | None:
    """Why no automatic rollback may start at `now_s`; None if one may."""
    last_s = max((one.time_s for one in earlier), default=None)
    if last_s is not None and now_s - last_s < settings.cooldown_s:
        ago_min = (now_s - last_s) / 60.0
        return (
            f"the last rollback was {ago_min:.0f} min ago, within rollback.cooldown_s = "
            f"{settings.cooldown_s:g}"
        )
    window_s = settings.window_h * 3600.0
    count = sum(one.automatic and now_s - one.time_s < window_s for one in earlier)
    if count >= settings.max_automatic:
        return (
            f"{count} automatic rollbacks in {settings.window_h:g} h, "
            f"rollback.max_automatic = {settings.max_automatic}"
        )
    return None
