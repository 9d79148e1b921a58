"""What the store recorded before this supervisor's start."""

from __future__ import annotations

from dataclasses import dataclass

from daemon.base.paths import RunPaths, StatePaths
from daemon.store.reader import StoreMissingError, StoreReader
from daemon.store.records import Event, Status
from daemon.supervisor.alerting.event_counters import COUNTED, DAY_S

MAX_COUNTED = 10_000


@dataclass(frozen=True)
class PreviousSession:
    """The last supervisor's final status, and the events that alert rules count."""

    status: Status
    run_began_s: float | None  # Unix time; None: never started
    counted: list[Event]  # events of the last 24 h


def load_previous_session(paths: StatePaths, run: RunPaths, now_s: float) -> PreviousSession:
    """Read it as of `now_s` (Unix). Raises StoreError."""
    try:
        with StoreReader.open(paths.store) as reader:
            status = reader.status()
            names = sorted(COUNTED)
            counted = reader.events(names=names, since_s=now_s - DAY_S, limit=MAX_COUNTED)
            if status.run is not None and status.run.id == run.id:
                return PreviousSession(status, status.run.created_s, counted)
            began = reader.events(names=["run.started"], run_id=run.id, limit=1)
            return PreviousSession(status, began[0].time_s if began else None, counted)
    except StoreMissingError:
        return PreviousSession(Status(None, None, None, None, [], [], [], None), None, [])
