"""Reading the store: from any process, while the daemon writes and when it is dead."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import quote

import msgspec

from daemon.config.schema import Severity
from daemon.protocol.trainer import Progress
from daemon.store.records import (
    AlertRecord,
    Body,
    DaemonStatus,
    Event,
    Notice,
    ResourceStatus,
    RunRecord,
    Sample,
    Silence,
    Status,
    TrainerStatus,
)
from daemon.store.schema import (
    SCHEMA_VERSION,
    SELDOM,
    StoreBusyError,
    StoreDamagedError,
    StoreError,
    StoreMissingError,
    StoreVersionError,
    check_version,
    damaged,
    translate,
)

__all__ = [
    "StoreBusyError",
    "StoreDamagedError",
    "StoreError",
    "StoreMissingError",
    "StoreReader",
    "StoreVersionError",
]

BUSY_TIMEOUT_S = 1.0
_AT_LEAST: dict[Severity, tuple[Severity, ...]] = {
    "info": ("info", "warning", "critical"),
    "warning": ("warning", "critical"),
    "critical": ("critical",),
}
_OF_SERIES = "series_id = (SELECT id FROM series WHERE name = :name)"
_SERIES = (
    f"SELECT time_s, timesteps, value FROM samples WHERE {_OF_SERIES} AND time_s >= :since "
    "ORDER BY time_s LIMIT :limit"
)
# From the first on, each time the next that is at least a step away; and the last. Each bound and
# each next is one look-up in the index: the time it takes does not grow with the series.
_SPREAD = f"""
WITH RECURSIVE
    bounds (first_s, last_s) AS (SELECT
        (SELECT min(time_s) FROM samples WHERE {_OF_SERIES} AND time_s >= :since),
        (SELECT max(time_s) FROM samples WHERE {_OF_SERIES})
    ),
    step (step_s) AS (SELECT (last_s - first_s) / :most FROM bounds),
    spread (time_s) AS (
        SELECT first_s FROM bounds
        UNION ALL
        SELECT (
            SELECT min(time_s) FROM samples WHERE {_OF_SERIES} AND time_s >= spread.time_s + step_s
        )
        FROM spread, step, bounds WHERE spread.time_s + step_s <= last_s
        LIMIT :most
    )
