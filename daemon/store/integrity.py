"""Before a supervisor opens the store: it is checked, and brought up to date or kept aside."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from daemon.base.files import aside_path, fsync_path
from daemon.store.reader import StoreReader
from daemon.store.schema import (
    StoreDamagedError,
    check_tables,
    check_version,
    damaged,
    migrate,
    translate,
)

BUSY_TIMEOUT_S = 5.0
COMPANIONS = ("", "-wal", "-shm")  # of an SQLite file


def prepare_store(path: Path, now_s: float) -> Path | None:
    """Check the store: bring an older one up to date, rename a damaged one and return where it is
    kept. None: it is whole.

    Call with the state folder's lock held, before anything has it open. Raises StoreError where
    it cannot be judged, or was written by a newer version.
    """
    if not path.exists():
        return None
    try:
        _check(path)
    except StoreDamagedError:
        return _keep_aside(path, now_s)
    return None


def _check(path: Path) -> None:
    """Bring it up to date and read it as its readers will. Raises StoreError."""
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
        raise translate(error, path) from None
    with StoreReader.open(path) as reader:
        reader.check()


def _check_writable(connection: sqlite3.Connection, path: Path) -> None:
    """A write that is taken back. Raises StoreDamagedError where the header alone forbids it."""
    try:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("DELETE FROM status")
    except sqlite3.OperationalError as error:
        refused = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_READONLY
        if refused and os.access(path, os.W_OK) and os.access(path.parent, os.W_OK):
            raise damaged(path, "its header forbids writing") from None
        raise
    connection.execute("ROLLBACK")


def _keep_aside(path: Path, now_s: float) -> Path:
    aside = aside_path(path, now_s)
    for companion in COMPANIONS:
        part = path.with_name(path.name + companion)
        if part.exists():
            part.replace(aside.with_name(aside.name + companion))
    fsync_path(path.parent)
    return aside
