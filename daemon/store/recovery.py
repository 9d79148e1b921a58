"""Before a supervisor opens the store: it is checked, and brought up to date or kept aside."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from daemon.files import fsync_path
from daemon.store.schema import StoreDamagedError, check_version, migrate, translate

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
        with closing(sqlite3.connect(path, timeout=BUSY_TIMEOUT_S)) as connection:
            version = check_version(connection, path)
            found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            if found == "ok" and version > 0:
                migrate(connection, version)
        if found == "ok":
            return None
    except sqlite3.Error as error:
        reason = translate(error, path)
        if not isinstance(reason, StoreDamagedError):
            raise reason from None
    stamp = datetime.fromtimestamp(now_s, UTC).strftime("%Y%m%dT%H%M%SZ")
    aside = path.with_name(f"{path.name}.damaged-{stamp}")
    for companion in COMPANIONS:
        part = path.with_name(path.name + companion)
        if part.exists():
            part.replace(aside.with_name(aside.name + companion))
    fsync_path(path.parent)
    return aside
