"""Recording what a command did to a run: by the daemon if one runs, else in the store itself."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
from filelock import Timeout, UnixFileLock

from daemon.base.identity import lock_is_held
from daemon.base.leftovers import half_removed
from daemon.base.paths import StatePaths
from daemon.base.seat import asker
from daemon.protocol.control import RunRemovedRequest
from daemon.store.reader import StoreError
from daemon.store.records import Body
from daemon.store.writer import StoreWriter
from landerctl.operations.daemon_client import DaemonUnreachableError, request
from landerctl.operations.runs.removal import Removed, finish_removals

LOCK_TIMEOUT_S = 1.0  # `landerctl status` tests the lock by taking it for an instant


def record_removal(paths: StatePaths, removed: Removed) -> str | None:
    """Record the event `run.removed`; returns why it could not be, or None."""
    what = RunRemovedRequest(removed.run_id, removed.name, removed.bytes, removed.backups)
    try:
        if lock_is_held(paths):
            list(request(paths, what))
            return None
        with UnixFileLock(paths.lock, timeout=LOCK_TIMEOUT_S, mode=0o600):
            text, body = msgspec.structs.replace(what, user=asker(os.environ)).event()
            return add_event(paths, "run.removed", text, removed.run_id, body)
    except (DaemonUnreachableError, OSError, Timeout) as error:
        return str(error)


def finish_killed_removals(paths: StatePaths, directory: Callable[[], Path]) -> None:
    """Finish and record the removals that were killed. `directory` returns that of the backups.

    Raises Failure.
    """
    if half_removed(paths.runs):
        for one in finish_removals(paths, directory()):
            record_removal(paths, one)


def add_event(paths: StatePaths, name: str, text: str, run_id: str, body: Body) -> str | None:
    """Write an event of a run; the caller holds the daemon's lock. Returns why it could not."""
    try:
        writer = StoreWriter.open(paths.store)
    except (StoreError, sqlite3.Error) as error:
        return str(error)
    try:
        writer.add_event(name, text, time_s=time.time(), run_id=run_id, body=body)
    except sqlite3.Error as error:
        return f"{paths.store}: {error}"
    finally:
        writer.close()
    return None
