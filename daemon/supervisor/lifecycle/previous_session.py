"""What the store recorded before this supervisor's start."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from daemon.backup.catalog import scan
from daemon.base.clocks.trust import ClockRecord
from daemon.base.paths import RunPaths, StatePaths
from daemon.config.schema import AlertRule
from daemon.store.reader import StoreMissingError, StoreReader
from daemon.store.records import Event, Status
from daemon.supervisor.alerting.engine import Extremes
from daemon.supervisor.alerting.event_counters import COUNTED, DAY_S

MAX_COUNTED = 10_000
MAX_ROLLBACKS = 1000


@dataclass(frozen=True)
class PreviousSession:
    """The last supervisor's final status, and the events that alert rules count."""

    status: Status
    run_began_s: float | None  # Unix time; None: never started
    counted: list[Event]  # events of the last 24 h
    rollbacks: list[Event]  # the newest rollback.started
    seen: Mapping[str, Extremes] = field(default_factory=dict)  # of rules with armed_at


def load_previous_session(
    paths: StatePaths, run: RunPaths, clock: ClockRecord, rules: Iterable[AlertRule]
) -> PreviousSession:
    """Read it; `clock` says how old its events are. Raises StoreError."""
    try:
        with StoreReader.open(paths.store) as reader:
            status = reader.status()
            counted = reader.events(
                names=sorted(COUNTED), since_s=clock.since_s(DAY_S), limit=MAX_COUNTED
            )
            rollbacks = reader.events(names=["rollback.started"], limit=MAX_ROLLBACKS)
            if status.run is not None and status.run.id == run.id:
                began_s: float | None = status.run.created_s
            else:
                began = reader.events(names=["run.started"], run_id=run.id, limit=1)
                began_s = began[0].time_s if began else None
            rolled_back = reader.events(names=["rollback.done"], run_id=run.id, limit=1)
            armed = {rule.metric for rule in rules if rule.armed_at is not None}
            since_s = rolled_back[0].time_s if rolled_back else began_s
            seen = _extremes(reader, armed, since_s) if since_s is not None else {}
            return PreviousSession(status, began_s, counted, rollbacks, seen)
    except StoreMissingError:
        return PreviousSession(Status(None, None, None, None, [], [], [], None), None, [], [])


def _extremes(reader: StoreReader, metrics: Iterable[str], since_s: float) -> dict[str, Extremes]:
    found = {metric: reader.extremes(metric, since_s=since_s) for metric in metrics}
    return {metric: Extremes(*values) for metric, values in found.items() if values}


def newest_date_s(paths: StatePaths, backups: Path) -> float | None:
    """The newest date (Unix) in the store and the backups. Raises StoreError and OSError."""
    times = [backup.created_s for backup in scan(backups).whole]
    try:
        with StoreReader.open(paths.store) as reader:
            times += [event.time_s for event in reader.events(limit=1)]
    except StoreMissingError:
        pass
    return max(times, default=None)
