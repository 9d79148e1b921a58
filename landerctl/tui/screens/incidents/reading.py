"""Reads incidents, alerts that fired, and what was recorded about the selected one."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from checks.checklist.incidents import Incident, known_incidents
from checks.checklist.ledger.ledger import read_ledger
from daemon.base.paths import StatePaths
from daemon.base.text.one_line import one_line, printable
from daemon.rollback.incident_log import read_incident_log
from daemon.store.reader import StoreMissingError, StoreReader
from daemon.store.records import Event, Sample
from landerctl.tui.data.snapshot import Snapshot
from landerctl.tui.screens.incidents.history import (
    ALERT_EVENTS,
    ROLLBACK_EVENTS,
    FiredAlert,
    fired_alerts,
)

MOST_EVENTS = 2_000
BEFORE_S, AFTER_S = 1_800.0, 600.0  # of the metric around the moment an alert fired
EVENTS_BEFORE_S = 600.0
MOST_SAMPLES, MOST_BEFORE = 400, 12
_NAMES = (*ALERT_EVENTS, *ROLLBACK_EVENTS)
_METRIC = re.compile(r"\((\S+) = ")  # of an event's text, as the daemon writes it


@dataclass(frozen=True)
class Evidence:
    """What the store has of the time when an alert fired."""

    metric: str  # empty: unknown
    samples: tuple[Sample, ...]  # ascending
    before: tuple[Event, ...]  # ascending, without routine ones


@dataclass(frozen=True)
class Happened:
    """Incidents and alerts until `read_s` (Unix)."""

    incidents: tuple[Incident, ...]  # oldest first
    alerts: tuple[FiredAlert, ...]  # newest first
    rollbacks: tuple[Event, ...]  # ROLLBACK_EVENTS, ascending
    problem: str  # why the ledger is refused, or incidents.md cannot be read; one line
    evidence: dict[int, Evidence]  # by the id of the event that an alert fired


class IncidentsReader:
    """Reads again when an event, the ledger or incidents.md is new. Not thread-safe."""

    def __init__(self, paths: StatePaths) -> None:
        self._paths = paths
        self._of: object = None
        self._happened: Happened | None = None
        self.wanted: int | None = None  # the id of the event whose evidence the page shows

    def read(self, snapshot: Snapshot) -> Happened:
        """What happened until the snapshot's moment. Raises StoreError, OSError."""
        of = (
            snapshot.at_s,
            next((event.id for event in reversed(snapshot.events) if event.name in _NAMES), None),
            snapshot.status.silences,
            _stamp(self._paths, "ledger"),
            _stamp(self._paths, "incidents"),
            self.wanted,
        )
        if self._happened is None or of != self._of:
            self._happened, self._of = self._read(snapshot), of
        return self._happened

    def _read(self, snapshot: Snapshot) -> Happened:
        until_s = snapshot.at_s
        ledger = read_ledger(self._paths.ledger)
        found, problem = [], ledger.problem
        try:
            found = known_incidents(read_incident_log(self._paths.incidents), ledger)
        except OSError as error:
            problem = f"{self._paths.incidents}: {error.strerror}"
        events: list[Event] = []
        evidence: dict[int, Evidence] = {}
        try:
            with StoreReader.open(self._paths.store) as store:
                events = store.events(names=_NAMES, limit=MOST_EVENTS, until_s=until_s)
                fired = next((event for event in events if event.id == self.wanted), None)
                if fired is not None:
                    evidence[fired.id] = _evidence(store, fired, snapshot)
        except StoreMissingError:
            pass  # nothing has happened yet
        events = [printable(event) for event in events]
        return Happened(
            tuple(as_of(found, until_s)),
            tuple(fired_alerts(event for event in events if event.name in ALERT_EVENTS)),
            tuple(event for event in events if event.name in ROLLBACK_EVENTS),
            problem,
            evidence,
        )


def as_of(found: Sequence[Incident], until_s: float | None) -> list[Incident]:
    """The incidents as they were at `until_s` (Unix): later ones are not there, nor later ends."""
    if until_s is None:
        return list(found)
    return [
        one
        if one.closed_s is None or one.closed_s <= until_s
        else Incident(one.id, one.title, one.time_s, one.text)
        for one in found
        if one.time_s is None or one.time_s <= until_s
    ]


def metric_of(fired: Event, snapshot: Snapshot) -> str:
    """The metric of an alert when it fired, else that of its rule now; empty: unknown."""
    if (match := _METRIC.search(fired.text)) is not None:
        return match[1]
    name = fired.body.get("alert")
    return next((rule.metric for rule in snapshot.rules if rule.name == name), "")


def _evidence(store: StoreReader, fired: Event, snapshot: Snapshot) -> Evidence:
    metric, at_s = metric_of(fired, snapshot), fired.time_s
    until_s = min(at_s + AFTER_S, math.inf if snapshot.at_s is None else snapshot.at_s)
    samples = store.series(
        metric, since_s=at_s - BEFORE_S, until_s=until_s, max_points=MOST_SAMPLES
    )
    before = store.events(
        since_s=at_s - EVENTS_BEFORE_S, until_s=at_s, limit=MOST_BEFORE + 1, routine=False
    )
    return Evidence(
        one_line(metric),
        tuple(samples),
        tuple(printable(event) for event in before if event.id < fired.id)[-MOST_BEFORE:],
    )


def _stamp(paths: StatePaths, name: str) -> tuple[int, int] | None:
    try:
        stat = getattr(paths, name).stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size
