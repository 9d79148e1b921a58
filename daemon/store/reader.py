"""Reading the store, from any process, whether or not the daemon runs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec

from daemon.config.schema import Severity
from daemon.protocol.trainer import Progress
from daemon.store.catalogs.event_catalog import ROUTINE_SQL
from daemon.store.episodes import EpisodeReader
from daemon.store.history.read import HistoryReader
from daemon.store.records import (
    AlertRecord,
    Body,
    ChecklistStatus,
    DaemonStatus,
    Event,
    JudgedLines,
    Notice,
    ResourceStatus,
    RunRecord,
    Silence,
    Status,
    TrackingStatus,
    TrainerStatus,
)
from daemon.store.samples import SampleReader
from daemon.store.schema import (
    SELDOM,
    StoreBusyError,
    StoreDamagedError,
    StoreError,
    StoreMissingError,
    StoreVersionError,
    damaged,
)
from daemon.store.wide_samples import WideSampleReader

__all__ = [
    "StoreBusyError",
    "StoreDamagedError",
    "StoreError",
    "StoreMissingError",
    "StoreReader",
    "StoreVersionError",
]

AT_LEAST: dict[Severity, tuple[Severity, ...]] = {
    "info": ("info", "warning", "critical"),
    "warning": ("warning", "critical"),
    "critical": ("critical",),
}
CHECKED_AT_ONCE = 10_000
_EVENTS = "SELECT id, time_s, name, severity, run_id, text, body FROM events"
SELDOM_EVENTS = f"{_EVENTS} WHERE run_id = ? AND {SELDOM}"
_LIKE = re.compile(r"[%_\\]")  # what stands for other characters in LIKE
_Snapshot = TypeVar("_Snapshot")
# In a damaged store a column may hold any type.
_EventRow = tuple[int, float, str, Severity, str | None, str, str]


class StoreReader(SampleReader, WideSampleReader, EpisodeReader, HistoryReader):
    """Reads events, samples, episodes, status and its history."""

    def status(self) -> Status:
        """The current status, as one consistent snapshot."""
        with self._reading():
            # One SELECT is one transaction: all snapshots are of the same instant.
            rows = self._connection.execute("SELECT name, snapshot FROM status").fetchall()
            snapshots = dict(msgspec.convert(rows, list[tuple[str, str]]))
            return Status(
                daemon=_decode(snapshots, "daemon", DaemonStatus),
                trainer=_decode(snapshots, "trainer", TrainerStatus),
                progress=_decode(snapshots, "progress", Progress),
                resources=_decode(snapshots, "resources", ResourceStatus),
                alerts=_decode(snapshots, "alerts", list[AlertRecord]) or [],
                silences=_decode(snapshots, "silences", list[Silence]) or [],
                outbox=_decode(snapshots, "outbox", list[Notice]) or [],
                run=_decode(snapshots, "run", RunRecord),
                checklist=_decode(snapshots, "checklist", ChecklistStatus),
                tracking=_decode(snapshots, "tracking", TrackingStatus),
            )

    def judged_lines(self) -> JudgedLines | None:
        """The last judgement of each line of the checklist; None if there was none."""
        with self._reading():
            rows = self._connection.execute(
                "SELECT name, snapshot FROM status WHERE name = 'checklist_lines'"
            ).fetchall()
            return _decode(
                dict(msgspec.convert(rows, list[tuple[str, str]])), "checklist_lines", JudgedLines
            )

    def events(
        self,
        *,
        after_id: int | None = None,
        before_id: int | None = None,
        limit: int = 200,
        names: Sequence[str] | None = None,
        min_severity: Severity | None = None,
        run_id: str | None = None,
        since_s: float | None = None,
        until_s: float | None = None,
        text: str = "",
        routine: bool = True,
    ) -> list[Event]:
        """At most `limit` events in the order they were recorded.

        With `after_id` the first ones after it; without, the newest, or the newest before
        `before_id`. `since_s` and `until_s` (Unix) bound the time of the event. `text`: in its
        text, name or body, in small or capital letters. `routine`: include the routine ones.
        """
        where = ["id > ?"]
        values: list[int | float | str] = [-1 if after_id is None else after_id]
        if names is not None:
            where.append(f"name IN ({_marks(names)})")
            values += names
        if min_severity is not None:
            severities = AT_LEAST[min_severity]
            where.append(f"severity IN ({_marks(severities)})")
            values += severities
        if run_id is not None:
            where.append("run_id = ?")
            values.append(run_id)
        for comparison, time_s in ((">=", since_s), ("<=", until_s)):
            if time_s is not None:
                where.append(f"time_s {comparison} ?")
                values.append(time_s)
        if before_id is not None:
            where.append("id < ?")
            values.append(before_id)
        if text:
            where.append("(text || ' ' || name || ' ' || body) LIKE ? ESCAPE '\\'")
            values.append("%" + _LIKE.sub(r"\\\g<0>", text) + "%")
        if not routine:
            where.append(f"({ROUTINE_SQL}) IS NOT TRUE")
        order = "DESC" if after_id is None else "ASC"
        with self._reading():
            rows = self._connection.execute(
                f"{_EVENTS} WHERE {' AND '.join(where)} ORDER BY id {order} LIMIT ?",
                (*values, limit),
            ).fetchall()
            events = _to_events(rows)
        return events[::-1] if after_id is None else events

    def seldom_events(self, run_id: str, names: Sequence[str], limit: int) -> list[Event]:
        """A run's first events with these names, in order; by index, so fast for any run length.

        Does not include checkpoint.saved and checkpoint.pruned, which occur every few seconds.
        """
        with self._reading():
            rows = self._connection.execute(
                f"{SELDOM_EVENTS} AND name IN ({_marks(names)}) ORDER BY id LIMIT ?",
                (run_id, *names, limit),
            ).fetchall()
            return _to_events(rows)

    def quick_check(self) -> None:
        """Have SQLite check every page. Raises StoreError."""
        with self._reading():
            found = self._connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok":
            raise damaged(self._path, str(found))

    def check(self) -> None:
        """Read everything except the samples, whose types SQLite checks. Raises StoreError."""
        self.status()
        self.sample_names()
        self.sessions()
        self.check_episodes()
        self.check_history()
        last_id = -1
        while found := self.events(after_id=last_id, limit=CHECKED_AT_ONCE):
            last_id = found[-1].id


def _decode(snapshots: dict[str, str], name: str, kind: type[_Snapshot]) -> _Snapshot | None:
    text = snapshots.get(name)
    return None if text is None else msgspec.json.decode(text, type=kind | None)


def _to_events(rows: list[Any]) -> list[Event]:
    return [
        Event(id_, time_s, name, severity, run, text, msgspec.json.decode(body, type=Body))
        for id_, time_s, name, severity, run, text, body in msgspec.convert(rows, list[_EventRow])
    ]


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))
