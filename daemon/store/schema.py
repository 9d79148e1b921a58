"""The store's tables, schema version, migrations and errors."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from daemon.base.text.one_line import one_line

SCHEMA_VERSION = 5
OLDEST_READABLE = 4  # read as it is; version 5 only added a table
# Events that are not recorded every few seconds; the index on them finds a run's events fast.
SELDOM = "name NOT IN ('checkpoint.saved', 'checkpoint.pruned')"
_INDEX = f"CREATE INDEX IF NOT EXISTS seldom_events ON events (run_id) WHERE {SELDOM};"
_EPISODES = """CREATE TABLE IF NOT EXISTS episode_counts (
    run_id TEXT NOT NULL,
    minute INTEGER NOT NULL,
    stage INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (run_id, minute, stage, outcome)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS failed_episodes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id TEXT NOT NULL,
    time_s REAL NOT NULL,
    stage INTEGER NOT NULL,
    cause TEXT NOT NULL,
    body TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS failed_by_cause ON failed_episodes (run_id, stage, cause);
"""
_SESSIONS = """CREATE TABLE IF NOT EXISTS sessions (
    began_s REAL NOT NULL,
    run_id TEXT NOT NULL
) STRICT;
"""
_HISTORY = """CREATE TABLE IF NOT EXISTS status_history (
    name TEXT NOT NULL,
    time_s REAL NOT NULL,
    snapshot TEXT NOT NULL,
    PRIMARY KEY (name, time_s)
) STRICT, WITHOUT ROWID;
"""
# Sessions of an older store: its trainers' starts, and the current run, whose start may be expired.
_EARLIER_SESSIONS = """INSERT INTO sessions (began_s, run_id)
SELECT time_s, run_id FROM events WHERE name = 'trainer.started' AND run_id IS NOT NULL
UNION SELECT json_extract(snapshot, '$.created_s'), json_extract(snapshot, '$.id')
FROM status WHERE name = 'run';
"""
LATEST_VERSION = 999  # a newer landerctl may write up to this; beyond it the number is damaged
# From each older version to the next.
MIGRATIONS = {
    1: "DELETE FROM status WHERE name = 'alerts';",  # its alerts lack their metric
    2: _INDEX,
    3: _EPISODES + _SESSIONS + _EARLIER_SESSIONS,
    4: _HISTORY,
}

# samples: one value per series and time; NULL is NaN, which SQLite cannot store.
# status: the current status, one JSON snapshot per name.
# status_history: parts of the status from a time on, see daemon/store/history/record.py.
# sessions: a supervisor's start; samples from then on, to the next one, are of this run.
# episode_counts, failed_episodes: see daemon/store/episodes.py; minute: Unix time / 60.
TABLES = f"""
CREATE TABLE events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    time_s REAL NOT NULL,
    name TEXT NOT NULL,
    severity TEXT NOT NULL,
    run_id TEXT,
    text TEXT NOT NULL,
    body TEXT NOT NULL
) STRICT;
CREATE TABLE series (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE samples (
    series_id INTEGER NOT NULL REFERENCES series (id),
    time_s REAL NOT NULL,
    timesteps INTEGER,
    value REAL,
    PRIMARY KEY (series_id, time_s)
) STRICT, WITHOUT ROWID;
CREATE TABLE status (
    name TEXT PRIMARY KEY,
    snapshot TEXT NOT NULL
) STRICT, WITHOUT ROWID;
{_INDEX}
{_EPISODES}
{_SESSIONS}
{_HISTORY}
"""


class StoreError(Exception):
    """The store cannot be used. The message is one line for the user."""

    def __init__(self, text: str) -> None:
        super().__init__(one_line(text))


class StoreMissingError(StoreError):
    """There is no store: no daemon has run in this state folder yet."""


class StoreDamagedError(StoreError):
    """The file is not an intact SQLite database with our tables."""


class StoreBusyError(StoreError):
    """Another process holds the store locked for longer than the busy timeout."""


class StoreVersionError(StoreError):
    """The store was written by a newer version, or by one too old to be read."""


def translate(error: sqlite3.Error | UnicodeDecodeError, path: Path) -> StoreError:
    """The `StoreError` that explains an SQLite error for `path` to the user.

    UnicodeDecodeError: SQLite's message quoted damaged text.
    """
    # Errors raised by the sqlite3 module itself, not by SQLite, carry no code.
    code = getattr(error, "sqlite_errorcode", None)
    primary = None if code is None else code & 0xFF
    if primary in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StoreBusyError(f"{path}: is locked by another process; try again in a moment")
    if primary == sqlite3.SQLITE_CANTOPEN:
        return StoreError(f"{path}: cannot be opened; check who owns the state folder")
    if primary in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY):
        return StoreError(f"{path}: {error}; check free space and permissions of the disk")
    return damaged(path, str(error))


def is_damage(error: Exception) -> bool:
    """Whether SQLite found the file damaged."""
    primary = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return primary in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


# Damaged bytes can be a length for which SQLite asks for more memory than there is: MemoryError.
IMPOSSIBLE_SIZE = "a record of an impossible size"


def damaged(path: Path, what: str) -> StoreDamagedError:
    """The error for a damaged store."""
    return StoreDamagedError(
        f"{path}: is damaged ({what}); `landerctl start` sets it aside and "
        "creates a new one: runs and checkpoints do not depend on it"
    )


def check_version(connection: sqlite3.Connection, path: Path) -> int:
    """The schema version of an open store, 0 for an empty file.

    Raises StoreVersionError for a newer one, StoreDamagedError for an invalid number,
    sqlite3.Error for a file that is not a database.
    """
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if not 0 <= version <= LATEST_VERSION or (version == 0 and tables):
        raise damaged(path, f"schema version {version}")
    if version > SCHEMA_VERSION:
        raise StoreVersionError(
            f"{path}: has schema version {version}, this landerctl reads up to {SCHEMA_VERSION}; "
            "update landerctl or use another state folder (--home)"
        )
    return version


def create_tables(connection: sqlite3.Connection) -> None:
    """Create all tables in one transaction. Raises sqlite3.Error."""
    connection.executescript(
        f"BEGIN IMMEDIATE; {TABLES} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;"
    )


def check_tables(connection: sqlite3.Connection, path: Path) -> None:
    """Compare the tables with ours. Raises StoreDamagedError, and sqlite3.Error."""
    with closing(sqlite3.connect(":memory:")) as pattern:
        create_tables(pattern)
        query = "SELECT type, name, sql FROM sqlite_schema ORDER BY name"
        if connection.execute(query).fetchall() != pattern.execute(query).fetchall():
            raise damaged(path, "its tables are not those of a store")


def migrate(connection: sqlite3.Connection, version: int) -> None:
    """Migrate an older store, one transaction per version. Raises sqlite3.Error."""
    for old in range(version, SCHEMA_VERSION):
        connection.executescript(
            f"BEGIN IMMEDIATE; {MIGRATIONS[old]} PRAGMA user_version = {old + 1}; COMMIT;"
        )
