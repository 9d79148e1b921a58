"""The store of one sweep, in SQLite. Every change is one transaction, on the disk when it returns.

One writer, the coordinator, which holds the sweep's lock; any number of readers.
"""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import msgspec

from daemon.store.disk_look import write_error
from daemon.sweeps.records import TRANSITIONS, Decision, Leg, Note, Trial, TrialState

SCHEMA_VERSION = 1
BUSY_TIMEOUT_S = 5.0
_Record = TypeVar("_Record", bound=msgspec.Struct)
_TABLES = """
CREATE TABLE trials (number INTEGER PRIMARY KEY, state TEXT NOT NULL, record BLOB NOT NULL) STRICT;
CREATE INDEX trials_by_state ON trials (state);
CREATE TABLE legs (
    number INTEGER PRIMARY KEY, trial INTEGER NOT NULL, steps INTEGER NOT NULL,
    record BLOB NOT NULL, UNIQUE (trial, steps)
) STRICT;
CREATE TABLE decisions (number INTEGER PRIMARY KEY, record BLOB NOT NULL) STRICT;
CREATE TABLE notes (number INTEGER PRIMARY KEY, record BLOB NOT NULL) STRICT;
CREATE TABLE coordinated (running_s REAL NOT NULL) STRICT;
INSERT INTO coordinated VALUES (0.0);
"""


class SweepStoreError(Exception):
    """The store cannot be used; the message is one line for the user."""


class FullError(SweepStoreError):
    """The disk, or a quota, has no room for a change; nothing of it was written."""


