"""Reading the recorded parts of the status, as they were at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import msgspec

from daemon.protocol.trainer import Progress
from daemon.store.connection import StoreConnection
from daemon.store.history.record import NUMBERS, Numbers
from daemon.store.records import (
    AlertRecord,
    ChecklistStatus,
    DaemonStatus,
    RunRecord,
    Silence,
    TrainerStatus,
)

_SINCE_VERSION = 5
_AT = (
    "SELECT name, time_s, snapshot FROM status_history WHERE (name, time_s) IN "
    "(SELECT name, max(time_s) FROM status_history WHERE time_s <= ? GROUP BY name)"
)
_Kind = TypeVar("_Kind")


@dataclass(frozen=True)
class RecordedStatus:
    """What is recorded of the status at a time. None: not recorded, or there was none."""

    names: frozenset[str] = frozenset()  # of the recorded parts
    daemon: DaemonStatus | None = None
    trainer: TrainerStatus | None = None
    progress: Progress | None = None
    alerts: list[AlertRecord] | None = None
    silences: list[Silence] | None = None
    run: RunRecord | None = None
    checklist: ChecklistStatus | None = None


class HistoryReader(StoreConnection):
    """Reads the status' history."""

    def recorded_status(self, at_s: float) -> RecordedStatus:
        """What is recorded of the status at `at_s` (Unix); an older store records nothing."""
        if self._version < _SINCE_VERSION:
            return RecordedStatus()
        with self._reading():
            rows = self._connection.execute(_AT, (at_s,)).fetchall()
            found = {
                name: (time_s, snapshot)
                for name, time_s, snapshot in msgspec.convert(rows, list[tuple[str, float, str]])
            }
            return RecordedStatus(
                names=frozenset(found),
                daemon=_part(found, "daemon", DaemonStatus),
                trainer=_part(found, "trainer", TrainerStatus),
                progress=_progress(found),
                alerts=_part(found, "alerts", list[AlertRecord]),
                silences=_part(found, "silences", list[Silence]),
                run=_part(found, "run", RunRecord),
                checklist=_part(found, "checklist", ChecklistStatus),
            )

    def check_history(self) -> None:
        """Read the newest row of each part. Raises StoreError."""
        self.recorded_status(1e12)


def _part(found: dict[str, tuple[float, str]], name: str, kind: type[_Kind]) -> _Kind | None:
    if name not in found:
        return None
    return msgspec.json.decode(found[name][1], type=kind | None)


def _progress(found: dict[str, tuple[float, str]]) -> Progress | None:
    settled, numbers = _part(found, "progress", Progress), _part(found, NUMBERS, Numbers)
    # Numbers are recorded with each change: older ones are of another stage, and incomplete.
    if settled is None or numbers is None or found[NUMBERS][0] < found["progress"][0]:
        return None
    return numbers.of_progress(settled)
