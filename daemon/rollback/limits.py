"""Rate limits of automatic rollbacks, so that they cannot loop. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from daemon.config.schema import RollbackSettings
from daemon.store.records import Event


@dataclass(frozen=True)
class StartedRollback:
    """A rollback that started at `time_s` (Unix)."""

    time_s: float
    automatic: bool


def started_rollbacks(events: Sequence[Event]) -> list[StartedRollback]:
    """The rollbacks that these rollback.started events record."""
    return [StartedRollback(event.time_s, event.body.get("automatic") is True) for event in events]


def limit_reached(
    earlier: Sequence[StartedRollback], now_s: float, settings: RollbackSettings
) -> str | None:
    """Why no automatic rollback may start at `now_s` (Unix); None if one may.

    Timestamps in the future (the clock was set back) count as now.
    """
    last_s = max((one.time_s for one in earlier), default=None)
    if last_s is not None and now_s - last_s < settings.cooldown_s:
        ago_min = max(0.0, now_s - last_s) / 60.0
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
