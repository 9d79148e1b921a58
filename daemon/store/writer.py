"""The store's only writer: one connection, held by the supervisor."""

from __future__ import annotations

import math
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import msgspec

from daemon.base.secrets.redaction import redact
from daemon.config.schema import Severity
from daemon.protocol.trainer import EpisodesEnded, Progress
from daemon.store.catalogs.event_catalog import CATALOGUE
from daemon.store.disk_look import explain
from daemon.store.episodes import remove_old_episodes, write_episodes
from daemon.store.history.record import NUMBERS, Row
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
    TrackingStatus,
    TrainerStatus,
)
from daemon.store.retention import (
    KEEP_EVENTS_S,
    KEEP_S,
    MOST_CHANGES,
    MOST_EVENTS,
    NUMBERS_INTERVAL_S,
    THIN_AFTER_S,
    expired,
)
from daemon.store.schema import StoreError, check_version, create_tables, translate

BUSY_TIMEOUT_S = 5.0


class StoreWriter:
    """Writes events, samples and snapshots. Every method raises sqlite3.Error.

    Each call is one transaction, on the disk when it returns; `transaction` groups calls.
    The connection may move between threads, but only one may use it at a time.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self.path = path
        self._connection = connection
        self._series: dict[str, int] | None = None  # None: to be read

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open the store, creating it (mode 0600) if it does not exist.

        Raises StoreError if it is damaged, of a newer version, or not writable.
        """
        try:
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
            connection = sqlite3.connect(
                path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
            )
        except OSError as error:
            raise StoreError(f"{path}: {error.strerror}; check who owns the state folder") from None
        except sqlite3.Error as error:
            raise translate(error, path) from None
        try:
            # WAL lets readers read while we write; FULL fsyncs each commit, to survive power loss.
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            if check_version(connection, path) == 0:
                create_tables(connection)
            writer = cls(connection, path)
            writer._known_series()
        except (sqlite3.Error, UnicodeDecodeError) as error:
            connection.close()
            raise explain(error, path) from None
        except BaseException:
            connection.close()
            raise
        return writer

    def close(self) -> None:
        """Merge the write-ahead log into the file and close."""
        self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All calls inside are committed together, or rolled back if one raises."""
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")  # of one whose roll back failed, too
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            # Forget series that were created in the rolled-back transaction.
            self._series = None
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    def add_event(
        self,
        name: str,
        text: str,
        *,
        time_s: float,
        severity: Severity | None = None,
        run_id: str | None = None,
        body: Body | None = None,
    ) -> Event:
        """Record an event at `time_s` (Unix).

        The severity defaults to the catalogue's. Raises KeyError for an unknown name.
        """
        severity = severity or CATALOGUE[name].severity
        if name not in CATALOGUE:
            raise KeyError(name)
        text = redact(text)
        body = {k: redact(v) if isinstance(v, str) else v for k, v in (body or {}).items()}
        cursor = self._connection.execute(
            "INSERT INTO events (time_s, name, severity, run_id, text, body) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            (time_s, name, severity, run_id, text, msgspec.json.encode(body).decode()),
        )
        assert cursor.lastrowid is not None
        return Event(cursor.lastrowid, time_s, name, severity, run_id, text, body)

    def add_samples(
        self, time_s: float, values: Mapping[str, float], timesteps: int | None = None
    ) -> None:
        """Record one value per series, measured at `time_s` (Unix). Replaces an existing one."""
        rows = [
            (self._series_id(name), time_s, timesteps, None if math.isnan(value) else float(value))
            for name, value in values.items()
        ]
        self._connection.executemany(
            "INSERT OR REPLACE INTO samples (series_id, time_s, timesteps, value) "
            "VALUES (?, ?, ?, ?)",
            rows,
        )

    def add_episodes(self, run_id: str, ended: EpisodesEnded) -> None:
        """Record the episodes of a run that ended."""
        write_episodes(self._connection, run_id, ended)

    def remove_old_episodes(self, now_s: float) -> None:
        """Apply the episodes' retention as of `now_s` (Unix)."""
        with self.transaction():
            remove_old_episodes(self._connection, now_s)

    def add_session(self, began_s: float, run_id: str) -> None:
        """Record that samples are of this run from `began_s` (Unix) on."""
        self._connection.execute(
            "INSERT INTO sessions (began_s, run_id) VALUES (?, ?)", (began_s, run_id)
        )

    def thin_samples(self, now_s: float) -> None:
        """Apply the samples' retention as of `now_s` (Unix), one transaction per series."""
        for series_id in list(self._known_series().values()):
            with self.transaction():
                old = self._connection.execute(
                    "SELECT time_s FROM samples WHERE series_id = ? AND time_s < ? ORDER BY time_s",
                    (series_id, now_s - THIN_AFTER_S),
                ).fetchall()
                self._connection.executemany(
                    "DELETE FROM samples WHERE series_id = ? AND time_s = ?",
                    (
                        (series_id, time_s)
                        for time_s in expired((time_s for (time_s,) in old), now_s)
                    ),
                )

    def remove_old_events(self, now_s: float) -> None:
        """Apply the events' retention as of `now_s` (Unix).

        An event that follows one young enough is as young: its clock was wrong.
        """
        with self.transaction():
            for severity, keep_s in KEEP_EVENTS_S.items():
                self._connection.execute(
                    "DELETE FROM events WHERE severity = ?1 AND time_s < ?2 AND id < coalesce("
                    "(SELECT min(id) FROM events WHERE time_s BETWEEN ?2 AND ?3), 1 << 62)",
                    (severity, now_s - keep_s, now_s),
                )
            self._connection.execute(
                "DELETE FROM events WHERE severity = 'info' AND id <= "
                "(SELECT max(id) FROM events) - ?",
                (MOST_EVENTS,),
            )

    def add_history(self, rows: Iterable[Row]) -> None:
        """Record parts of the status as they are from a time on."""
        self._connection.executemany(
            "INSERT OR REPLACE INTO status_history (name, time_s, snapshot) VALUES (?, ?, ?)", rows
        )

    def thin_history(self, now_s: float) -> None:
        """Apply the retention of the status' history as of `now_s` (Unix)."""
        with self.transaction():
            # Those recorded with a change, as of the stage, stay: they belong to it.
            old = self._connection.execute(
                "SELECT time_s FROM status_history WHERE name = ?1 AND time_s < ?2 AND time_s "
                "NOT IN (SELECT time_s FROM status_history WHERE name = 'progress') "
                "ORDER BY time_s",
                (NUMBERS, now_s - THIN_AFTER_S),
            ).fetchall()
            self._connection.executemany(
                "DELETE FROM status_history WHERE name = ? AND time_s = ?",
                (
                    (NUMBERS, time_s)
                    for time_s in expired((time_s for (time_s,) in old), now_s, NUMBERS_INTERVAL_S)
                ),
            )
            # What was in force when the kept time began stays.
            self._connection.execute(
                "DELETE FROM status_history AS old WHERE time_s < (SELECT max(time_s) FROM "
                "status_history WHERE name = old.name AND time_s <= ?)",
                (now_s - KEEP_S,),
            )
            self._connection.execute(
                "DELETE FROM status_history AS old WHERE name != ? AND time_s <= (SELECT time_s "
                "FROM status_history WHERE name = old.name ORDER BY time_s DESC LIMIT 1 OFFSET ?)",
                (NUMBERS, MOST_CHANGES),
            )

    def put_daemon(self, status: DaemonStatus) -> None:
        """Replace the supervisor's snapshot."""
        self._put("daemon", status)

    def put_trainer(self, status: TrainerStatus) -> None:
        """Replace the trainer's snapshot."""
        self._put("trainer", status)

    def put_progress(self, progress: Progress | None) -> None:
        """Replace the training's snapshot; None if this run has not reported yet."""
        self._put("progress", progress)

    def put_resources(self, status: ResourceStatus) -> None:
        """Replace the resources' snapshot."""
        self._put("resources", status)

    def put_alerts(self, alerts: list[AlertRecord]) -> None:
        """Replace the list of pending and firing alerts."""
        self._put("alerts", alerts)

    def put_silences(self, silences: list[Silence]) -> None:
        """Replace the list of silences."""
        self._put("silences", silences)

    def put_outbox(self, notices: list[Notice]) -> None:
        """Replace the list of undelivered notices."""
        self._put("outbox", notices)

    def put_run(self, run: RunRecord) -> None:
        """Replace the current run's record."""
        self._put("run", run)

    def put_tracking(self, status: TrackingStatus | None) -> None:
        """Replace the tracking's snapshot; None if it is not enabled."""
        self._put("tracking", status)

    def put_checklist(self, status: ChecklistStatus, lines: JudgedLines) -> None:
        """Replace the last judgement of the checklist."""
        self._put("checklist", status)
        self._put("checklist_lines", lines)

    def _put(self, name: str, snapshot: object) -> None:
        self._connection.execute(
            "INSERT OR REPLACE INTO status (name, snapshot) VALUES (?, ?)",
            (name, msgspec.json.encode(snapshot).decode()),
        )

    def _known_series(self) -> dict[str, int]:
        if self._series is None:
            self._series = dict(self._connection.execute("SELECT name, id FROM series"))
        return self._series

    def _series_id(self, name: str) -> int:
        known = self._known_series()
        if name not in known:
            cursor = self._connection.execute("INSERT INTO series (name) VALUES (?)", (name,))
            assert cursor.lastrowid is not None
            known[name] = cursor.lastrowid
        return known[name]
