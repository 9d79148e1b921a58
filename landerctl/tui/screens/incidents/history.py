"""From events to the alerts that fired and the reports of rollbacks. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from daemon.store.records import Event

ALERT_EVENTS = (
    "alert.firing",
    "alert.resolved",
    "alert.acknowledged",
    "alert.silenced",
    "alert.acted",
    "notify.sent",
)
ROLLBACK_EVENTS = (
    "rollback.started",
    "rollback.done",
    "rollback.failed",
    "rollback.recovered",
    "rollback.pending",
    "rollback.proven",
    "rollback.doubtful",
    "rollback.watched",
)
SAME_TIME_S = 2.0  # an incident's time is a whole second, the event's is when it was recorded


@dataclass
class FiredAlert:
    """An alert that fired once. `later`: what followed, in order, until it fired again."""

    fired: Event
    ended: Event | None = None
    silence: Event | None = None  # in force when it fired
    later: list[Event] = field(default_factory=list)
    fired_again: bool = False  # without a recorded end

    @property
    def name(self) -> str:
        """The rule's name."""
        return alert_of(self.fired)

    def during(self, time_s: float) -> bool:
        """Whether it fired at `time_s` (Unix)."""
        if self.fired_again or time_s < self.fired.time_s:
            return False  # of one without an end nobody knows
        return self.ended is None or time_s <= self.ended.time_s


def alert_of(event: Event) -> str:
    """The rule's name of an event about an alert."""
    return str(event.body.get("alert") or "unknown")


def fired_alerts(events: Iterable[Event]) -> list[FiredAlert]:
    """Each time that an alert fired, the newest first, from ALERT_EVENTS in order."""
    found: list[FiredAlert] = []
    newest: dict[str, FiredAlert] = {}
    silences: list[Event] = []
    for event in events:
        if event.name == "alert.firing":
            fired = FiredAlert(event, silence=_silence(event, silences))
            if (before := newest.get(fired.name)) is not None:
                before.fired_again = before.ended is None
            newest[fired.name] = fired
            found.append(fired)
        elif event.name == "alert.silenced":
            silences.append(event)
            pattern = str(event.body.get("pattern") or "")
            for name, fired in newest.items():
                if fired.ended is None and fnmatchcase(name, pattern):
                    fired.later.append(event)
        else:
            for name in _names(event):
                if (known := newest.get(name)) is not None:
                    known.later.append(event)
                    if event.name == "alert.resolved":
                        known.ended = event
    return found[::-1]


def _names(event: Event) -> list[str]:
    """The alerts that an event is about: a notification may be about several."""
    if event.name == "notify.sent":
        return str(event.body.get("alerts") or "").split(", ")
    return [alert_of(event)]


def _silence(fired: Event, silences: Sequence[Event]) -> Event | None:
    """The silence in force for an alert when it fired; of each pattern the newest counts."""
    newest = {str(one.body.get("pattern")): one for one in silences}
    for pattern, one in newest.items():
        lasts_s = one.body.get("for_s")
        if not isinstance(lasts_s, int | float) or not fnmatchcase(alert_of(fired), pattern):
            continue
        if fired.time_s < one.time_s + lasts_s:
            return one
    return None


def rollback_report(began_s: float | None, events: Sequence[Event]) -> list[Event]:
    """The events of the rollback that began at `began_s` (Unix), from ROLLBACK_EVENTS in order.

    Empty if none began then.
    """
    report: list[Event] = []
    state: object = None
    for event in events:
        if event.name == "rollback.started":
            begins = began_s is not None and abs(event.time_s - began_s) <= SAME_TIME_S
            if begins:
                state, report = event.body.get("id"), [event]
            elif event.body.get("id") == state:
                state = None  # a later one to the same state
        elif report and state is not None and event.body.get("id") == state:
            report.append(event)
    return report
