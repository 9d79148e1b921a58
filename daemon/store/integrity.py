"""Checks the store before a supervisor opens it: migrates an old one, sets a damaged one aside."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from daemon.base.files import aside_path, fsync_path
from daemon.store.disk_look import explain
from daemon.store.reader import StoreReader
from daemon.store.schema import (
    IMPOSSIBLE_SIZE,
    StoreDamagedError,
    StoreError,
    StoreMissingError,
    check_tables,
    check_version,
    damaged,
    migrate,
)

BUSY_TIMEOUT_S = 5.0
COMPANIONS = ("", "-wal", "-shm")  # of an SQLite file


def prepare_store(path: Path, now_s: float) -> Path | None:
    """Check the store and migrate an older one; rename a damaged one and return its new path.

    Returns None if it is intact or does not exist. Call with the state folder's lock held, before
    the store is opened. Raises StoreError if it cannot be checked or is of a newer version.
    """
    if not path.exists():
        return None
    try:
        _check(path)
    except StoreDamagedError:
        return _set_aside(path, now_s)
    return None


def find_live_damage(path: Path, opened: os.stat_result) -> str | None:
    """What is wrong with a store that is in use, as one line; None if nothing is.

    `opened`: the status of the file that its writer opened. Reads the whole file.
    """
    again = "`landerctl stop` and `landerctl start` continue with a new one"
    try:
        if not os.path.samestat(path.stat(), opened):
            return f"{path}: was replaced while it is in use; {again}"
        with StoreReader.open(path) as reader:
            reader.quick_check()
    except (FileNotFoundError, StoreMissingError):
        return f"{path}: was removed while it is in use; {again}"
    except StoreDamagedError as error:
        return str(error)
    except (StoreError, OSError):
        return None  # busy, or the disk fails: writing notices that
    return None


def _check(path: Path) -> None:
    """Migrate the store and read all of it as readers do. Raises StoreError."""
    try:
        with closing(sqlite3.connect(path, timeout=BUSY_TIMEOUT_S)) as connection:
            version = check_version(connection, path)
            found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            if found != "ok":
                raise damaged(path, str(found))
            if version == 0:
                return
            _check_writable(connection, path)
            migrate(connection, version)
            check_tables(connection, path)
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise explain(error, path) from None
    except MemoryError:
        raise damaged(path, IMPOSSIBLE_SIZE) from None
    with StoreReader.open(path) as reader:
        reader.check()


def _check_writable(connection: sqlite3.Connection, path: Path) -> None:
    """Try a write and roll it back. Raises StoreDamagedError if only its header forbids it."""
    try:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("DELETE FROM status")
    except sqlite3.OperationalError as error:
        refused = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_READONLY
        if refused and os.access(path, os.W_OK) and os.access(path.parent, os.W_OK):
            raise damaged(path, "its header forbids writing") from None
        raise
    connection.execute("ROLLBACK")


def _set_aside(path: Path, now_s: float) -> Path:
    aside = aside_path(path, now_s)
    for companion in COMPANIONS:
        part = path.with_name(path.name + companion)
        if part.exists():
            part.replace(aside.with_name(aside.name + companion))
    fsync_path(path.parent)
    return aside
