"""Whether a firing alert reached each target, by the daemon's own events. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from daemon.protocol.finding import Figure, Finding
from daemon.store.records import Event
from landerctl.drills.alerts.rules import Watched

EVENTS = ("alert.firing", "notify.sent", "notify.failed")


@dataclass(frozen=True)
class Delivery:
    """Of one alert: when it fired (Unix; None: it did not), and what became of its notices."""

    fired: Event | None
    sent_s: dict[str, float]  # by target, Unix
    faults: dict[str, str]  # by target that is down: why

    def is_settled(self, targets: Iterable[str]) -> bool:
        """Whether it fired, and every target has it or has failed."""
        return self.fired is not None and set(targets) <= {*self.sent_s, *self.faults}


def delivery_of(name: str, events: Sequence[Event], after_id: int) -> Delivery:
    """From a state folder's EVENTS, in order; the alert's cause came after the event `after_id`.

    A failed delivery is recorded once, so a target is down from there to its next delivery.
    """
    fired: Event | None = None
    sent_s: dict[str, float] = {}
    faults: dict[str, str] = {}
    for event in events:
        target = str(event.body.get("target"))
        if event.name == "notify.failed":
            faults[target] = str(event.body.get("error"))
        elif event.name == "notify.sent":
            faults.pop(target, None)
            if fired is not None and name in str(event.body.get("alerts")).split(", "):
                sent_s.setdefault(target, event.time_s)
        elif event.id > after_id and event.body.get("alert") == name:
            fired = fired or event
    return Delivery(fired, sent_s, faults)


def finding_of(watched: Watched, delivery: Delivery, *, cause: str, caused_s: float) -> Finding:
    """The finding about one alert; `cause`: what was done at `caused_s` (Unix)."""
    rule, fired = watched.rule, delivery.fired
    how = f"{cause}; {watched.moved}" if watched.moved else cause
    if fired is None:
        return Finding(
            rule.name, False, f"the rule did not fire: {how}", {"threshold": rule.threshold}
        )
    value = fired.body.get("value")
    missing = [name for name in watched.targets if name not in delivery.sent_s]
    reached = ", ".join(
        f"{name} in {delivery.sent_s[name] - fired.time_s:.1f} s"
        for name in watched.targets
        if name in delivery.sent_s
    )
    figures: dict[str, Figure] = {
        "value": value,
        "threshold": rule.threshold,
        "fired_after_s": round(fired.time_s - caused_s, 2),
        "targets": len(watched.targets),
        "delivered": len(watched.targets) - len(missing),
    }
    parts = [f"fired at {rule.metric} = {_shown(value)}"]
    if reached:
        parts.append(f"delivered to {reached}")
    parts += [f"not to {name}: {delivery.faults.get(name, 'no answer')}" for name in missing]
    return Finding(rule.name, not missing, "; ".join([*parts, how]), figures)


def _shown(value: bool | float | str | None) -> str:
    return (
        f"{value:.4g}" if isinstance(value, float) else "no data" if value is None else str(value)
    )
