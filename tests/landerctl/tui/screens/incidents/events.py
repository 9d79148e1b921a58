"""Events of alerts and rollbacks as the daemon records them."""

from __future__ import annotations

from daemon.config.schema import Severity
from daemon.store.records import Event

T0 = 1_795_000_000.0


def event(after_s: float, name: str, text: str = "", **body: bool | int | float | str) -> Event:
    severity: Severity = "critical" if name == "alert.firing" else "info"
    return Event(int(after_s * 10), T0 + after_s, name, severity, "run", text or name, dict(body))


def fired(after_s: float, alert: str = "disk-low") -> Event:
    text = "Disk space is running out (disk/free_gb = 9.2, below 10)"
    return event(after_s, "alert.firing", text, alert=alert, value=9.2)


def resolved(after_s: float, alert: str = "disk-low") -> Event:
    return event(after_s, "alert.resolved", alert=alert, value=20.0)


def silenced(after_s: float, for_s: float, pattern: str = "disk-*") -> Event:
    return event(after_s, "alert.silenced", pattern=pattern, for_s=for_s)