SELECT time_s, timesteps, value FROM samples
WHERE {_OF_SERIES} AND time_s IN (SELECT time_s FROM spread UNION SELECT last_s FROM bounds)
ORDER BY time_s
"""
_Snapshot = TypeVar("_Snapshot")
_EVENTS = "SELECT id, time_s, name, severity, run_id, text, body FROM events"
SELDOM_EVENTS = f"{_EVENTS} WHERE run_id = ? AND {SELDOM}"
_SAMPLES = "FROM samples WHERE series_id = (SELECT id FROM series WHERE name = ?)"


class StoreReader:
    """A read-only connection. Every method raises StoreError with one line for the user.

    Use it from the thread that opened it.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open the store. Raises StoreError."""
        if not path.exists():
            raise StoreMissingError(f"{path}: no such store; `landerctl start` creates it")
        try:
            connection = sqlite3.connect(
                f"file:{quote(str(path))}?mode=ro",
                uri=True,
                timeout=BUSY_TIMEOUT_S,
                isolation_level=None,
            )
        except sqlite3.Error as error:
            raise translate(error, path) from None
        reader = cls(connection, path)
        try:
            with reader._reading():
                version = check_version(connection, path)
            if 0 < version < SCHEMA_VERSION:
                raise StoreVersionError(
                    f"{path}: was written by an older landerctl; `landerctl start` (after a stop) "
                    "brings it up to date"
                )
            if version == 0:
                raise StoreMissingError(f"{path}: is empty; `landerctl start` fills it")
        except StoreError:
            connection.close()
            raise
        return reader

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def status(self) -> Status:
        """All that is current, as of one instant."""
        with self._reading():
            # One SELECT is one transaction: no snapshot is newer than another.
            snapshots = dict(self._connection.execute("SELECT name, snapshot FROM status"))
            return Status(
                daemon=_decode(snapshots, "daemon", DaemonStatus),
                trainer=_decode(snapshots, "trainer", TrainerStatus),
                progress=_decode(snapshots, "progress", Progress),
                resources=_decode(snapshots, "resources", ResourceStatus),
                alerts=_decode(snapshots, "alerts", list[AlertRecord]) or [],
                silences=_decode(snapshots, "silences", list[Silence]) or [],
                outbox=_decode(snapshots, "outbox", list[Notice]) or [],
                run=_decode(snapshots, "run", RunRecord),
            )

    def events(
        self,
        *,
        after_id: int = 0,
        limit: int = 200,
        names: Sequence[str] | None = None,
        min_severity: Severity | None = None,
        run_id: str | None = None,
        since_s: float | None = None,
        until_s: float | None = None,
    ) -> list[Event]:
        """Events in the order in which they were recorded, at most `limit`.

        With `after_id` the ones that follow it; without, the newest. `since_s` and `until_s`
        (Unix) bound the time at which they happened.
        """
        where = ["id > ?"]
        values: list[int | float | str] = [after_id]
        if names is not None:
            where.append(f"name IN ({_marks(names)})")
            values += names
        if min_severity is not None:
            severities = _AT_LEAST[min_severity]
            where.append(f"severity IN ({_marks(severities)})")
            values += severities
        if run_id is not None:
            where.append("run_id = ?")
            values.append(run_id)
        for comparison, time_s in ((">=", since_s), ("<=", until_s)):
            if time_s is not None:
                where.append(f"time_s {comparison} ?")
                values.append(time_s)
        order = "ASC" if after_id else "DESC"
        with self._reading():
            rows = self._connection.execute(
                f"{_EVENTS} WHERE {' AND '.join(where)} ORDER BY id {order} LIMIT ?",
                (*values, limit),
            ).fetchall()
            events = [_event(row) for row in rows]
        return events if after_id else events[::-1]

    def seldom_events(self, run_id: str, names: Sequence[str], limit: int) -> list[Event]:
        """A run's first events of these names, in order: fast, however long it has trained.

        Without checkpoint.saved and checkpoint.pruned, which come every few seconds.
        """
        with self._reading():
            rows = self._connection.execute(
                f"{SELDOM_EVENTS} AND name IN ({_marks(names)}) ORDER BY id LIMIT ?",
                (run_id, *names, limit),
            ).fetchall()
            return [_event(row) for row in rows]

    def series(
        self, name: str, *, since_s: float = 0.0, max_points: int | None = None
    ) -> list[Sample]:
        """The samples of a series from `since_s` (Unix) on, ascending in time.

        With `max_points` (2 or more) at most so many and always the last: evenly over the time,
        found by as many look-ups, however many there are.
        """
        asked: dict[str, object] = {"name": name, "since": since_s}
        with self._reading(), self._snapshot():
            if max_points is None:
                rows = self._connection.execute(_SERIES, asked | {"limit": -1}).fetchall()
            else:
                asked["limit"] = max_points + 1
                rows = self._connection.execute(_SERIES, asked).fetchall()
                if len(rows) > max_points:
                    asked["most"] = max_points - 1
                    rows = self._connection.execute(_SPREAD, asked).fetchall()
        return [_to_sample(row) for row in rows]

    def newest(self, name: str) -> Sample | None:
        """The newest sample of a series; None where it has none."""
        return self._sample("", "DESC", (name,))

    def last_sample(
        self, name: str, *, since_s: float, until_s: float, above: float | None = None
    ) -> Sample | None:
        """The newest sample of a series between two times (Unix); of those `above` a value."""
        condition = "" if above is None else "AND value > ?"
        values = (name, since_s, until_s, *(() if above is None else (above,)))
        return self._sample(f"AND time_s >= ? AND time_s <= ? {condition}", "DESC", values)

    def first_sample(self, name: str, *, since_s: float, at_least: float) -> Sample | None:
        """The first sample of a series from a time (Unix) on that comes to `at_least`."""
        return self._sample("AND time_s >= ? AND value >= ?", "ASC", (name, since_s, at_least))

    def mean(self, name: str, *, since_s: float, until_s: float) -> float | None:
        """The mean of a series' numbers between two times (Unix)."""
        with self._reading():
            (value,) = self._connection.execute(
                f"SELECT avg(value) {_SAMPLES} AND time_s >= ? AND time_s < ?",
                (name, since_s, until_s),
            ).fetchone()
        return None if value is None else float(value)

    def _sample(self, condition: str, order: str, values: Sequence[object]) -> Sample | None:
        with self._reading():
            row = self._connection.execute(
                f"SELECT time_s, timesteps, value {_SAMPLES} {condition} "
                f"ORDER BY time_s {order} LIMIT 1",
                values,
            ).fetchone()
        return None if row is None else _to_sample(row)

    def sample_names(self) -> list[str]:
        """The names of all series that have a sample, sorted."""
        with self._reading():
            rows = self._connection.execute(
                "SELECT name FROM series WHERE EXISTS "
                "(SELECT 1 FROM samples WHERE series_id = series.id) ORDER BY name"
            )
            return [name for (name,) in rows]

    @contextmanager
    def _snapshot(self) -> Iterator[None]:
        """Statements inside see the store as of one instant."""
        self._connection.execute("BEGIN")
        try:
            yield
        finally:
            self._connection.execute("ROLLBACK")

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise translate(error, self._path) from None
        except msgspec.DecodeError as error:
            raise damaged(self._path, str(error)) from None


def _decode(snapshots: dict[str, str], name: str, kind: type[_Snapshot]) -> _Snapshot | None:
    text = snapshots.get(name)
    return None if text is None else msgspec.json.decode(text, type=kind | None)


def _event(row: tuple[Any, ...]) -> Event:
    id_, time_s, name, severity, run, text, body = row
    return Event(id_, time_s, name, severity, run, text, msgspec.json.decode(body, type=Body))


def _to_sample(row: tuple[Any, ...]) -> Sample:
    time_s, timesteps, value = row
    return Sample(time_s, timesteps, math.nan if value is None else value)


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))