class SweepStore:
    """Trials, legs, decisions and notes. Every method raises SweepStoreError."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path

    @classmethod
    def create(cls, path: Path) -> None:
        """Create an empty store, at a path where nothing is."""
        with cls._opened(path, "rwc") as store, store.transaction():
            for statement in _TABLES.split(";"):
                store._connection.execute(statement)
            store._connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")

    @classmethod
    def open(cls, path: Path, *, write: bool = False) -> Self:
        """Open a store, for reading unless `write`."""
        if not path.exists():
            raise SweepStoreError(f"{path}: no such store; `landerctl sweep run` creates it")
        store = cls._opened(path, "rw" if write else "ro")
        try:
            with _translated(path):
                (version,) = store._connection.execute("PRAGMA user_version").fetchone()
        except BaseException:
            store.close()
            raise
        if version != SCHEMA_VERSION:
            store.close()
            raise SweepStoreError(
                f"{path}: schema {version}, this landerctl reads {SCHEMA_VERSION}; use the version "
                "that wrote it"
            )
        return store

    @classmethod
    def _opened(cls, path: Path, mode: str) -> Self:
        with _translated(path):
            connection = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode={mode}",
                uri=True,
                timeout=BUSY_TIMEOUT_S,
                isolation_level=None,
            )
            if mode != "ro":
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = FULL")
                path.chmod(0o600)
        return cls(connection, path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside is written, or nothing."""
        with _translated(self._path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                if self._connection.in_transaction:  # a full disk has ended it already
                    self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Everything read inside is of one moment, that of the first reading."""
        with _translated(self._path):
            self._connection.execute("BEGIN")
            try:
                yield
            finally:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")

    # -- writing, inside a transaction ------------------------------------------------------------

    def add_trial(self, trial: Trial) -> None:
        """Add a new trial."""
        self._run("INSERT INTO trials VALUES (?, ?, ?)", trial.number, trial.state, _json(trial))

    def put_trial(self, trial: Trial) -> None:
        """Replace a trial; raises ValueError where TRANSITIONS does not allow its new state."""
        before = self.trial(trial.number).state
        if trial.state is not before and trial.state not in TRANSITIONS[before]:
            raise ValueError(f"trial {trial.number}: {before} -> {trial.state}")
        self._run(
            "UPDATE trials SET state = ?, record = ? WHERE number = ?",
            trial.state,
            _json(trial),
            trial.number,
        )

    def add_leg(self, leg: Leg) -> None:
        """Add a leg's end. The same leg again changes nothing: the first one counts."""
        self._run(
            "INSERT OR IGNORE INTO legs (trial, steps, record) VALUES (?, ?, ?)",
            leg.trial,
            leg.steps,
            _json(leg),
        )

    def add_decision(self, decision: Decision) -> None:
        """Add a decision; its number is one more than the last one's."""
        self._run("INSERT INTO decisions VALUES (?, ?)", decision.number, _json(decision))

    def add_note(self, note: Note) -> None:
        """Add a note."""
        self._run("INSERT INTO notes (record) VALUES (?)", _json(note))

    def put_running_s(self, running_s: float) -> None:
        """Record for how long coordinators have run."""
        self._run("UPDATE coordinated SET running_s = ?", running_s)

    # -- reading ----------------------------------------------------------------------------------

    def trial(self, number: int) -> Trial:
        """One trial."""
        rows = self._rows("SELECT record FROM trials WHERE number = ?", number)
        if not rows:
            raise SweepStoreError(f"{self._path}: no trial {number}")
        return _decoded(rows[0][0], Trial, self._path)

    def trials(self, *states: TrialState) -> list[Trial]:
        """All trials, or those in one of some states, by number."""
        where = f" WHERE state IN ({', '.join('?' * len(states))})" if states else ""
        return self._records(f"SELECT record FROM trials{where} ORDER BY number", Trial, *states)

    def counts(self) -> dict[TrialState, int]:
        """How many trials there are in each state that has one."""
        rows = self._rows("SELECT state, COUNT(*) FROM trials GROUP BY state")
        return {TrialState(state): count for state, count in rows}

    def legs(self, trial: int | None = None, *, after: int = 0) -> list[Leg]:
        """Legs in the order in which they ended, of one trial or all, without the first `after`."""
        where = "" if trial is None else " AND trial = ?"
        arguments = (after,) if trial is None else (after, trial)
        return self._records(
            f"SELECT record FROM legs WHERE number > ?{where} ORDER BY number", Leg, *arguments
        )

    def decisions(self, *, after: int = -1) -> list[Decision]:
        """Decisions with a greater number, in order: all by default."""
        return self._records(
            "SELECT record FROM decisions WHERE number > ? ORDER BY number", Decision, after
        )

    def notes(self) -> list[Note]:
        """All notes, in order."""
        return self._records("SELECT record FROM notes ORDER BY number", Note)

    def running_s(self) -> float:
        """For how long coordinators have run: what limits.hours limits."""
        ((running_s,),) = self._rows("SELECT running_s FROM coordinated")
        return float(running_s)

    def _run(self, statement: str, *values: Any) -> None:
        with _translated(self._path):
            self._connection.execute(statement, values)

    def _rows(self, query: str, *values: Any) -> list[Any]:
        with _translated(self._path):
            return self._connection.execute(query, values).fetchall()

    def _records(self, query: str, kind: type[_Record], *values: Any) -> list[_Record]:
        return [_decoded(row[0], kind, self._path) for row in self._rows(query, *values)]


def _json(record: msgspec.Struct) -> bytes:
    return msgspec.json.encode(record)


def _decoded(content: bytes, kind: type[_Record], path: Path) -> _Record:
    try:
        return msgspec.json.decode(content, type=kind)
    except msgspec.MsgspecError as error:
        raise SweepStoreError(f"{path}: a damaged {kind.__name__.lower()}: {error}") from None


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        # Errors raised by the sqlite3 module itself, not by SQLite, carry no code.
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK)
        kind = FullError if is_full(code, lambda: write_error(path.parent)) else SweepStoreError
        raise kind(f"{path}: {error}") from None


def is_full(code: int, try_writing: Callable[[], OSError | None]) -> bool:
    """Whether SQLite's extended error code means that there is no room.

    A used-up quota, or a disk that is found full at fsync, is only an I/O error to SQLite:
    `try_writing` returns what the system says to a write beside the store.
    """
    if code & 0xFF == sqlite3.SQLITE_IOERR:
        found = try_writing()
        return found is not None and found.errno in (errno.ENOSPC, errno.EDQUOT)
    return code == sqlite3.SQLITE_FULL
